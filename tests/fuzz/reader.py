"""Checks that must hold for any input of the SGF reader, and mutated inputs."""

import io
import random
import zlib
from collections.abc import Sequence
from pathlib import Path

from goengine.data.sgf.dates import parse_date
from goengine.data.sgf.game_info import parse_rank, parse_result
from goengine.data.sgf.main_line import read_main_line
from goengine.data.sgf.plain_games import read_plain
from goengine.data.sgf.records import record_from_sgf, record_to_sgf
from goengine.data.sources.reader import Sources, games_in_stream
from goengine.errors import GoEngineError

MAX_INPUT = 4096  # bytes: a few hundred moves


def read_text(data: bytes) -> int:
    """Read a text as `build_table` does, check each game, and return their number.

    Raises:
        Exception: an AssertionError or any other, if the reader has a bug.
    """
    count = 0
    for sgf in games_in_stream(io.BytesIO(data)):  # type: ignore[arg-type]
        count += 1
        read_game(sgf)
    return count


def read_game(sgf: bytes) -> None:
    """Read one game and check the record."""
    refusal = ""
    try:
        record = record_from_sgf(sgf)
    except GoEngineError as error:
        refusal = str(error)
    if refusal:
        assert refusal.partition(":")[0] in REFUSALS, refusal
        return
    points = record.size**2
    assert all(0 <= move <= points for move in record.moves)
    assert all(0 <= stone < points for stone in (*record.setup_black, *record.setup_white))
    assert record.fault == "" or record.fault.partition(":")[0] in FAULTS, record.fault
    parse_result(record.result)
    parse_date(record.date)
    parse_rank(record.black_rank)
    if (plain := read_plain(sgf)) is not None:
        assert plain == read_main_line(sgf)
    if zlib.crc32(sgf) % 4:  # writing takes as long as all other checks
        return
    again = record_from_sgf(record_to_sgf(record))
    for name in ("size", "moves", "first_player", "setup_black", "setup_white", "komi", "handicap"):
        assert getattr(again, name) == getattr(record, name), name


REFUSALS = ("no SGF game", "not Go", "board size", "rectangular board", "bad point")
FAULTS = ("bad SGF", "bad point", "late setup", "two moves")


def read_file(path: Path, data: bytes) -> int:
    """Write data to a file, read it through `Sources`, and return the number of games."""
    path.write_bytes(data)
    return sum(1 for _ in Sources([path]).games(lambda _: None))


def mutated(seeds: Sequence[bytes], rng: random.Random, size: int = 300) -> bytes:
    """Return about `size` bytes of one or two seeds, with some bytes changed."""
    text = bytearray(piece(rng.choice(seeds), rng, size))
    for _ in range(1 << rng.randrange(5)):
        change = rng.randrange(7)
        at = rng.randrange(len(text) + 1)
        if change == 0 and text:
            text[at % len(text)] = rng.randrange(256)
        elif change == 1:
            text[at:at] = rng.choice(TOKENS)
        elif change == 2:
            del text[at : at + rng.choice((1, 1, 2, 5, 40))]
        elif change == 3:
            other = rng.choice(seeds)
            start = rng.randrange(len(other) + 1)
            text[at:at] = other[start : start + rng.randrange(60)]
        elif change == 4 and text:
            text[at % len(text)] ^= 1 << rng.randrange(8)
        elif change == 5:
            text[at:at] = text[at : at + rng.randrange(30)] * rng.choice((1, 2, 9))
        else:
            text[at : at + 2] = rng.randbytes(2)
    return bytes(text[:MAX_INPUT])


def piece(seed: bytes, rng: random.Random, size: int) -> bytes:
    """Return a short text as a whole, or the head and another part of a long one."""
    if len(seed) <= size or rng.random() < size / 7500:
        return seed[:MAX_INPUT]
    head = rng.randrange(size // 8, size)
    start = rng.randrange(head, len(seed))
    return seed[:head] + seed[start : start + rng.randrange(size)]


TOKENS = (
    *(b"(;", b"(", b")", b";", b"[", b"]", b"\\", b"\\]", b"[]", b"]]", b"[[", b"\x00", b"\n", b" ", b":"),
    *(
        b"B[",
        b"W[",
        b"AB[",
        b"AW[",
        b"AE[",
        b"B[tt]",
        b"W[]",
        b"AB[aa:ss]",
        b"PL[W]",
        b"SZ[",
        b"SZ[9:13]",
        b"SZ[25]",
    ),
    *(
        b"KM[",
        b"KM[375]",
        b"HA[",
        b"HA[x]",
        b"RE[",
        b"CA[Shift_JIS]",
        b"CA[Big5]",
        b"CA[GB18030]",
        b"CA[UTF-16]",
    ),
    *(
        b"CA[",
        b"\x95\x5c",
        b"\xb2\x5b",
        b"\x81\x5d",
        b"\xe9]",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"(;GM[1]",
        b"C[x",
        b"FF[1]",
    ),
)

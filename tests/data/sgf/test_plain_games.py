"""The fast reader of plain games, compared with sgfmill."""

import bz2
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sgfmill import sgf
from support import shared_dir

from goengine.data.sgf.main_line import MainLine, read_main_line
from goengine.data.sgf.plain_games import read_plain
from goengine.data.sources.reader import Sources


def same(plain: MainLine, text: bytes) -> bool:
    """Return whether sgfmill reads the same moves, root and size, and `read_main_line` the same line."""
    game = sgf.Sgf_game.from_bytes(text, override_encoding="ISO-8859-1")
    size = game.get_size()
    moves = [node.get_move() for node in game.main_sequence_iter()]
    letters = "".join(colour.upper() for colour, _ in moves if colour)
    points = [
        size * size if point is None else (size - 1 - point[0]) * size + point[1]
        for colour, point in moves
        if colour
    ]
    root = game.get_root()
    values = {name: root.get_raw(name) for name in root.properties()}
    return (
        (plain.size, plain.colours, plain.points) == (size, letters.encode(), points)
        and {**plain.root, "CA": b""} == {**values, "CA": b""}  # sgfmill writes CA itself
        and plain == read_main_line(text)
    )


def share_of_plain_games(texts: list[bytes]) -> float:
    """Return the share of games that are plain, and check that sgfmill reads them the same."""
    plain_games = [(plain, text) for text in texts if (plain := read_plain(text))]
    for plain, text in plain_games:
        assert same(plain, text), text
    return len(plain_games) / len(texts)


PLAIN = [
    "(;;B[aa];W[bb])",
    "(;GM[1]FF[4]SZ[19]PB[Ann (9d)]C[;B[x];B[ab];W[tt];B[];W[ss])",
    "(;SZ[9];W[ab];W[ac];B[ii])",
    " ( \n; SZ[19]\r\nKM[6.5]\n ;B[ab]\r\n;W[tt]\n;B[] )\n",
    "(;SZ[19]\n;B[pd]BL[29.5];W[dd]WL[30]OW[3]\n\n;B[]BL[1])",
    "(;SZ[21];B[tt];W[uu])",
]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_games_are_read_as_sgfmill_reads_them(text: str) -> None:
    plain = read_plain(text.encode())
    assert plain
    assert same(plain, text.encode())


NOT_PLAIN = [
    "(;B[zz])",
    "(;SZ[21];B[])",  # tt is a point of this board
    "(;SZ[9];B[jj])",
    "(;AB[aa];W[bb])",
    "(;B[aa];W[bb]",
    "(;B[aa](;W[bb]))",
    "(;B[aa]C[hi];W[bb])",
    "(;B[aa]W[bb])",
    "(;B[pd]B[dd];W[aa])",
    "(;KM[6]KM[7];B[pd])",
    "(;C[a\\];B[pd];W[aa])",
    "(;SZ[9])",
    "",
]


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_games_that_are_not_plain_give_none(text: str) -> None:
    assert read_plain(text.encode()) is None


PIECES = [
    ";B[",
    ";W[",
    "pd",
    "dd",
    "tt",
    "]",
    "]\n",
    "BL[3]",
    "SZ[9]",
    "C[x]",
    "(;",
    ")",
    " ",
    "AB[aa]",
    "PB[",
    "\\",
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_sgfmill_reads_the_same_from_any_text(pieces: list[str]) -> None:
    text = "(;GM[1]" + "".join(pieces) + ";B[aa])"
    plain = read_plain(text.encode())
    assert plain is None or same(plain, text.encode())


def games(path: Path) -> list[bytes]:
    return [game.sgf for game in Sources([path]).games(lambda _: None)]


def test_all_real_games_are_plain() -> None:
    text = bz2.decompress((shared_dir() / "games" / "test.sgf.bz2").read_bytes())
    plain_games = [b"(;" + game for game in text.split(b"\n(;")[1:250]]
    assert share_of_plain_games(plain_games) == 1


@pytest.mark.slow
def test_nearly_all_games_of_every_file_are_plain() -> None:
    for path in sorted((shared_dir() / "games").rglob("*.bz2")):
        assert share_of_plain_games(games(path)[::20]) > 0.99, path


def test_sgfmill_reads_the_same_from_unusual_games() -> None:
    assert (
        share_of_plain_games([game for path in (shared_dir() / "sgf-zoo").iterdir() for game in games(path)])
        > 0.5
    )

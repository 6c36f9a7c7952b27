"""One game record, read from SGF and written to SGF.

Points are integers, row * size + column with row 0 at the top; a pass is size * size.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from sgfmill import sgf, sgf_grammar

from goengine.board import BLACK, WHITE, opponent
from goengine.errors import GoEngineError
from goengine.points import MAX_SIZE, MIN_SIZE, pass_move

_COLOUR_NAMES = {BLACK: "B", WHITE: "W"}


@dataclass(frozen=True, slots=True)
class GameRecord:
    """A game as it was played, and what its record says about it.

    Moves alternate strictly from `first_player`: where a record has two moves of one colour in a row,
    a pass of the other colour stands between them. Texts are as written, empty where the record is silent;
    `data.facts` and `data.dates` say what they mean.

    `fault` says why the moves end before the record does, `""` where they are whole. Like a reason to leave a
    game out it begins with its kind: `bad point: move 5 lies off the board`.
    """

    size: int
    moves: tuple[int, ...]
    first_player: int = BLACK
    setup_black: tuple[int, ...] = ()
    setup_white: tuple[int, ...] = ()
    handicap: int = 0
    komi: float | None = None
    rules: str = ""
    date: str = ""
    result: str = ""
    black_name: str = ""
    white_name: str = ""
    black_rank: str = ""
    white_rank: str = ""
    event: str = ""
    source: str = ""
    index: int = 0
    fault: str = ""

    @property
    def positions(self) -> int:
        """The number of moves that are no passes."""
        return len(self.moves) - self.moves.count(pass_move(self.size))


_TEXTS = {
    "rules": "RU",
    "date": "DT",
    "result": "RE",
    "black_name": "PB",
    "white_name": "PW",
    "black_rank": "BR",
    "white_rank": "WR",
    "event": "EV",
}


def record_from_sgf(text: bytes, source: str = "", index: int = 0) -> GameRecord:
    """Read the main line of one SGF game; `source` and `index` say where it came from.

    Setup stones (AB, AW, AE) count wherever they stand before the first move. Texts are decoded as the CA
    property says; where it is missing, unknown or wrong, as UTF-8 if they are valid UTF-8, else ISO-8859-1.

    A game is kept up to a move off the board, a node with moves of both colours, or stones set up after the
    first move; the record's `fault` then says which. Does not check that moves are legal.

    Raises GoEngineError if the text is no SGF, the game is not Go, the board is not square or not of size
    2 to 25, or a setup stone is off the board.
    """
    return _read_plain(text, source, index) or _read_any(text, source, index)


def record_to_sgf(record: GameRecord) -> bytes:
    """Write a record as one SGF game in UTF-8, ending with a newline."""
    game = sgf.Sgf_game(size=record.size, encoding="UTF-8")
    root = game.get_root()
    for field, identifier in _TEXTS.items():
        if getattr(record, field):
            root.set(identifier, getattr(record, field))
    if record.komi is not None:
        root.set("KM", record.komi)
    if record.handicap >= 2:
        root.set("HA", record.handicap)
    if record.setup_black or record.setup_white:
        root.set_setup_stones(
            [_to_sgfmill(point, record.size) for point in record.setup_black],
            [_to_sgfmill(point, record.size) for point in record.setup_white],
        )
    if record.first_player != BLACK:
        root.set("PL", "w")
    colour = record.first_player
    for move in record.moves:
        node = game.extend_main_sequence()
        node.set_move(_COLOUR_NAMES[colour].lower(), _to_sgfmill(move, record.size))
        colour = opponent(colour)
    return game.serialise()


# Most records in large collections are one root node without setup stones and then nothing but moves (and
# clock times). A regular expression reads them, some ten times as fast as a parser; whatever it does not
# match exactly goes to sgfmill. The tests hold that both ways give equal records.

_PLAIN_GAME = re.compile(
    rb"\s*\(\s*;((?:\s*[A-Z]{2}\[[^\x00-\x1f\\\]]*\])*+)"
    rb"((?:\s*;\s*[BW]\[[a-y]{2}\](?:\s*(?:BL|WL|OB|OW)\[[0-9.]*\])*+)++)\s*\)\s*"
)
_PLAIN_PROPERTY = re.compile(rb"([A-Z]{2})\[([^\]]*)\]")
_PLAIN_MOVE = re.compile(rb";\s*([BW]\[[a-y]{2})")
_SETUP = {"AB", "AW", "AE"}


def _read_plain(text: bytes, source: str, index: int) -> GameRecord | None:
    match = _PLAIN_GAME.fullmatch(text)
    if match is None:
        return None
    properties = _PLAIN_PROPERTY.findall(match[1])
    root = {identifier.decode("ascii"): value for identifier, value in properties}
    if len(root) < len(properties) or not _SETUP.isdisjoint(root):
        return None
    size = _board_size(root)
    table = _plain_moves(size)
    try:
        moves = [table[word] for word in _PLAIN_MOVE.findall(match[2])]
    except KeyError:
        return None  # off the board: sgfmill says which
    return _record(root, size, moves, (), (), source, index)


@cache
def _plain_moves(size: int) -> dict[bytes, tuple[int, int]]:
    """(colour, point) of every move on the board, by its text without the last bracket: `B[pd`."""
    letters = [bytes([ord("a") + i]) for i in range(size)]
    table = {
        name + b"[" + letters[column] + letters[row]: (colour, row * size + column)
        for colour, name in ((BLACK, b"B"), (WHITE, b"W"))
        for row in range(size)
        for column in range(size)
    }
    if size <= 19:  # FF[3] wrote a pass as tt, which boards up to 19x19 still do
        table |= {b"B[tt": (BLACK, pass_move(size)), b"W[tt": (WHITE, pass_move(size))}
    return table


def _read_any(text: bytes, source: str, index: int) -> GameRecord:
    try:
        tree = sgf_grammar.parse_sgf_game(text)
    except ValueError as error:
        raise GoEngineError(f"bad SGF: {error}") from None
    root = {identifier: values[0] for identifier, values in tree.sequence[0].items()}
    size = _board_size(root)
    tree.sequence[0]["SZ"] = [str(size).encode()]
    # Moves are ASCII in every encoding that SGF can be read in, and ISO-8859-1 takes any byte.
    game = sgf.Sgf_game.from_coarse_game_tree(tree, override_encoding="ISO-8859-1")
    moves: list[tuple[int, int]] = []
    stones: dict[int, int] = {}
    fault = ""
    for node in game.main_sequence_iter():
        if node.has_setup_stones():
            if moves:
                fault = f"late setup: stones are set up after move {len(moves)}"
                break
            sets = _read_property(node.get_setup_stones, "a setup stone before the first move")
            for colour, points in zip((BLACK, WHITE, None), sets, strict=True):
                for point in points:
                    if colour is None:
                        stones.pop(_from_sgfmill(point, size), None)
                    else:
                        stones[_from_sgfmill(point, size)] = colour
        if node.has_property("B") and node.has_property("W"):
            fault = "two moves: both colours move in one node"
            break
        try:
            name, point = _read_property(node.get_move, f"move {len(moves) + 1}")
        except GoEngineError as error:
            fault = str(error)
            break
        if name is not None:
            moves.append((BLACK if name == "b" else WHITE, _from_sgfmill(point, size)))
    black = tuple(sorted(point for point, colour in stones.items() if colour == BLACK))
    white = tuple(sorted(point for point, colour in stones.items() if colour == WHITE))
    return _record(root, size, moves, black, white, source, index, fault)


T = TypeVar("T")


def _read_property(get: Callable[[], T], what: str) -> T:
    try:
        return get()
    except ValueError:
        raise GoEngineError(f"bad point: {what} lies off the board") from None


def _record(
    root: dict[str, bytes],
    size: int,
    moves: list[tuple[int, int]],
    setup_black: tuple[int, ...],
    setup_white: tuple[int, ...],
    source: str,
    index: int,
    fault: str = "",
) -> GameRecord:
    if "GM" in root and _number(root, "GM") != 1:
        raise GoEngineError("not Go: the GM property names another game")
    if moves:
        first_player = moves[0][0]
    else:
        first_player = WHITE if root.get("PL", b"").strip()[:1].upper() == b"W" else BLACK
    komi = _number(root, "KM")
    handicap = _number(root, "HA")
    decode = _decoder(root.get("CA", b""))
    return GameRecord(
        size=size,
        moves=_alternating(moves, size),
        first_player=first_player,
        setup_black=setup_black,
        setup_white=setup_white,
        handicap=int(handicap) if handicap is not None and 0 <= handicap <= MAX_SIZE**2 else 0,
        komi=komi,
        source=source,
        index=index,
        fault=fault,
        **{field: decode(root[name]) if name in root else "" for field, name in _TEXTS.items()},
    )


def _alternating(moves: Iterable[tuple[int, int]], size: int) -> tuple[int, ...]:
    result: list[int] = []
    last = None
    for colour, point in moves:
        if colour == last:
            result.append(size * size)
        result.append(point)
        last = colour
    return tuple(result)


def _board_size(root: dict[str, bytes]) -> int:
    text = root.get("SZ", b"19").strip()
    size = int(text) if re.fullmatch(rb"[0-9]{1,3}", text) else 0
    if not MIN_SIZE <= size <= MAX_SIZE:
        shown = text[:20].decode("ascii", "replace")
        raise GoEngineError(f"board size: {shown!r} is not an integer from {MIN_SIZE} to {MAX_SIZE}")
    return size


def _number(root: dict[str, bytes], identifier: str) -> float | None:
    """The number that a property holds, None where it is missing or no number."""
    try:
        value = float(root[identifier].strip().replace(b",", b"."))
    except (KeyError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _decoder(charset: bytes) -> Callable[[bytes], str]:
    encodings = [charset.strip().decode("ascii", "replace")] if charset.strip() else []

    def decode(value: bytes) -> str:
        plain = sgf_grammar.simpletext_value(value) if _NEEDS_CLEANING.search(value) else value
        for encoding in (*encodings, "UTF-8"):
            try:
                return plain.decode(encoding).strip()
            except (UnicodeDecodeError, LookupError):
                continue
        return plain.decode("ISO-8859-1").strip()

    return decode


_NEEDS_CLEANING = re.compile(rb"[\\\x00-\x1f]")


def _from_sgfmill(point: tuple[int, int] | None, size: int) -> int:
    """sgfmill counts rows from the bottom; None is its pass."""
    return pass_move(size) if point is None else (size - 1 - point[0]) * size + point[1]


def _to_sgfmill(point: int, size: int) -> tuple[int, int] | None:
    return None if point == pass_move(size) else (size - 1 - point // size, point % size)

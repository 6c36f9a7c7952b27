"""One game record, read from SGF and written to SGF.

Points are integers, row * size + column with row 0 at the top; a pass is size * size. sgfmill is imported
where SGF is read and written, and so are the libraries that tell encodings and unpack files: a machine that
trains on a game table needs none of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from goengine.colours import BLACK, WHITE, opponent
from goengine.data.sgf.encodings import utf8_game
from goengine.data.sgf.facts import parse_handicap, parse_komi
from goengine.data.sgf.main_line import MainLine, read_main_line
from goengine.data.sgf.plain_games import read_plain
from goengine.points import pass_move

_COLOUR_NAMES = {BLACK: "B", WHITE: "W"}


@dataclass(frozen=True, slots=True)
class GameRecord:
    """A game as it was played, and what its record says about it.

    Moves alternate strictly from `first_player`: where a record has two moves of one colour in a row,
    a pass of the other colour stands between them. Texts are as written, empty where the record is silent;
    `goengine.data.sgf.facts` and `goengine.data.sgf.dates` say what they mean.

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
    place: str = ""
    source: str = ""
    index: int = 0
    fault: str = ""

    @property
    def positions(self) -> int:
        """The number of moves that are no passes."""
        return len(self.moves) - self.moves.count(pass_move(self.size))


FAULT = "FAULT"
"""A property of the root, goengine's own, that keeps a record's `fault`."""

_TEXTS = {
    "rules": "RU",
    "date": "DT",
    "result": "RE",
    "black_name": "PB",
    "white_name": "PW",
    "black_rank": "BR",
    "white_rank": "WR",
    "event": "EV",
    "place": "PC",
}


def record_from_sgf(text: bytes, source: str = "", index: int = 0) -> GameRecord:
    """Read the main line of one SGF game, FF[1] to FF[4]; `source` and `index` say where it came from.

    Setup stones (AB, AW, AE) count wherever they stand before the first move. Texts are decoded as
    `goengine.data.sgf.encodings` says. The number of handicap stones is that of the stones on the board where
    it can be told: Black's, if White has none and begins; else Black's moves before White's first; else what
    HA says.

    A game is kept up to a move off the board, a node of several moves, stones set up after the first move, or
    damage; the record's `fault` then says which. Brackets missing at the end are none. A record that was kept
    up to a fault before it was written as SGF has that fault again.

    Raises GoEngineError if the text holds no game, the game is not Go, the board is not square or not of
    size 2 to 25, or a setup stone is off the board. Does not check that moves are legal.
    """
    text = utf8_game(text)
    return _record(read_plain(text) or read_main_line(text), source, index)


def record_to_sgf(record: GameRecord) -> bytes:
    """Write a record as one SGF game in UTF-8, ending with a newline.

    `record_from_sgf` reads it back, but for the source and the index.
    """
    from sgfmill import sgf

    game = sgf.Sgf_game(size=record.size, encoding="UTF-8")
    root = game.get_root()
    for field, identifier in _TEXTS.items():
        if getattr(record, field):
            root.set(identifier, getattr(record, field))
    if record.komi is not None:
        root.set("KM", record.komi)
    if record.fault:
        root.set(FAULT, record.fault)
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
    node = root
    for move in record.moves:
        node = node.new_child()
        node.set_move(_COLOUR_NAMES[colour].lower(), _to_sgfmill(move, record.size))
        colour = opponent(colour)
    return game.serialise()


def _record(line: MainLine, source: str, index: int) -> GameRecord:
    root, size = line.root, line.size
    black = tuple(sorted(point for point, colour in line.setup.items() if colour == BLACK))
    white = tuple(sorted(point for point, colour in line.setup.items() if colour == WHITE))
    if line.colours:
        first_player = BLACK if line.colours[:1] == b"B" else WHITE
    else:
        first_player = WHITE if root.get("PL", b"").strip()[:1].upper() == b"W" else BLACK
    named = parse_handicap(_text(root["HA"])) if "HA" in root else None
    if "RD" in root:  # as the Nihon Ki-in writes its games
        theirs = {"DT": "RD", "EV": "TE", "KM": "KO"}
        root = {name: root[own] for name, own in theirs.items() if own in root} | dict(root)
    komi = root.get("KM")
    return GameRecord(
        size=size,
        moves=_alternating(line.colours, line.points, size),
        first_player=first_player,
        setup_black=black,
        setup_white=white,
        handicap=_handicap(named or 0, black, white, first_player, line.colours),
        komi=parse_komi(_text(komi)) if komi else None,
        source=source,
        index=index,
        fault=line.fault or (_text(root[FAULT]) if FAULT in root else ""),
        **{field: _text(root[name]) if name in root else "" for field, name in _TEXTS.items()},
    )


def _handicap(
    named: int,
    black: Sequence[int],
    white: Sequence[int],
    first_player: int,
    colours: bytes,
) -> int:
    if len(black) >= 2 and not white and (named >= 2 or first_player == WHITE):
        return len(black)
    if not black and not white:
        run = len(colours) - len(colours.lstrip(b"B"))
        if 2 <= run <= 9:
            return run
    return named if named >= 2 else 0


def _alternating(colours: bytes, points: list[int], size: int) -> tuple[int, ...]:
    if b"BB" not in colours and b"WW" not in colours:
        return tuple(points)
    result: list[int] = []
    last = None
    for colour, point in zip(colours, points, strict=True):
        if colour == last:
            result.append(pass_move(size))
        result.append(point)
        last = colour
    return tuple(result)


def _text(value: bytes) -> str:
    """A property's value as text without escapes and line breaks, of SGF in UTF-8."""
    if _NEEDS_CLEANING.search(value):
        from sgfmill import sgf_grammar

        value = sgf_grammar.simpletext_value(value)
    return value.decode("utf-8", "replace").strip()


_NEEDS_CLEANING = re.compile(rb"[\\\x00-\x1f]")


def _to_sgfmill(point: int, size: int) -> tuple[int, int] | None:
    return None if point == pass_move(size) else (size - 1 - point // size, point % size)

"""The record of one game, and how it is read from and written to SGF.

Points are integers, row * size + column with row 0 at the top; a pass is size * size. The libraries that
parse SGF, detect encodings and unpack archives are imported where they are used, because a machine that only
trains on a game table does not need them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from goengine.colours import BLACK, WHITE, opponent
from goengine.data.sgf.encodings import utf8_game
from goengine.data.sgf.game_info import parse_handicap, parse_komi
from goengine.data.sgf.main_line import MainLine, read_main_line
from goengine.data.sgf.plain_games import read_plain
from goengine.points import pass_move

_COLOUR_NAMES = {BLACK: "B", WHITE: "W"}


@dataclass(frozen=True, slots=True)
class GameRecord:
    """A game: its moves, and what its record says about it.

    Texts are as written in the record, or "" if it has none; `goengine.data.sgf.game_info` and
    `goengine.data.sgf.dates` parse them.

    Attributes:
        size: board size.
        moves: points and passes. Colours alternate, starting with `first_player`; between two moves of one
            colour in the record, a pass of the other colour is inserted.
        first_player: BLACK or WHITE.
        setup_black: Black's stones set up before the first move, handicap stones included.
        setup_white: White's stones set up before the first move.
        handicap: number of handicap stones, 0 if there are none.
        komi: points, or None if the record names none.
        rules: the RU property.
        date: the DT property.
        result: the RE property.
        black_name: the PB property.
        white_name: the PW property.
        black_rank: the BR property.
        white_rank: the WR property.
        event: the EV property.
        place: the PC property.
        source: the file, or archive and member, that holds the game.
        index: number of the game in it, from 0.
        fault: why the moves end before the record does, or "". Like a reject reason it begins with its kind:
            ``bad point: move 5 is off the board``.
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
        """The number of moves that are not passes."""
        return len(self.moves) - self.moves.count(pass_move(self.size))


FAULT = "FAULT"
"""A private property of the root that stores a record's `fault`."""

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
    """Read the main line of one SGF game, FF[1] to FF[4]. It does not check that moves are legal.

    Setup stones (AB, AW, AE) may be in any node before the first move. The text may have any encoding (see
    `goengine.data.sgf.encodings`).

    The number of handicap stones is the number of Black's setup stones if White has none and moves first;
    else the number of Black's moves before White's first; else the HA property.

    A move off the board, a node with several moves, setup stones after the first move, or damage end the
    moves; `fault` then says which. Missing brackets at the end are not a fault. `record_to_sgf` preserves a
    fault.

    Args:
        text: the SGF text.
        source: stored in the record.
        index: stored in the record.

    Raises:
        GoEngineError: if the text holds no game, the game is not Go, the board is not square or its size not
            2 to 25, or a setup stone is off the board.
    """
    text = utf8_game(text)
    return _record(read_plain(text) or read_main_line(text), source, index)


def record_to_sgf(record: GameRecord) -> bytes:
    """Write a record as one SGF game in UTF-8, ending with a newline.

    `record_from_sgf` reads the same record, except for `source` and `index`.
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
    return bytes(game.serialise())


def _record(line: MainLine, source: str, index: int) -> GameRecord:
    root, size = line.root, line.size
    black = tuple(sorted(point for point, colour in line.setup.items() if colour == BLACK))
    white = tuple(sorted(point for point, colour in line.setup.items() if colour == WHITE))
    if line.colours:
        first_player = BLACK if line.colours[:1] == b"B" else WHITE
    else:
        first_player = WHITE if root.get("PL", b"").strip()[:1].upper() == b"W" else BLACK
    ha = parse_handicap(_text(root["HA"])) if "HA" in root else None
    if "RD" in root:  # the private properties of the Nihon Ki-in
        private = {"DT": "RD", "EV": "TE", "KM": "KO"}
        root = {name: root[theirs] for name, theirs in private.items() if theirs in root} | dict(root)
    komi = root.get("KM")
    return GameRecord(
        size=size,
        moves=_alternating(line.colours, line.points, size),
        first_player=first_player,
        setup_black=black,
        setup_white=white,
        handicap=_handicap(ha or 0, black, white, first_player, line.colours),
        komi=parse_komi(_text(komi)) if komi else None,
        source=source,
        index=index,
        fault=line.fault or (_text(root[FAULT]) if FAULT in root else ""),
        **{field: _text(root[name]) if name in root else "" for field, name in _TEXTS.items()},
    )


def _handicap(
    ha: int,
    black: Sequence[int],
    white: Sequence[int],
    first_player: int,
    colours: bytes,
) -> int:
    """Return the number of handicap stones; `ha` is the HA property."""
    if len(black) >= 2 and not white and (ha >= 2 or first_player == WHITE):
        return len(black)
    if not black and not white:
        run = len(colours) - len(colours.lstrip(b"B"))
        if 2 <= run <= 9:
            return run
    return ha if ha >= 2 else 0


def _alternating(colours: bytes, points: list[int], size: int) -> tuple[int, ...]:
    """Return the moves, with passes inserted so that the colours alternate."""
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
    """Decode a property value in UTF-8, and remove escapes and line breaks."""
    if _NEEDS_CLEANING.search(value):
        from sgfmill import sgf_grammar

        value = sgf_grammar.simpletext_value(value)
    return value.decode("utf-8", "replace").strip()


_NEEDS_CLEANING = re.compile(rb"[\\\x00-\x1f]")


def _to_sgfmill(point: int, size: int) -> tuple[int, int] | None:
    return None if point == pass_move(size) else (size - 1 - point // size, point % size)

"""A Go board: positions, legal moves, playing and counting."""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from goengine.colours import BLACK, COLOUR_NAMES, EMPTY, WHITE, opponent
from goengine.data.sgf.collection import split_collection
from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.errors import GoEngineError, IllegalMoveError
from goengine.game.diagrams import star_points, svg_diagram, text_diagram
from goengine.game.rules import Rules, check_komi, get_rules
from goengine.kernel import moves as kernel_moves
from goengine.kernel.score import owners
from goengine.kernel.state import (
    CAPTURED_BY,
    COLOUR,
    HASH,
    HEAD,
    KO,
    LIBERTIES,
    MAX_PLY,
    NEXT,
    NO_POINT,
    TO_PLAY,
    WORDS,
    Position,
    new_position,
    set_up,
)
from goengine.points import check_size, format_vertex, parse_vertex, pass_move

__all__ = ["BLACK", "COLOUR_NAMES", "EMPTY", "WHITE", "Board", "PointLike", "opponent", "star_points"]

PointLike = int | str | tuple[int, int]
"""A point as an integer (row * size + column), a vertex ("Q16") or a (row, column) pair, row 0 at the top.
A pass is the integer size * size or the text "pass"."""

_SGF_TEXT = re.compile(r"\ufeff?\s*\(\s*;")


class Board:
    """A position and the moves that led to it.

    Methods take a point as an integer, a vertex or a (row, column) pair:

    >>> board = Board(9, komi=6.5)
    >>> board.play("E5")
    >>> board.play((2, 2))  # row 2 from the top, column 2 from the left: C7
    >>> board.colour_at("C7") == WHITE
    True
    >>> [board.vertex(point) for _, point in board.moves]
    ['E5', 'C7']
    >>> board.is_legal("E5")
    False

    Two boards are equal if they have the same size, stones, player to move, ko point, rules and komi; the
    moves that led to them may differ. Boards are mutable, so they cannot be keys of a dictionary.

    Attributes:
        size: The number of rows and of columns.
        komi: Points that White receives.
        rules: The `Rules` in force.
    """

    def __init__(self, size: int = 19, komi: float = 7.5, rules: str | Rules = "chinese") -> None:
        """Make an empty board with Black to play.

        Args:
            size: From 2 to 25.
            komi: Points for White.
            rules: A rule set, or the name of one in `goengine.RULES`.

        Raises:
            GoEngineError: If the size is out of range, komi is not a finite number or the rules are unknown.
        """
        self.size = check_size(size)
        self.komi = check_komi(komi)
        self.rules = get_rules(rules)
        self._cells, self._sets, self._near = new_position(size)
        self._moves: list[tuple[int, int]] = []
        self._setup: tuple[list[int], list[int], int] = ([], [], BLACK)
        self._history = [self._sets[HASH]]  # hashes of all positions so far, the present one last

    @classmethod
    def from_sgf(
        cls,
        source: str | bytes | Path,
        game: int = 1,
        plies: int | None = None,
        rules: str | Rules = "chinese",
    ) -> Self:
        """Read a position from an SGF file or text.

        >>> print(Board.from_sgf("(;SZ[5];B[cc];W[bd];B[dd])", plies=2))
           A B C D E
         5 . . . . . 5
         4 . . . . . 4
         3 . . X . . 3
         2 .(O). . . 2
         1 . . . . . 1
           A B C D E

        Compressed files and archives are read by `goengine.data`.

        Args:
            source: The path of a file, or SGF itself: bytes, or a text that begins with "(;".
            game: Which game of the collection, counted from 1.
            plies: The number of moves and passes to play; None for all of them.
            rules: As for an empty board. The record's own rules are not used.

        Returns:
            The position on the game's main line, with the record's komi (7.5 where it names none).

        Raises:
            GoEngineError: If the file cannot be read, there is no such game or position, the record is
                damaged before that position, or a move is illegal.
        """
        is_text = isinstance(source, bytes) or (isinstance(source, str) and _SGF_TEXT.match(source))
        name = "SGF" if is_text else str(source)
        if isinstance(source, bytes):
            sgf = source
        elif is_text:
            sgf = str(source).encode()
        else:
            try:
                sgf = Path(source).read_bytes()
            except OSError as error:
                raise GoEngineError(f"{name}: cannot be read ({error.strerror})") from error
        text = next(islice(split_collection([sgf]), game - 1, None), None) if game >= 1 else None
        if text is None:
            raise GoEngineError(f"{name}: there is no game {game}")
        try:
            record = record_from_sgf(text, name, game - 1)
        except GoEngineError as error:
            raise GoEngineError(f"{name}, game {game}: {error}") from error
        if record.fault and (plies is None or plies > len(record.moves)):
            raise GoEngineError(f"{name}, game {game}: {record.fault}")
        return cls.from_record(record, plies, rules)

    @classmethod
    def from_record(
        cls, record: GameRecord, plies: int | None = None, rules: str | Rules = "chinese"
    ) -> Self:
        """Play a game record up to a position.

        Args:
            record: The game, with setup stones and komi (7.5 where it names none).
            plies: The number of moves and passes to play; None for all of them.
            rules: As for an empty board. The record's own rules are not used.

        Raises:
            GoEngineError: If the record has fewer plies, an impossible setup stone or an illegal move.
        """
        where = f"{record.source}, index {record.index}"
        if plies is not None and not 0 <= plies <= len(record.moves):
            raise GoEngineError(
                f"{where}: there is no position after {plies} plies, the game has {len(record.moves)}"
            )
        board = cls(record.size, 7.5 if record.komi is None else record.komi, rules)
        try:
            board.setup(record.setup_black, record.setup_white, record.first_player)
            for move in record.moves[:plies]:
                board.play(move)
        except GoEngineError as error:
            raise GoEngineError(f"{where}, move {board.ply + 1}: {error}") from error
        return board

    # The position

    @property
    def arrays(self) -> Position:
        """The cells, sets and near table of this board, for compiled code (see `goengine.kernel.state`)."""
        return Position(self._cells, self._sets, self._near)

    @property
    def stones(self) -> NDArray[np.int8]:
        """A copy of the stones: int8 [size, size] of EMPTY, BLACK and WHITE; row 0 is the top."""
        points = self.size**2
        return self._cells[COLOUR : COLOUR + points].astype(np.int8).reshape(self.size, self.size)

    @property
    def to_play(self) -> int:
        """The player to move: BLACK or WHITE."""
        return int(self._cells[TO_PLAY])

    @property
    def ply(self) -> int:
        """The number of moves and passes played."""
        return len(self._moves)

    @property
    def moves(self) -> list[tuple[int, int]]:
        """The moves and passes played, as (colour, point); `vertex` names a point."""
        return list(self._moves)

    @property
    def last_move(self) -> int | None:
        """The point of the last ply, size * size for a pass, None before the first."""
        return self._moves[-1][1] if self._moves else None

    @property
    def ko_point(self) -> int | None:
        """The point that simple ko forbids to the player to move."""
        point = int(self._cells[KO])
        return None if point == NO_POINT else point

    @property
    def captures(self) -> dict[int, int]:
        """The number of stones that each colour has captured; a suicide counts for the opponent."""
        return {colour: int(self._cells[CAPTURED_BY + colour]) for colour in (BLACK, WHITE)}

    @property
    def setup_stones(self) -> tuple[list[int], list[int]]:
        """The points of Black's and of White's setup stones."""
        black, white, _ = self._setup
        return list(black), list(white)

    @property
    def handicap(self) -> int:
        """The number of handicap stones: Black's setup stones where White has none, 0 for fewer than two."""
        black, white, _ = self._setup
        return len(black) if len(black) > 1 and not white else 0

    @property
    def is_over(self) -> bool:
        """Whether the last two plies were passes."""
        return len(self._moves) > 1 and self._moves[-1][1] == self._moves[-2][1] == pass_move(self.size)

    def vertex(self, point: PointLike) -> str:
        """Return the name of a point, such as "Q16", or "pass".

        Raises:
            GoEngineError: If the point is neither on the board nor a pass.
        """
        return format_vertex(self._point(point), self.size)

    def colour_at(self, point: PointLike) -> int:
        """Return EMPTY, BLACK or WHITE.

        Raises:
            GoEngineError: If the point is off the board.
        """
        return int(self._cells[COLOUR + self._on_board(point)])

    def liberties(self, point: PointLike) -> int:
        """Return the number of liberties of the chain on this point.

        Raises:
            GoEngineError: If the point holds no stone.
        """
        return int(self._cells[LIBERTIES + self._head(point)])

    def chain(self, point: PointLike) -> list[int]:
        """Return the points of the chain on this point, ascending.

        Raises:
            GoEngineError: If the point holds no stone.
        """
        head = self._head(point)
        stones = [head]
        while (following := int(self._cells[NEXT + stones[-1]])) != head:
            stones.append(following)
        return sorted(stones)

    # Playing

    def play(self, move: PointLike, colour: int | None = None) -> None:
        """Play a move or a pass. The other player is to move afterwards.

        Args:
            move: A point or a pass.
            colour: Who plays; the player to move unless given.

        Raises:
            IllegalMoveError: If the rules forbid the move; the board is unchanged.
            GoEngineError: If there is no such point or colour.
        """
        colour = self._player(colour)
        point = self._point(move)
        if self.ply >= MAX_PLY:
            raise GoEngineError(f"a game has at most {MAX_PLY} plies")
        if reason := self._why_illegal(point, colour):
            vertex = format_vertex(point, self.size)
            raise IllegalMoveError(f"{COLOUR_NAMES[colour]} cannot play {vertex}: {reason}")
        kernel_moves.play_move(self._cells, self._sets, self._near, point, colour)
        self._moves.append((colour, point))
        self._history.append(self._sets[HASH])

    def is_legal(self, move: PointLike, colour: int | None = None) -> bool:
        """Return whether the rules in force allow a move; a pass is always legal.

        Raises:
            GoEngineError: If there is no such point or colour.
        """
        return not self._why_illegal(self._point(move), self._player(colour))

    def legal_moves(self) -> NDArray[np.bool_]:
        """Return where the player to move may play: bool [size * size]. A pass is legal too."""
        mask = np.empty(self.size**2, np.bool_)
        kernel_moves.legal_mask(self._cells, self._near, self.rules.suicide, mask)
        if self.rules.ko == "positional":
            mask &= ~_as_mask(self.banned_points(), self.size)
        return mask

    def sensible_moves(self) -> NDArray[np.bool_]:
        """Return the legal moves that do not fill a true eye of the player to move: bool [size * size]."""
        mask = self.legal_moves()
        kernel_moves.drop_true_eyes(self._cells, self._near, mask)
        return mask

    def banned_points(self) -> NDArray[np.uint64]:
        """Return the points that superko forbids to the player to move, as a set: uint64 [WORDS]."""
        banned = np.zeros(WORDS, np.uint64)
        if self.rules.ko == "positional":
            history = np.array(self._history, np.uint64)
            kernel_moves.ban_repetition(
                self._cells, self._sets, self._near, self.rules.suicide, history, banned
            )
        return banned

    def undo(self) -> None:
        """Undo the last move or pass.

        Raises:
            GoEngineError: If no move was played.
        """
        if not self._moves:
            raise GoEngineError("there is no move to undo")
        moves = self._moves[:-1]
        fresh = Board(self.size, self.komi, self.rules)
        black, white, first = self._setup
        fresh.setup(black, white, first)
        for colour, point in moves:
            kernel_moves.play_move(fresh._cells, fresh._sets, fresh._near, point, colour)
        self._cells, self._sets = fresh._cells, fresh._sets
        self._moves = moves
        self._history.pop()

    def copy(self) -> Self:
        """Return an independent copy of the board."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._cells, other._sets = self._cells.copy(), self._sets.copy()
        other._moves = list(self._moves)
        other._history = list(self._history)
        return other

    def setup(self, black: Iterable[PointLike], white: Iterable[PointLike], to_play: int = BLACK) -> None:
        """Put setup stones on a board before the first move, in place of earlier setup stones.

        Args:
            black: Points of Black's stones.
            white: Points of White's stones.
            to_play: Who moves first.

        Raises:
            GoEngineError: If moves were played, a point is off the board or taken twice, or a chain would
                have no liberty; the board is unchanged.
        """
        if self._moves:
            raise GoEngineError("stones are set up before the first move, not after it")
        self._player(to_play)
        position = new_position(self.size)
        stones = [[self._on_board(point) for point in points] for points in (black, white)]
        for colour, points in zip((BLACK, WHITE), stones, strict=True):
            for point in points:
                if not set_up(position, point, colour):
                    vertex = format_vertex(point, self.size)
                    taken = position.cells[COLOUR + point] != EMPTY
                    what = "is taken" if taken else "would leave a chain without liberties"
                    raise GoEngineError(f"{COLOUR_NAMES[colour]} cannot be set up at {vertex}, which {what}")
        position.cells[TO_PLAY] = to_play
        self._cells, self._sets, _ = position
        self._setup = (stones[0], stones[1], to_play)
        self._history = [self._sets[HASH]]

    # Counting

    def owner(self, dead: Iterable[PointLike] = ()) -> NDArray[np.uint8]:
        """Return the owner of each point by area counting.

        Args:
            dead: Points of stones that count as captured. All other stones count as alive.

        Returns:
            uint8 [size * size] of BLACK, WHITE and EMPTY, for points that border on both colours or on none.
        """
        mask = np.zeros(self.size**2, np.bool_)
        for point in dead:
            mask[self._on_board(point)] = True
        out = np.zeros(self.size**2, np.uint8)
        owners(self._cells, self._near, mask, out)
        return out

    def area_score(self, dead: Iterable[PointLike] = ()) -> float:
        """Return Black's area less White's area and komi, in points (Tromp-Taylor).

        Args:
            dead: Points of stones that count as captured.
        """
        owner = self.owner(dead)
        return int((owner == BLACK).sum()) - int((owner == WHITE).sum()) - self.komi

    def territory_score(self, dead: Iterable[PointLike] = ()) -> float:
        """Return Black's territory and prisoners less White's and komi, in points (Japanese counting).

        Points surrounded in seki are counted, unlike under the Japanese rules.

        Args:
            dead: Points of stones that count as captured.
        """
        points = sorted({self._on_board(point) for point in dead})
        owner = self.owner(points)
        stones = self.stones.ravel()
        alive = stones != EMPTY
        alive[points] = False
        score = 0
        for colour, sign in ((BLACK, 1), (WHITE, -1)):
            prisoners = self.captures[colour] + int((stones[points] == opponent(colour)).sum())
            score += sign * (int(((owner == colour) & ~alive).sum()) + prisoners)
        return score - self.komi

    def score(self, dead: Iterable[PointLike] = ()) -> float:
        """Return the score under the rules in force, positive where Black is ahead.

        Args:
            dead: Points of stones that count as captured.
        """
        return self.area_score(dead) if self.rules.scoring == "area" else self.territory_score(dead)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Board):
            return NotImplemented
        return (
            (self.size, self.komi, self.rules) == (other.size, other.komi, other.rules)
            and (self.to_play, self.ko_point) == (other.to_play, other.ko_point)
            and np.array_equal(self.stones, other.stones)
        )

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        """Return a diagram with coordinates: X Black, O White, + a star point, the last move in brackets."""
        return text_diagram(self.stones, self.last_move)

    def _repr_svg_(self) -> str:
        """Return a picture of the board, which notebooks show."""
        return svg_diagram(self.stones, self.last_move)

    def __repr__(self) -> str:
        return f"<Board {self.size}x{self.size}, ply {self.ply}, {COLOUR_NAMES[self.to_play]} to play>"

    # Helpers

    def _player(self, colour: int | None) -> int:
        if colour is None:
            return self.to_play
        if colour not in (BLACK, WHITE):
            raise GoEngineError(f"colour {colour!r} is neither Black ({BLACK}) nor White ({WHITE})")
        return int(colour)

    def _point(self, point: PointLike) -> int:
        """Return the integer of a point or a pass."""
        if isinstance(point, str):
            return parse_vertex(point, self.size)
        if isinstance(point, tuple):
            if len(point) != 2 or not all(0 <= line < self.size for line in point):
                raise GoEngineError(
                    f"{point} is off the {self.size}x{self.size} board; expected (row, column) from 0"
                )
            row, column = point
            return int(row) * self.size + int(column)
        if not 0 <= point <= pass_move(self.size):
            raise GoEngineError(f"point {point} is off the {self.size}x{self.size} board")
        return int(point)

    def _on_board(self, point: PointLike) -> int:
        """Return the integer of a point, which must not be a pass."""
        number = self._point(point)
        if number == pass_move(self.size):
            raise GoEngineError(f"point {point} is off the {self.size}x{self.size} board")
        return number

    def _head(self, point: PointLike) -> int:
        number = self._on_board(point)
        if self._cells[COLOUR + number] == EMPTY:
            raise GoEngineError(f"there is no stone at {format_vertex(number, self.size)}")
        return int(self._cells[HEAD + number])

    def _why_illegal(self, point: int, colour: int) -> str:
        """Return why a move is illegal, or an empty text."""
        if point == pass_move(self.size):
            return ""
        if self._cells[COLOUR + point] != EMPTY:
            return "the point is taken"
        if colour == self.to_play and point == self.ko_point:
            return "ko"
        if not kernel_moves.is_legal_move(self._cells, self._near, point, colour, self.rules.suicide):
            return "suicide"
        if self.rules.ko == "positional":
            after = kernel_moves.hash_after(self._cells, self._sets, self._near, point, colour)
            if after in self._history:
                return "superko, the position has occurred before"
        return ""


def _as_mask(words: NDArray[np.uint64], size: int) -> NDArray[np.bool_]:
    bits = np.unpackbits(words.view(np.uint8), bitorder="little")
    return bits[: size * size].astype(np.bool_)

"""A Go board to play on: thin and friendly over the compiled rules."""

from collections.abc import Iterable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError, IllegalMoveError
from goengine.game.rules import Rules, check_komi, get_rules
from goengine.kernel import moves as kernel_moves
from goengine.kernel.score import owners
from goengine.kernel.state import (
    BLACK,
    CAPTURED_BY,
    COLOUR,
    EMPTY,
    HASH,
    HEAD,
    KO,
    LIBERTIES,
    MAX_PLY,
    NEXT,
    NO_POINT,
    TO_PLAY,
    WHITE,
    WORDS,
    near_table,
    new_position,
    set_up,
)
from goengine.points import COLUMN_LETTERS, check_size, format_vertex, parse_vertex, pass_move

_NO_LOG = np.zeros(1, np.uint64)  # a board plays; only reading ahead keeps a log

COLOUR_NAMES = {BLACK: "Black", WHITE: "White"}

__all__ = ["BLACK", "COLOUR_NAMES", "EMPTY", "WHITE", "Board", "opponent", "star_points"]


def opponent(colour: int) -> int:
    """The other colour."""
    return 3 - colour


def star_points(size: int) -> list[int]:
    """The marked points of a board: nine on large odd boards, five on 9x9 and 11x11, fewer where they fit."""
    if size < 7:
        return [size // 2 * size + size // 2] if size % 2 else []
    edge = 3 if size >= 12 else 2
    lines = [edge, size - 1 - edge]
    if size % 2:
        lines.insert(1, size // 2)
    points = [row * size + column for row in lines for column in lines]
    if size % 2 and size < 13:
        return [p for p in points if (p // size == size // 2) == (p % size == size // 2)]
    return points


class Board:
    """A position and the moves that led to it.

    Attributes: size; komi (points for White); rules; to_play (BLACK or WHITE).
    """

    def __init__(self, size: int = 19, komi: float = 7.5, rules: str | Rules = "chinese") -> None:
        """An empty board, Black to play.

        Raises GoEngineError for a size that is not 2 to 25, a komi that is no number, or unknown rules.
        """
        self.size = check_size(size)
        self.komi = check_komi(komi)
        self.rules = get_rules(rules)
        self._near = near_table(size)
        self._cells, self._sets = new_position(size)
        self._moves: list[tuple[int, int]] = []
        self._setup: tuple[list[int], list[int], int] = ([], [], BLACK)
        self._seen = [self._sets[HASH]]  # hashes of all positions so far, this one last

    # What is on the board

    @property
    def arrays(self) -> tuple[NDArray[np.uint16], NDArray[np.uint64], NDArray[np.uint16]]:
        """The cells, sets and near table behind this board, for compiled code (see kernel.state)."""
        return self._cells, self._sets, self._near

    @property
    def stones(self) -> NDArray[np.int8]:
        """A copy of the board: int8 [size, size] of EMPTY, BLACK, WHITE; row 0 is the top."""
        points = self.size**2
        return self._cells[COLOUR : COLOUR + points].astype(np.int8).reshape(self.size, self.size)

    @property
    def to_play(self) -> int:
        """BLACK or WHITE."""
        return int(self._cells[TO_PLAY])

    @property
    def ply(self) -> int:
        """How many moves and passes were played."""
        return len(self._moves)

    @property
    def moves(self) -> list[tuple[int, int]]:
        """What was played: (colour, point) a ply; a pass is size * size."""
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
        """How many stones each colour has captured, suicides counted for the opponent."""
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

    def colour_at(self, point: int) -> int:
        """EMPTY, BLACK or WHITE.

        Raises GoEngineError if the point is off the board.
        """
        return int(self._cells[COLOUR + self._on_board(point)])

    def liberties(self, point: int) -> int:
        """How many liberties the chain on this point has.

        Raises GoEngineError if no stone is there.
        """
        return int(self._cells[LIBERTIES + self._head(point)])

    def chain(self, point: int) -> list[int]:
        """The points of the chain on this point, rising.

        Raises GoEngineError if no stone is there.
        """
        head = self._head(point)
        stones = [head]
        while (following := int(self._cells[NEXT + stones[-1]])) != head:
            stones.append(following)
        return sorted(stones)

    # Playing

    def play(self, move: int | str, colour: int | None = None) -> None:
        """Play a point, a vertex such as "D4", or "pass" (size * size), as one ply.

        colour: who plays; the player to move unless given. The other player is to move afterwards.

        Raises IllegalMoveError, the board unchanged, if the rules forbid it; GoEngineError if there is no
        such point.
        """
        colour = self._player(colour)
        point = self._point(move)
        if self.ply >= MAX_PLY:
            raise GoEngineError(f"a game ends after {MAX_PLY} plies")
        reason = self._why_illegal(point, colour)
        if reason:
            vertex = format_vertex(point, self.size)
            raise IllegalMoveError(f"{COLOUR_NAMES[colour]} cannot play {vertex}: {reason}")
        kernel_moves.play_move(self._cells, self._sets, self._near, _NO_LOG, point, colour)
        self._moves.append((colour, point))
        self._seen.append(self._sets[HASH])

    def is_legal(self, move: int | str, colour: int | None = None) -> bool:
        """Whether the rules in force allow this move; a pass always is.

        Raises GoEngineError if there is no such point.
        """
        return not self._why_illegal(self._point(move), self._player(colour))

    def legal_moves(self) -> NDArray[np.bool_]:
        """Where the player to move may play: bool [size * size]; passing is always legal besides."""
        mask = np.empty(self.size**2, np.bool_)
        kernel_moves.legal_mask(self._cells, self._near, self.rules.suicide, mask)
        if self.rules.ko == "positional":
            mask &= ~_as_mask(self.banned_points(), self.size)
        return mask

    def sensible_moves(self) -> NDArray[np.bool_]:
        """Where the player to move may play without filling a true eye of its own: bool [size * size]."""
        mask = self.legal_moves()
        kernel_moves.drop_true_eyes(self._cells, self._near, mask)
        return mask

    def banned_points(self) -> NDArray[np.uint64]:
        """The set of points that superko forbids to the player to move: uint64 [WORDS]."""
        banned = np.zeros(WORDS, np.uint64)
        if self.rules.ko == "positional":
            seen = np.array(self._seen, np.uint64)
            kernel_moves.ban_repetition(self._cells, self._sets, self._near, self.rules.suicide, seen, banned)
        return banned

    def undo(self) -> None:
        """Take the last move or pass back.

        Raises GoEngineError if there is none.
        """
        if not self._moves:
            raise GoEngineError("there is no move to take back")
        moves = self._moves[:-1]
        fresh = Board(self.size, self.komi, self.rules)
        black, white, first = self._setup
        fresh.setup(black, white, first)
        for colour, point in moves:
            kernel_moves.play_move(fresh._cells, fresh._sets, fresh._near, _NO_LOG, point, colour)
        self._cells, self._sets = fresh._cells, fresh._sets
        self._moves = moves
        self._seen.pop()
        if not moves:
            self._cells[TO_PLAY] = first

    def copy(self) -> Self:
        """A board that can be played on without changing this one."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._cells, other._sets = self._cells.copy(), self._sets.copy()
        other._moves = list(self._moves)
        other._seen = list(self._seen)
        return other

    def setup(self, black: Iterable[int], white: Iterable[int], to_play: int = BLACK) -> None:
        """Put stones on a board on which nothing was played yet, in place of earlier setup stones.

        black, white: points. to_play: who moves first.

        Raises GoEngineError, the board unchanged, if moves were played, a point is off the board or taken
        twice, or a chain would have no liberty.
        """
        if self._moves:
            raise GoEngineError("stones are set up before the first move, not after it")
        self._player(to_play)
        cells, sets = new_position(self.size)
        stones = [list(map(int, black)), list(map(int, white))]
        for colour, points in zip((BLACK, WHITE), stones, strict=True):
            for point in points:
                self._on_board(point)
                if not set_up(cells, sets, self._near, _NO_LOG, point, colour):
                    vertex = format_vertex(point, self.size)
                    what = "is taken" if cells[COLOUR + point] else "would leave a chain without liberties"
                    raise GoEngineError(f"{COLOUR_NAMES[colour]} cannot be set up at {vertex}, which {what}")
        cells[TO_PLAY] = to_play
        self._cells, self._sets = cells, sets
        self._setup = (stones[0], stones[1], to_play)
        self._seen = [sets[HASH]]

    # Counting

    def owner(self, dead: Iterable[int] = ()) -> NDArray[np.uint8]:
        """Whose each point is by area: uint8 [size * size]; EMPTY where nobody's or both's.

        dead: points of stones that count as taken off. The board is otherwise taken as it stands.
        """
        mask = np.zeros(self.size**2, np.bool_)
        for point in dead:
            mask[self._on_board(point)] = True
        out = np.zeros(self.size**2, np.uint8)
        owners(self._cells, self._near, mask, out)
        return out

    def area_score(self, dead: Iterable[int] = ()) -> float:
        """Black's area less White's and the komi, in points (Tromp-Taylor). Positive: Black is ahead."""
        owner = self.owner(dead)
        return int((owner == BLACK).sum()) - int((owner == WHITE).sum()) - self.komi

    def territory_score(self, dead: Iterable[int] = ()) -> float:
        """Black's territory and prisoners less White's and the komi, in points (Japanese counting).

        Points surrounded in seki are counted, which the Japanese rules do not do.
        """
        dead = sorted(set(dead))
        owner = self.owner(dead)
        stones = self.stones.ravel()
        alive = stones != EMPTY
        alive[dead] = False
        score = 0
        for colour, sign in ((BLACK, 1), (WHITE, -1)):
            prisoners = self.captures[colour] + int((stones[dead] == opponent(colour)).sum())
            score += sign * (int(((owner == colour) & ~alive).sum()) + prisoners)
        return score - self.komi

    def score(self, dead: Iterable[int] = ()) -> float:
        """The score under the rules in force, positive where Black is ahead."""
        return self.area_score(dead) if self.rules.scoring == "area" else self.territory_score(dead)

    def __str__(self) -> str:
        """A diagram with coordinates: X Black, O White, + a star point, the last move in brackets."""
        stones = self.stones
        stars = set(star_points(self.size))
        letters = "   " + " ".join(COLUMN_LETTERS[: self.size])
        lines = [letters]
        for row in range(self.size):
            cells = []
            for column in range(self.size):
                point = row * self.size + column
                mark = ".XO"[stones[row, column]]
                cells.append("+" if mark == "." and point in stars else mark)
            text = "".join(f" {mark}" for mark in cells) + " "
            if self.last_move is not None and self.last_move // self.size == row:
                at = 2 * (self.last_move % self.size)
                text = f"{text[:at]}({text[at + 1]}){text[at + 3 :]}"
            lines.append(f"{self.size - row:2}{text}{self.size - row}")
        return "\n".join([*lines, letters])

    def __repr__(self) -> str:
        return f"<Board {self.size}x{self.size}, ply {self.ply}, {COLOUR_NAMES[self.to_play]} to play>"

    # Helpers

    def _player(self, colour: int | None) -> int:
        if colour is None:
            return self.to_play
        if colour not in (BLACK, WHITE):
            raise GoEngineError(f"colour {colour!r} is neither Black ({BLACK}) nor White ({WHITE})")
        return int(colour)

    def _on_board(self, point: int) -> int:
        if not 0 <= point < self.size**2:
            raise GoEngineError(f"point {point} is off the {self.size}x{self.size} board")
        return int(point)

    def _point(self, move: int | str) -> int:
        if isinstance(move, str):
            return parse_vertex(move, self.size)
        return int(move) if move == pass_move(self.size) else self._on_board(move)

    def _head(self, point: int) -> int:
        if self.colour_at(point) == EMPTY:
            raise GoEngineError(f"there is no stone at {format_vertex(point, self.size)}")
        return int(self._cells[HEAD + point])

    def _why_illegal(self, point: int, colour: int) -> str:
        """Why a move is illegal, or an empty text."""
        if point == pass_move(self.size):
            return ""
        cells = self._cells
        if cells[COLOUR + point] != EMPTY:
            return "the point is taken"
        if colour == self.to_play and point == self.ko_point:
            return "ko"
        if not kernel_moves.is_legal_move(self._cells, self._near, point, colour, self.rules.suicide):
            return "suicide"
        if self.rules.ko == "positional":
            after = kernel_moves.hash_after(self._cells, self._sets, self._near, point, colour)
            if after in self._seen:
                return "superko, the position stood on the board before"
        return ""


def _as_mask(words: NDArray[np.uint64], size: int) -> NDArray[np.bool_]:
    bits = np.unpackbits(words.view(np.uint8), bitorder="little")
    return bits[: size * size].astype(np.bool_)

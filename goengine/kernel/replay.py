"""Replay many games at once: how many moves are legal, and when each stone leaves the board."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.kernel.state import (
    BLACK,
    CAPTURED_BY,
    MAX_PLY,
    PLAYED,
    STONES_OF,
    TO_PLAY,
    WHITE,
    WORDS,
    advance,
    clear,
    flip,
    get,
    is_legal,
    new_position,
    set_up,
)
from goengine.points import check_size
from goengine.util.jit import lowest_bit, njit

WHITE_SETUP = 32768  # added to the point of a White setup stone
NEVER = 65535  # greater than every ply


class GameArrays(NamedTuple):
    """The arrays of `Games`, for compiled code. Attributes as there."""

    size: int
    moves: NDArray[np.uint16]
    move_starts: NDArray[np.int64]
    setup: NDArray[np.uint16]
    setup_starts: NDArray[np.int64]
    first_player: NDArray[np.uint8]


class Course(NamedTuple):
    """The result of replaying games by simple ko, with suicide illegal.

    Entries for moves and setup stones of no legal position are undefined.

    Attributes:
        legal: ``int64 [G]``, the number of legal moves from the start of each game; -1 if its setup stones
            are illegal.
        until: ``uint16 [M]``, the ply of its game after which each move's stone is off the board; NEVER if
            it stays, 0 for a pass.
        setup_until: ``uint16 [S]``, the same for setup stones.
    """

    legal: NDArray[np.int64]
    until: NDArray[np.uint16]
    setup_until: NDArray[np.uint16]


@dataclass(frozen=True)
class Games:
    """Games of one board size in flat arrays, which must not be changed.

    Attributes:
        size: the board size.
        moves: ``uint16 [M]``, points, size * size for a pass. Colours alternate from the first player.
        move_starts: ``int64 [G + 1]``, where the moves of each game begin.
        setup: ``uint16 [S]``, points of setup stones, plus WHITE_SETUP for White's.
        setup_starts: ``int64 [G + 1]``, where the setup stones of each game begin.
        first_player: ``uint8 [G]``, BLACK or WHITE.

    Raises:
        GoEngineError: if the arrays do not fit together, or hold a point off the board.
    """

    size: int
    moves: NDArray[np.uint16]
    move_starts: NDArray[np.int64]
    setup: NDArray[np.uint16]
    setup_starts: NDArray[np.int64]
    first_player: NDArray[np.uint8]

    def __post_init__(self) -> None:
        check_size(self.size)
        count = len(self.first_player)
        for values, starts in ((self.moves, self.move_starts), (self.setup, self.setup_starts)):
            if (
                len(starts) != count + 1
                or starts[0] != 0
                or starts[-1] != len(values)
                or (np.diff(starts) < 0).any()
            ):
                raise GoEngineError(f"the game arrays do not describe {count} games")
        if len(self.moves) and int(self.moves.max()) > self.size**2:
            raise GoEngineError(f"a move lies off the {self.size}x{self.size} board")
        if len(self.setup) and int((self.setup & (WHITE_SETUP - 1)).max()) >= self.size**2:
            raise GoEngineError(f"a setup stone lies off the {self.size}x{self.size} board")
        if ((self.first_player != BLACK) & (self.first_player != WHITE)).any():
            raise GoEngineError("a game's first player is neither Black (1) nor White (2)")

    def __len__(self) -> int:
        return len(self.first_player)

    @property
    def arrays(self) -> GameArrays:
        """The arrays, for compiled code."""
        return GameArrays(
            self.size, self.moves, self.move_starts, self.setup, self.setup_starts, self.first_player
        )

    @cached_property
    def course(self) -> Course:
        """The result of replaying the games, computed at the first use."""
        return _replay(self)


def legal_prefix(games: Games) -> NDArray[np.int64]:
    """Return how many moves of each game are legal from its start.

    Simple ko; suicide is illegal.

    Returns:
        ``int64 [G]``, -1 for a game whose setup stones are illegal.
    """
    return _replay(games).legal


def _replay(games: Games) -> Course:
    course = Course(np.empty(len(games), np.int64), np.empty_like(games.moves), np.empty_like(games.setup))
    _replay_games(new_position(games.size), np.empty(3 * WORDS, np.uint64), games.arrays, course)
    return course


@njit
def _begin(position, games, game):
    """Put the setup stones of a game on an empty board; return whether they are legal."""
    clear(position.cells, position.sets, games.size * games.size)
    for i in range(games.setup_starts[game], games.setup_starts[game + 1]):
        value = get(games.setup, i)
        colour = WHITE if value >= WHITE_SETUP else BLACK
        if not set_up(position, value & (WHITE_SETUP - 1), colour):
            return False
    position.cells[TO_PLAY] = games.first_player[game]
    return True


@njit
def _record_captures(position, stones, colour, ply, games, course, game):
    """Write `ply` for every stone of this colour in `stones` that is no longer on the board."""
    cells, sets, _ = position
    start = games.move_starts[game]
    for i in range(WORDS):
        now = sets[(STONES_OF + colour) * WORDS + i]
        captured = stones[colour * WORDS + i] & ~now
        stones[colour * WORDS + i] = now
        while captured != np.uint64(0):
            p = 64 * i + lowest_bit(captured)
            captured &= captured - np.uint64(1)
            played = get(cells, PLAYED + p)
            if played > 0:
                course.until[np.uintp(start + played - 1)] = ply
            else:
                for k in range(games.setup_starts[game], games.setup_starts[game + 1]):
                    if get(games.setup, k) & (WHITE_SETUP - 1) == p:
                        course.setup_until[np.uintp(k)] = ply


@njit
def _replay_games(position, stones, games, course):
    """Fill a Course.

    Args:
        position: overwritten.
        stones: ``uint64 [3 * WORDS]``, overwritten: the set of stones of each colour.
        games: a `GameArrays`.
        course: written.
    """
    cells, sets, near = position
    points = games.size * games.size
    moves = games.moves
    until = course.until
    for game in range(len(games.first_player)):
        course.legal[game] = -1
        if not _begin(position, games, game):
            continue
        for i in range(games.setup_starts[game], games.setup_starts[game + 1]):
            course.setup_until[i] = NEVER
        for i in range(WORDS, 3 * WORDS):
            stones[i] = sets[STONES_OF * WORDS + i]
        ply = 0
        for i in range(games.move_starts[game], games.move_starts[game + 1]):
            move = get(moves, i)
            colour = get(cells, TO_PLAY)
            if ply >= MAX_PLY or (move != points and not is_legal(cells, near, move, colour, False)):
                break
            captured_before = get(cells, CAPTURED_BY + colour)
            advance(cells, sets, near, move, colour)
            ply += 1
            until[i] = 0
            if move != points:
                until[i] = NEVER
                flip(stones, colour, move)
            if get(cells, CAPTURED_BY + colour) != captured_before:
                _record_captures(position, stones, 3 - colour, ply, games, course, game)
        course.legal[game] = ply

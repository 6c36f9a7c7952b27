"""Many games at once, played through: how far each is legal, and how long each stone stays on the board."""

from dataclasses import dataclass
from functools import cached_property

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
    near_table,
    new_log,
    new_position,
    set_up,
)
from goengine.points import check_size
from goengine.util.jit import lowest_bit, njit

WHITE_SETUP = 32768  # added to the point of a White setup stone
NEVER = 65535  # above every ply


@dataclass(frozen=True)
class Games:
    """Games of one board size in flat arrays.

    moves: uint16 [M], points, size * size for a pass; colours alternate from the first player.
    move_starts: int64 [G + 1], where each game's moves begin. setup: uint16 [S], points, WHITE_SETUP
    added for White; setup_starts: int64 [G + 1]. first_player: uint8 [G], 1 Black, 2 White. The arrays are
    not to change.

    Raises GoEngineError if the arrays do not belong together.
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

    @cached_property
    def course(self) -> "Course":
        """What playing the games through once tells of them; done when first asked for."""
        return _play_through(self)


@dataclass(frozen=True)
class Course:
    """How games go by the rules: simple ko, suicide illegal.

    legal: int64 [G], how many moves of a game are legal from its start, -1 where its setup cannot stand.
    until: uint16 [M], after how many plies of its game a move's stone is off the board again; NEVER where it
    stays, 0 for a pass. setup_until: uint16 [S], the same of setup stones. What belongs to no legal position
    is not set.
    """

    legal: NDArray[np.int64]
    until: NDArray[np.uint16]
    setup_until: NDArray[np.uint16]


def legal_prefix(games: Games) -> NDArray[np.int64]:
    """How many moves of each game are legal from its start: int64 [G], -1 where the setup cannot stand.

    Simple ko, suicide illegal.
    """
    return _play_through(games).legal


def _play_through(games: Games) -> Course:
    course = Course(np.empty(len(games), np.int64), np.empty_like(games.moves), np.empty_like(games.setup))
    _play_games(
        *new_position(games.size),
        near_table(games.size),
        new_log(),
        np.empty(3 * WORDS, np.uint64),
        games.size,
        games.moves,
        games.move_starts,
        games.setup,
        games.setup_starts,
        games.first_player,
        course.legal,
        course.until,
        course.setup_until,
    )
    return course


@njit
def _begin(cells, sets, near, log, points, setup, setup_starts, first_player, game):
    """Set a game up. Returns whether its setup stones can stand."""
    clear(cells, sets, points)
    for i in range(setup_starts[game], setup_starts[game + 1]):
        value = get(setup, i)
        colour = WHITE if value >= WHITE_SETUP else BLACK
        if not set_up(cells, sets, near, log, value & (WHITE_SETUP - 1), colour):
            return False
    cells[TO_PLAY] = first_player[game]
    return True


@njit
def _note_captures(
    cells, sets, stones, colour, ply, start, until, setup, setup_start, setup_end, setup_until
):
    """Write of every stone in `stones` that is no more on the board that it left it at this ply."""
    for i in range(WORDS):
        now = sets[(STONES_OF + colour) * WORDS + i]
        gone = stones[colour * WORDS + i] & ~now
        stones[colour * WORDS + i] = now
        while gone != np.uint64(0):
            p = 64 * i + lowest_bit(gone)
            gone &= gone - np.uint64(1)
            played = get(cells, PLAYED + p)
            if played > 0:
                until[np.uintp(start + played - 1)] = ply
            else:
                for k in range(setup_start, setup_end):
                    if get(setup, k) & (WHITE_SETUP - 1) == p:
                        setup_until[np.uintp(k)] = ply


@njit
def _play_games(
    cells,
    sets,
    near,
    log,
    stones,
    size,
    moves,
    move_starts,
    setup,
    setup_starts,
    first_player,
    legal,
    until,
    setup_until,
):
    """Fill in a Course. stones: uint64 [3 * WORDS], scratch for the sets of stones by colour."""
    points = size * size
    for game in range(len(first_player)):
        legal[game] = -1
        if not _begin(cells, sets, near, log, points, setup, setup_starts, first_player, game):
            continue
        setup_start, setup_end = setup_starts[game], setup_starts[game + 1]
        for i in range(setup_start, setup_end):
            setup_until[i] = NEVER
        for i in range(WORDS, 3 * WORDS):
            stones[i] = sets[STONES_OF * WORDS + i]
        start = move_starts[game]
        ply = 0
        for i in range(start, move_starts[game + 1]):
            move = get(moves, i)
            colour = get(cells, TO_PLAY)
            if ply >= MAX_PLY or (move != points and not is_legal(cells, near, move, colour, False)):
                break
            taken = get(cells, CAPTURED_BY + colour)
            advance(cells, sets, near, log, move, colour)
            ply += 1
            until[i] = 0
            if move != points:
                until[i] = NEVER
                flip(stones, colour, move)
            if get(cells, CAPTURED_BY + colour) != taken:
                _note_captures(
                    cells,
                    sets,
                    stones,
                    3 - colour,
                    ply,
                    start,
                    until,
                    setup,
                    setup_start,
                    setup_end,
                    setup_until,
                )
        legal[game] = ply

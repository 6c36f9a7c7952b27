"""Many games at once: how far they are legal, and the planes of positions in them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.jit import njit
from goengine.kernel.encode import encode
from goengine.kernel.scratch import NUM_PLANES, masks, new_bits, new_moves, new_words
from goengine.kernel.state import (
    BLACK,
    MAX_PLY,
    TO_PLAY,
    WHITE,
    advance,
    clear,
    get,
    is_legal,
    near_table,
    new_log,
    new_position,
    set_up,
)
from goengine.points import check_size, symmetry_tables

WHITE_SETUP = 32768  # added to the point of a White setup stone


@dataclass(frozen=True)
class Games:
    """Games of one board size in flat arrays.

    moves: uint16 [M], points, size * size for a pass; colours alternate from the first player.
    move_starts: int64 [G + 1], where each game's moves begin. setup: uint16 [S], points, WHITE_SETUP
    added for White; setup_starts: int64 [G + 1]. first_player: uint8 [G], 1 Black, 2 White.

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


@njit
def _begin(cells, sets, near, log, points, image, setup, setup_starts, first_player, game):
    """Set a game up. Returns whether its setup stones can stand."""
    clear(cells, sets, points)
    for i in range(setup_starts[game], setup_starts[game + 1]):
        value = get(setup, i)
        colour = WHITE if value >= WHITE_SETUP else BLACK
        if not set_up(cells, sets, near, log, get(image, value & (WHITE_SETUP - 1)), colour):
            return False
    cells[TO_PLAY] = first_player[game]
    return True


@njit
def _legal_prefix(
    cells, sets, near, log, size, image, moves, move_starts, setup, setup_starts, first_player, out
):
    points = size * size
    for game in range(len(first_player)):
        if not _begin(cells, sets, near, log, points, image, setup, setup_starts, first_player, game):
            out[game] = -1
            continue
        legal = 0
        for i in range(move_starts[game], move_starts[game + 1]):
            move = get(moves, i)
            colour = get(cells, TO_PLAY)
            if legal >= MAX_PLY or (move != points and not is_legal(cells, near, move, colour, False)):
                break
            advance(cells, sets, near, log, move, colour)
            legal += 1
        out[game] = legal


def legal_prefix(games: Games) -> NDArray[np.int64]:
    """How many moves of each game are legal from its start: int64 [G], -1 where the setup cannot stand.

    Simple ko, suicide illegal.
    """
    out = np.empty(len(games), np.int64)
    _legal_prefix(
        *new_position(games.size),
        near_table(games.size),
        new_log(),
        games.size,
        symmetry_tables(games.size)[0],
        games.moves,
        games.move_starts,
        games.setup,
        games.setup_starts,
        games.first_player,
        out,
    )
    return out


@njit
def _encode_samples(
    cells,
    sets,
    near,
    log,
    mask,
    words,
    bits,
    scratch,
    size,
    images,
    moves,
    move_starts,
    setup,
    setup_starts,
    first_player,
    game_of,
    ply_of,
    symmetry_of,
    out,
):
    """Returns the first row that cannot be encoded, or -1."""
    points = size * size
    current = -1
    symmetry = 0
    ply = 0
    for row in range(len(game_of)):
        game = game_of[row]
        if not 0 <= game < len(first_player):
            return row
        length = move_starts[game + 1] - move_starts[game]
        if not (0 <= ply_of[row] <= length and symmetry_of[row] < 8):
            return row
        image = images[symmetry_of[row]]
        if game != current or symmetry_of[row] != symmetry or ply_of[row] < ply:
            current = game
            symmetry = symmetry_of[row]
            ply = 0
            if not _begin(cells, sets, near, log, points, image, setup, setup_starts, first_player, game):
                return row
        start = move_starts[game]
        while ply < ply_of[row]:
            move = get(image, get(moves, start + ply))
            colour = get(cells, TO_PLAY)
            if ply >= MAX_PLY or (move != points and not is_legal(cells, near, move, colour, False)):
                return row
            advance(cells, sets, near, log, move, colour)
            ply += 1
        encode(cells, sets, near, log, mask, words, bits, scratch, size, False)
        for i in range(out.shape[1]):
            out[row, i] = bits[i]
    return -1


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="encode")


def packed_bytes(size: int) -> int:
    """Bytes of one position's packed planes: 48 * size * size bits, rounded up to whole 64-bit words."""
    return (NUM_PLANES * size * size + 63) // 64 * 8


def encode_samples(
    games: Games,
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
    symmetry: NDArray[np.uint8],
    out: NDArray[np.uint8],
    threads: int = 1,
) -> None:
    """Fill `out` with the packed planes of the position before move `ply` of each game, under a symmetry.

    game, ply: int64 [B]; symmetry: uint8 [B], 0 to 7, see points.symmetry_tables; out: uint8
    [B, packed_bytes(size)], rows contiguous. Neighbouring rows of one game and symmetry with rising
    plies share one replay. Simple ko, suicide illegal.

    Raises GoEngineError if a game or ply does not exist, or a move before it is illegal.
    """
    count = len(game)
    if out.shape != (count, packed_bytes(games.size)) or len(ply) != count or len(symmetry) != count:
        shape = (count, packed_bytes(games.size))
        raise GoEngineError(f"encoding {count} samples wants an output of {shape}, got {out.shape}")
    out_words = out.view(np.uint64)
    images = symmetry_tables(games.size)

    def work(begin: int, end: int) -> int:
        bad = _encode_samples(
            *new_position(games.size),
            near_table(games.size),
            new_log(),
            masks(games.size),
            new_words(),
            new_bits(),
            new_moves(),
            games.size,
            images,
            games.moves,
            games.move_starts,
            games.setup,
            games.setup_starts,
            games.first_player,
            game[begin:end],
            ply[begin:end],
            symmetry[begin:end],
            out_words[begin:end],
        )
        return bad if bad < 0 else begin + bad

    if threads <= 1 or count < 2 * threads:
        failures = [work(0, count)]
    else:
        bounds = np.linspace(0, count, threads + 1).astype(int)
        failures = list(_threads(threads).map(work, bounds[:-1], bounds[1:]))
    for row in failures:
        if row >= 0:
            raise GoEngineError(
                f"game {int(game[row])} has no legal position before move {int(ply[row])}"
                f" (symmetry {int(symmetry[row])})"
            )

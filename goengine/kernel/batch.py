"""Encode positions of many games, each set up from its stones or played on from the one before."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.kernel.encode import encode
from goengine.kernel.replay import WHITE_SETUP, Games
from goengine.kernel.scratch import NUM_PLANES, masks, new_scratch
from goengine.kernel.setup import place
from goengine.kernel.state import (
    BLACK,
    COLOUR,
    EMPTY,
    HEAD,
    KO,
    LIBERTIES,
    NO_POINT,
    OFF_BOARD,
    PLAYED,
    PLY,
    RECENT,
    STONES,
    TO_PLAY,
    WHITE,
    advance,
    clear,
    get,
    new_position,
)
from goengine.points import symmetry_tables
from goengine.util.jit import inline, njit
from goengine.util.parallel import share

_LEAP = 24  # plies; playing at most this many moves is faster than setting up all stones


class Samples(NamedTuple):
    """Positions of games to encode, one a row.

    Attributes:
        game: ``int64 [B]``, the game.
        ply: ``int64 [B]``, how many of its moves are played before.
        symmetry: ``uint8 [B]``, 0 to 7; see `points.symmetry_tables`.
    """

    game: NDArray[np.int64]
    ply: NDArray[np.int64]
    symmetry: NDArray[np.uint8]


@inline
def _put_stones(cells, games, course, image, game, ply):
    """Write the stones on the board before move `ply` of a game, and who is to play.

    Returns:
        How many stones the previous move captured, and the point of one of them.
    """
    setup, until, setup_until = games.setup, course.until, course.setup_until
    captured = 0
    where = NO_POINT
    for i in range(games.setup_starts[game], games.setup_starts[game + 1]):
        value = get(setup, i)
        p = get(image, value & (WHITE_SETUP - 1))
        end = get(setup_until, i)
        stone = WHITE if value >= WHITE_SETUP else BLACK
        cells[np.uintp(COLOUR + p)] = stone if end > ply else EMPTY
        if end == ply:
            captured += 1
            where = p
    moves = games.moves
    start = games.move_starts[game]
    colour = np.int64(games.first_player[game])
    for i in range(start, start + ply):
        p = get(image, get(moves, i))
        end = get(until, i)
        cells[np.uintp(COLOUR + p)] = colour if end > ply else EMPTY
        if end == ply:
            captured += 1
            where = p
        colour = 3 - colour
    cells[TO_PLAY] = colour
    return captured, where


@njit
def _go_to(position, mask, scratch, games, course, image, game, ply):
    """Set up the position before move `ply` of a game, except for its hash and counts of captures."""
    cells, sets, near = position
    size = games.size
    points = size * size
    clear(cells, sets, points)
    captured, where = _put_stones(cells, games, course, image, game, ply)
    cells[COLOUR + points] = OFF_BOARD  # passes have overwritten it
    place(cells, sets, near, mask, scratch.words, scratch.moves, size)
    cells[PLY] = ply
    moves = games.moves
    start = games.move_starts[game]
    for i in range(max(0, ply - 8), ply):
        p = get(image, get(moves, start + i))
        cells[np.uintp(RECENT + ((i + 1) & 7))] = p
        cells[np.uintp(PLAYED + p)] = i + 1
    if captured == 1:
        head = get(cells, HEAD + get(image, get(moves, start + ply - 1)))
        if get(cells, STONES + head) == 1 and get(cells, LIBERTIES + head) == 1:
            cells[KO] = where


@njit
def _encode_samples(position, mask, scratch, images, games, course, samples, out):
    """Encode samples in order.

    Args:
        position: overwritten.
        mask: see `scratch.masks`.
        scratch: a `Scratch`.
        images: of `points.symmetry_tables`.
        games: a `GameArrays`.
        course: of these games.
        samples: a `Samples`.
        out: ``uint64 [B, words]``, written.

    Returns:
        The first row that cannot be encoded, or -1.
    """
    cells, sets, near = position
    bits = scratch.bits
    moves = games.moves
    current = -1
    symmetry = 0
    ply = 0
    for row in range(len(samples.game)):
        game = samples.game[row]
        target = samples.ply[row]
        if not 0 <= game < len(games.first_player):
            return row
        if not (0 <= target <= course.legal[game] and samples.symmetry[row] < 8):
            return row
        image = images[samples.symmetry[row]]
        ahead = target - ply
        if game != current or samples.symmetry[row] != symmetry or ahead < 0 or ahead > _LEAP:
            current = game
            symmetry = samples.symmetry[row]
            ply = target
            _go_to(position, mask, scratch, games, course, image, game, ply)
        start = games.move_starts[game]
        while ply < target:
            advance(cells, sets, near, get(image, get(moves, start + ply)), get(cells, TO_PLAY))
            ply += 1
        encode(position, mask, scratch, games.size, False)
        for i in range(out.shape[1]):
            out[row, i] = bits[i]
    return -1


def packed_bytes(size: int) -> int:
    """Return the bytes of one position's packed planes: 48 * size * size bits in whole 64-bit words."""
    return (NUM_PLANES * size * size + 63) // 64 * 8


def encode_samples(
    games: Games,
    game: NDArray[np.int64],
    ply: NDArray[np.int64],
    symmetry: NDArray[np.uint8],
    out: NDArray[np.uint8],
    threads: int = 1,
) -> None:
    """Encode the position before move `ply` of each game, under a symmetry, as packed planes.

    Simple ko; suicide is illegal. Consecutive rows of one game and symmetry with rising plies are faster:
    they are reached by playing on. The first call for some games replays all of them (`Games.course`), which
    takes about 60 ns a move.

    Args:
        games: the games.
        game: ``int64 [B]``.
        ply: ``int64 [B]``.
        symmetry: ``uint8 [B]``, 0 to 7; see `points.symmetry_tables`.
        out: ``uint8 [B, packed_bytes(size)]``, written; its rows are contiguous.
        threads: how many threads share the work.

    Raises:
        GoEngineError: if a game or ply does not exist, a move before it is illegal, or `out` has another
            shape.
    """
    count = len(game)
    shape = (count, packed_bytes(games.size))
    if out.shape != shape or len(ply) != count or len(symmetry) != count:
        raise GoEngineError(
            f"{count} samples need {count} plies, {count} symmetries and an output of shape {shape};"
            f" got {len(ply)}, {len(symmetry)} and {out.shape}"
        )
    out_words = out.view(np.uint64)
    images = symmetry_tables(games.size)
    course = games.course

    failures: list[int] = []

    def work(_: int, part: slice) -> None:
        failed = _encode_samples(
            new_position(games.size),
            masks(games.size),
            new_scratch(),
            images,
            games.arrays,
            course,
            Samples(game[part], ply[part], symmetry[part]),
            out_words[part],
        )
        if failed >= 0:
            failures.append(part.start + failed)

    share(count, min(threads, count // 2), threads, work)
    if failures:
        row = min(failures)
        raise GoEngineError(
            f"game {int(game[row])} has no legal position before move {int(ply[row])}"
            f" under symmetry {int(symmetry[row])}"
        )

"""The planes of many positions of many games, each reached from the nearest place known."""

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.kernel.encode import encode
from goengine.kernel.replay import WHITE_SETUP, Games
from goengine.kernel.scratch import NUM_PLANES, masks, new_bits, new_moves, new_words
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
    near_table,
    new_log,
    new_position,
)
from goengine.points import symmetry_tables
from goengine.util.jit import inline, njit
from goengine.util.parallel import share

_LEAP = 24  # plies; playing fewer moves is faster than placing all stones anew


@inline
def _put_stones(
    cells,
    image,
    game,
    ply,
    moves,
    move_starts,
    setup,
    setup_starts,
    first_player,
    until,
    setup_until,
):
    """Put down the stones that stand before move `ply` of a game, and set who is to play.

    Returns how many stones the move before took off, and where one of them was.
    """
    taken = 0
    where = NO_POINT
    for i in range(setup_starts[game], setup_starts[game + 1]):
        value = get(setup, i)
        p = get(image, value & (WHITE_SETUP - 1))
        left = get(setup_until, i)
        stone = WHITE if value >= WHITE_SETUP else BLACK
        cells[np.uintp(COLOUR + p)] = stone if left > ply else EMPTY
        if left == ply:
            taken += 1
            where = p
    start = move_starts[game]
    colour = np.int64(first_player[game])
    for i in range(start, start + ply):
        p = get(image, get(moves, i))
        left = get(until, i)
        cells[np.uintp(COLOUR + p)] = colour if left > ply else EMPTY
        if left == ply:
            taken += 1
            where = p
        colour = 3 - colour
    cells[TO_PLAY] = colour
    return taken, where


@njit
def _go_to(
    cells,
    sets,
    near,
    mask,
    words,
    heads,
    size,
    image,
    game,
    ply,
    moves,
    move_starts,
    setup,
    setup_starts,
    first_player,
    until,
    setup_until,
):
    """Set up the position before move `ply` of a game; its hash and counts of captures are not set."""
    points = size * size
    clear(cells, sets, points)
    taken, where = _put_stones(
        cells,
        image,
        game,
        ply,
        moves,
        move_starts,
        setup,
        setup_starts,
        first_player,
        until,
        setup_until,
    )
    cells[COLOUR + points] = OFF_BOARD  # passes have written there
    place(cells, sets, near, mask, words, heads, size)
    cells[PLY] = ply
    start = move_starts[game]
    for i in range(max(0, ply - 8), ply):
        p = get(image, get(moves, start + i))
        cells[np.uintp(RECENT + ((i + 1) & 7))] = p
        cells[np.uintp(PLAYED + p)] = i + 1
    if taken == 1:
        head = get(cells, HEAD + get(image, get(moves, start + ply - 1)))
        if get(cells, STONES + head) == 1 and get(cells, LIBERTIES + head) == 1:
            cells[KO] = where


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
    legal,
    until,
    setup_until,
    game_of,
    ply_of,
    symmetry_of,
    out,
):
    """Returns the first row that cannot be encoded, or -1."""
    current = -1
    symmetry = 0
    ply = 0
    for row in range(len(game_of)):
        game = game_of[row]
        if not 0 <= game < len(first_player):
            return row
        if not (0 <= ply_of[row] <= legal[game] and symmetry_of[row] < 8):
            return row
        image = images[symmetry_of[row]]
        on = ply_of[row] - ply
        if game != current or symmetry_of[row] != symmetry or on < 0 or on > _LEAP:
            current = game
            symmetry = symmetry_of[row]
            ply = ply_of[row]
            _go_to(
                cells,
                sets,
                near,
                mask,
                words,
                scratch,
                size,
                image,
                game,
                ply,
                moves,
                move_starts,
                setup,
                setup_starts,
                first_player,
                until,
                setup_until,
            )
        start = move_starts[game]
        while ply < ply_of[row]:
            advance(cells, sets, near, log, get(image, get(moves, start + ply)), get(cells, TO_PLAY))
            ply += 1
        encode(cells, sets, near, log, mask, words, bits, scratch, size, False)
        for i in range(out.shape[1]):
            out[row, i] = bits[i]
    return -1


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
    plies are reached by playing on. Simple ko, suicide illegal.

    The first call for some games plays them all through once (`Games.course`), about 60 ns a move.

    Raises GoEngineError if a game or ply does not exist, or a move before it is illegal.
    """
    count = len(game)
    if out.shape != (count, packed_bytes(games.size)) or len(ply) != count or len(symmetry) != count:
        shape = (count, packed_bytes(games.size))
        raise GoEngineError(f"encoding {count} samples wants an output of {shape}, got {out.shape}")
    out_words = out.view(np.uint64)
    images = symmetry_tables(games.size)
    course = games.course

    failures: list[int] = []

    def work(_: int, part: slice) -> None:
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
            course.legal,
            course.until,
            course.setup_until,
            game[part],
            ply[part],
            symmetry[part],
            out_words[part],
        )
        if bad >= 0:
            failures.append(part.start + bad)

    share(count, min(threads, count // 2), threads, work)
    if failures:
        row = min(failures)
        raise GoEngineError(
            f"game {int(game[row])} has no legal position before move {int(ply[row])}"
            f" (symmetry {int(symmetry[row])})"
        )

"""The speed of the rules and of the 48 planes, beside sgfmill's boards playing the same games."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sgfmill.boards import Board as SgfmillBoard

from goengine.data.samples import fixed_sample
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE, Board
from goengine.kernel.batch import encode_samples, packed_bytes
from goengine.kernel.replay import WHITE_SETUP, Games, legal_prefix
from goengine.points import pass_move
from goengine.training.bench.measure import Report, Task, measure
from goengine.util.parallel import cores

POSITIONS = 20_000
"""About how many positions of the games are used."""

PER_REPLAY = 8

_SGFMILL = "sgfmill, the rules alone"


def bench_encode(games: Games, seconds: float = 2.0, positions: int = POSITIONS) -> Report:
    """Positions a second of the encoder: along games, and at random as training draws them.

    seconds: how long each figure is measured.

    Raises GoEngineError if a game holds an illegal move, or none holds a move.
    """
    games = _some_games(games, positions)
    rng = np.random.default_rng(0)
    lengths = np.diff(games.move_starts)
    along = _Rows(
        np.repeat(np.arange(len(games)), lengths),
        np.concatenate([np.arange(length) for length in lengths]),
        np.zeros(int(lengths.sum()), np.uint8),
    )
    tasks = [
        _encoding("along a game", games, along),
        _encoding(f"at random, {PER_REPLAY} of a game at once", games, _in_eights(games, rng)),
        _encoding("at random, one by one", games, _at_random(games, rng)),
        Task(_SGFMILL, _sgfmill_replay(games), time.process_time),
    ]
    if cores() > 1:
        tasks.insert(1, _encoding("along a game, 2 threads", games, along, threads=2))
    return Report(
        f"Encoding {games.size}x{games.size} positions into 48 planes",
        "position",
        measure(tasks, seconds),
        _SGFMILL,
        (
            _describe(games),
            "one core's time (for 2 threads the wall clock's); compiling and starting are not counted,",
            "nor is playing the games through once at the start, as fast as `goengine bench play` does it",
        ),
    )


def bench_play(games: Games, seconds: float = 2.0, positions: int = POSITIONS) -> Report:
    """Moves a second of the rules, legality checked: compiled, and through `Board`.

    seconds: how long each figure is measured.

    Raises GoEngineError if a game holds an illegal move, or none holds a move.
    """
    games = _some_games(games, positions)

    def compiled() -> int:
        return int(legal_prefix(games).sum())

    tasks = [
        Task("whole games (legal_prefix)", compiled, time.process_time),
        Task("move by move (Board.play)", _board_replay(games), time.process_time),
        Task(_SGFMILL, _sgfmill_replay(games), time.process_time),
    ]
    return Report(
        f"Playing moves on a {games.size}x{games.size} board",
        "move",
        measure(tasks, seconds),
        _SGFMILL,
        (_describe(games), "seconds of one core's time; sgfmill does not check ko and suicide"),
    )


@dataclass(frozen=True)
class _Rows:
    """Which positions to encode; see `encode_samples`."""

    game: NDArray[np.int64]
    ply: NDArray[np.int64]
    symmetry: NDArray[np.uint8]


def _encoding(name: str, games: Games, rows: _Rows, threads: int = 1) -> Task:
    out = np.empty((len(rows.game), packed_bytes(games.size)), np.uint8)

    def run() -> int:
        encode_samples(games, rows.game, rows.ply, rows.symmetry, out, threads)
        return len(out)

    return Task(name, run, time.process_time if threads == 1 else time.perf_counter)


def _at_random(games: Games, rng: np.random.Generator) -> _Rows:
    game, ply = fixed_sample(games)
    order = rng.permutation(len(game))
    return _Rows(game[order], ply[order], rng.integers(0, 8, len(order), np.uint8))


def _in_eights(games: Games, rng: np.random.Generator) -> _Rows:
    """As many positions again, eight at a time of one game under one symmetry, in rising order."""
    eights = max(1, int(games.move_starts[-1]) // PER_REPLAY)
    lengths = np.diff(games.move_starts)
    game = rng.choice(len(games), eights, p=lengths / lengths.sum())
    ply = np.sort(rng.integers(0, lengths[game][:, None], (eights, PER_REPLAY)), axis=1)
    symmetry = rng.integers(0, 8, eights, np.uint8)
    return _Rows(np.repeat(game, PER_REPLAY), ply.ravel(), np.repeat(symmetry, PER_REPLAY))


def _sgfmill_replay(games: Games) -> Callable[[], int]:
    size = games.size
    records = [
        [
            (size - 1 - point // size, point % size, "bw"[colour - 1])
            for colour, point in moves
            if point != pass_move(size)
        ]
        for moves in map(_moves, [games] * len(games), range(len(games)))
    ]
    stones = [
        [[(size - 1 - point // size, point % size) for point in points] for points in _setup(games, game)]
        for game in range(len(games))
    ]

    def run() -> int:
        for (black, white), moves in zip(stones, records, strict=True):
            board = SgfmillBoard(size)
            board.apply_setup(black, white, [])
            for row, column, colour in moves:
                board.play(row, column, colour)
        return sum(map(len, records))

    return run


def _board_replay(games: Games) -> Callable[[], int]:
    records = [_moves(games, game) for game in range(len(games))]
    stones = [_setup(games, game) for game in range(len(games))]

    def run() -> int:
        for (black, white), moves, first in zip(stones, records, games.first_player, strict=True):
            board = Board(games.size)
            board.setup(black, white, int(first))
            for _, point in moves:
                board.play(point)
        return sum(map(len, records))

    return run


def _moves(games: Games, game: int) -> list[tuple[int, int]]:
    """(colour, point) of each move and pass."""
    points = games.moves[games.move_starts[game] : games.move_starts[game + 1]].tolist()
    first = int(games.first_player[game])
    return [((first, BLACK + WHITE - first)[i % 2], point) for i, point in enumerate(points)]


def _setup(games: Games, game: int) -> tuple[list[int], list[int]]:
    """The points of Black's and of White's setup stones."""
    stones = games.setup[games.setup_starts[game] : games.setup_starts[game + 1]]
    white = stones >= WHITE_SETUP
    return stones[~white].tolist(), (stones[white] - WHITE_SETUP).tolist()


def _some_games(games: Games, positions: int) -> Games:
    """The first games with about that many positions. Raises GoEngineError if they are not legal games."""
    count = int(np.searchsorted(games.move_starts[1:], positions)) + 1
    moves, stones = games.move_starts[: count + 1], games.setup_starts[: count + 1]
    some = replace(
        games,
        moves=games.moves[: moves[-1]],
        move_starts=moves,
        setup=games.setup[: stones[-1]],
        setup_starts=stones,
        first_player=games.first_player[:count],
    )
    if (illegal := some.course.legal < np.diff(some.move_starts)).any():
        raise GoEngineError(f"game {int(illegal.argmax())} cannot be timed: it holds an illegal move")
    if not some.moves.size:
        raise GoEngineError("the games hold no moves to be timed")
    return some


def _describe(games: Games) -> str:
    return f"{len(games):,} games, {int(games.move_starts[-1]):,} positions"

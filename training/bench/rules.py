"""The speed of the rules, the 48 planes and playouts; reference for rules and planes: sgfmill."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sgfmill.boards import Board as SgfmillBoard

from goengine.data.samples import fixed_sample
from goengine.errors import GoEngineError, IllegalMoveError
from goengine.game.board import BLACK, WHITE, Board
from goengine.game.scoring import estimate
from goengine.kernel.batch import encode_samples, packed_bytes
from goengine.kernel.replay import WHITE_SETUP, Games, legal_prefix
from goengine.points import pass_move
from goengine.training.bench.measure import Report, Task, measure
from goengine.util.parallel import cores

POSITIONS = 20_000
"""The approximate number of positions used."""

PER_REPLAY = 8
"""Positions of a game that are encoded together."""

EMPTY = "from the empty board"
"""The name of the reference of playouts."""

_PLAYOUTS = 64  # in a call
_FINISHED_GAMES = 10  # whose last positions playouts start from

_SGFMILL = "sgfmill, the rules alone"


def bench_encode(games: Games, seconds: float = 2.0, positions: int = POSITIONS) -> Report:
    """Measure the positions per second of the encoder: along games, and at random as in training.

    Args:
        games: The games.
        seconds: The time to measure each figure for.
        positions: The approximate number of positions to use.

    Raises:
        GoEngineError: If a game has an illegal move, or there is no move.
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
            "one core's time (for 2 threads wall-clock time), without compiling, starting, and replaying the",
            "games once at the start, whose speed `goengine bench play` measures",
        ),
    )


def bench_play(games: Games, seconds: float = 2.0, positions: int = POSITIONS) -> Report:
    """Measure the moves per second of the rules, including legality: compiled, and by `Board`.

    Args:
        games: The games.
        seconds: The time to measure each figure for.
        positions: The approximate number of positions to use.

    Raises:
        GoEngineError: If a game has an illegal move, or there is no move.
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


def bench_playouts(games: Games, seconds: float = 2.0) -> Report:
    """Measure playouts per second, from the empty board and from the last positions of games.

    Args:
        games: The games; their handicap and setup stones are ignored.
        seconds: The time to measure each figure for.
    """
    empty, finished = Board(games.size), _last_positions(games)

    def from_empty() -> int:
        estimate(empty, _PLAYOUTS)
        return _PLAYOUTS

    def from_finished() -> int:
        for board in finished:
            estimate(board, _PLAYOUTS)
        return _PLAYOUTS * len(finished)

    return Report(
        f"Playouts on a {games.size}x{games.size} board",
        "game",
        measure(
            [
                Task("from the ends of games", from_finished, time.process_time),
                Task(EMPTY, from_empty, time.process_time),
            ],
            seconds,
        ),
        EMPTY,
        (f"one core's time; {_PLAYOUTS} playouts a call, including the ownership of all points",),
    )


def _last_positions(games: Games) -> list[Board]:
    """Return the last positions of the first games, or those before an illegal move."""
    boards = []
    for game in range(min(len(games), _FINISHED_GAMES)):
        board = Board(games.size)
        with contextlib.suppress(IllegalMoveError):
            for move in games.moves[games.move_starts[game] : games.move_starts[game + 1]]:
                board.play(int(move))
        boards.append(board)
    return boards


@dataclass(frozen=True)
class _Rows:
    """The positions to encode, see `encode_samples`."""

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
    """Return the same number of positions, in groups of eight of one game, rising, under one symmetry."""
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
    """Return the colour and the point of each move and pass."""
    points = games.moves[games.move_starts[game] : games.move_starts[game + 1]].tolist()
    first = int(games.first_player[game])
    return [((first, BLACK + WHITE - first)[i % 2], point) for i, point in enumerate(points)]


def _setup(games: Games, game: int) -> tuple[list[int], list[int]]:
    """Return the points of Black's and of White's setup stones."""
    stones = games.setup[games.setup_starts[game] : games.setup_starts[game + 1]]
    white = stones >= WHITE_SETUP
    return stones[~white].tolist(), (stones[white] - WHITE_SETUP).tolist()


def _some_games(games: Games, positions: int) -> Games:
    """Return the first games with about that number of positions; raise GoEngineError if one is illegal."""
    count = int(np.searchsorted(games.move_starts[1:], positions)) + 1
    moves, stones = games.move_starts[: count + 1], games.setup_starts[: count + 1]
    first = replace(
        games,
        moves=games.moves[: moves[-1]],
        move_starts=moves,
        setup=games.setup[: stones[-1]],
        setup_starts=stones,
        first_player=games.first_player[:count],
    )
    if (illegal := first.course.legal < np.diff(first.move_starts)).any():
        raise GoEngineError(f"game {int(illegal.argmax())} has an illegal move")
    if not first.moves.size:
        raise GoEngineError("the games have no moves to measure")
    return first


def _describe(games: Games) -> str:
    return f"{len(games):,} games, {int(games.move_starts[-1]):,} positions"

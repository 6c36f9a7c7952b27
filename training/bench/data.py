"""The speed of data: from game records to tables, and from tables to batches."""

import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from sgfmill.sgf import Sgf_game

from goengine.data.samples import SampleStream
from goengine.data.sources.reader import Sources
from goengine.data.sources.selection import Selection
from goengine.data.table.game_table import GameTable
from goengine.data.table.tasks import make_tasks, process_pool, read_task, run_tasks
from goengine.errors import GoEngineError
from goengine.kernel.batch import encode_samples
from goengine.kernel.replay import Games
from goengine.training.bench.measure import Report, Task, measure
from goengine.util.parallel import cores

SGFMILL_GAMES = 200
"""Games that sgfmill reads in a turn."""

UNPACKED_TASKS = 4
"""Tasks of games that are read in a turn without unpacking."""

BATCH = 2_048
"""Positions in a batch."""

BATCHES = 8
"""Batches in a turn."""

_SGFMILL = "sgfmill: parse, and step through the moves"


def bench_build(path: Path, seconds: float = 2.0) -> Report:
    """Measure the games per second from files to columns, with all moves replayed; reference: sgfmill.

    Args:
        path: The game records.
        seconds: The time to measure each figure for.

    Raises:
        GoEngineError: If there is no game, or for the reasons of `Sources`.
    """
    sources = Sources([path])
    work = partial(read_task, selection=Selection())
    texts = [game.sgf for game, _ in zip(sources.games(lambda _: None), range(SGFMILL_GAMES), strict=False)]
    if not texts:
        raise GoEngineError(f"{path}: there is no game to measure")

    def read_in_process() -> int:
        return sum(len(work(task.events).games) for task in make_tasks(sources))

    unpacked = list(islice(make_tasks(sources), UNPACKED_TASKS))

    def read_unpacked() -> int:
        return sum(len(work(task.events).games) for task in unpacked)

    def sgfmill() -> int:
        for text in texts:
            for node in Sgf_game.from_bytes(text).main_sequence_iter():
                node.get_move()
        return len(texts)

    count = cores()
    with process_pool(count) as executor:

        def read_in_pool() -> int:
            read = run_tasks(make_tasks(sources), work, executor, count)
            return sum(len(result.games) for _, result in read)

        figures = measure(
            [
                Task("from files to columns", read_in_process, time.process_time),
                Task("from unpacked records to columns", read_unpacked, time.process_time),
                Task(f"the same, {count} processes", read_in_pool),
                Task(_SGFMILL, sgfmill, time.process_time),
            ],
            seconds,
        )
    return Report(
        "Reading game records",
        "game",
        figures,
        _SGFMILL,
        (
            f"{path}, {sources.total_bytes / 1e6:.1f} MB on disk",
            f"unpacked, parsed, replayed, in one core's time (for {count} processes the wall clock's)",
            "sgfmill reads unpacked games, and neither replays them nor keeps any data",
        ),
    )


def bench_samples(games: Games, opened: str, seconds: float = 2.0) -> Report:
    """Measure the positions per second of the sampler; reference: the encoder alone on the same positions.

    Args:
        games: The games.
        opened: A note about the games, see `open_table`.
        seconds: The time to measure each figure for.

    Raises:
        GoEngineError: If the games have no position or an illegal move.
    """
    stream = SampleStream(games, seed=0)
    tasks_ = []
    for threads in sorted({1, cores()}):
        tasks_ += [
            Task(f"the encoder alone, {_threads(threads)}", _encoder(stream, threads)),
            Task(f"the sampler, {_threads(threads)}", _sampler(stream, threads)),
        ]
    figures = measure(tasks_, seconds)
    share = figures[-1].rate / figures[-2].rate
    return Report(
        f"Drawing {games.size}x{games.size} batches of {BATCH:,} positions",
        "position",
        figures,
        figures[-2].name,
        (opened, f"the sampler reaches {share:.1%} of the encoder's rate on all cores"),
    )


def open_table(path: Path) -> tuple[Games, str]:
    """Open a table.

    Returns:
        The games, and a note about the time until the table was open and the first sample was drawn.

    Raises:
        GoEngineError: If the table is missing or damaged.
    """
    GameTable.open(path).games.course  # noqa: B018 (writes the file of moves if it is missing)
    begin = time.perf_counter()
    games = GameTable.open(path).games
    stream = SampleStream(games, seed=0)
    opened = time.perf_counter() - begin
    stream.batch(0, 1)
    first = time.perf_counter() - begin
    note = (
        f"{path}: {len(games):,} games, {stream.positions:,} positions; opened in {opened:.2f} s, the first "
        f"sample after {first:.2f} s"
    )
    return games, note


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _sampler(stream: SampleStream, threads: int) -> Callable[[], int]:
    def run() -> int:
        for step in range(BATCHES):
            stream.batch(step, BATCH, threads=threads)
        return BATCHES * BATCH

    return run


def _encoder(stream: SampleStream, threads: int) -> Callable[[], int]:
    drawn = [stream.batch(step, BATCH) for step in range(BATCHES)]
    packed = np.empty_like(drawn[0].packed)

    def run() -> int:
        for batch in drawn:
            encode_samples(stream.games, batch.game, batch.ply, batch.symmetry, packed, threads)
        return BATCHES * BATCH

    return run

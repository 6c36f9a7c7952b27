"""Building a game table from game files."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goengine.data.sources.reader import Reject, Sources
from goengine.data.sources.selection import Selection
from goengine.data.table.arrow import games_from_table
from goengine.data.table.game_table import GameTable
from goengine.data.table.hashes import SeenHashes
from goengine.data.table.load import no_usable_game
from goengine.data.table.parts import Parts
from goengine.data.table.tasks import Result, Task, make_tasks, read_task, run_tasks, without_duplicates
from goengine.data.table.writer import TableWriter, check_table_name
from goengine.points import pass_move
from goengine.util.interrupts import held_interrupt

PART_TASKS = 16
"""Tasks per part. A build that is killed loses at most the games of one part."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a build.

    Attributes:
        games: games read, accepted or rejected, including those that earlier runs read.
        resumed: games that earlier runs read.
        done_bytes: bytes read of the files on disk.
        total_bytes: size of the files on disk.
    """

    games: int
    resumed: int
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The result of a build.

    Attributes:
        games: games in the table.
        positions: moves in the table that are not passes.
        truncated: games in the table that end at a fault.
        rejected: number of rejected games by kind of reason, the most common kind first.
        read: games read, accepted or rejected.
        resumed: those of them that earlier runs read.
        seconds: duration of this run.
    """

    games: int
    positions: int
    truncated: int
    rejected: dict[str, int]
    read: int
    resumed: int
    seconds: float


def build_table(
    out: Path,
    paths: Sequence[Path],
    selection: Selection | None = None,
    dedupe: bool = False,
    executor: Executor | None = None,
    workers: int = 1,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_reject: Callable[[Reject], None] = lambda _: None,
) -> BuildReport:
    """Write a game table of the selected games under some paths, in the order of the files.

    The file is the same, byte for byte, whatever the executor and the number of workers.

    A build that is interrupted or killed leaves its finished parts in the folder ``OUT.parts`` and resumes
    from them when it is called again with the same files, selection and `dedupe`.

    Args:
        out: the table to write, a ``.parquet`` file.
        paths: folders, game files and archives.
        selection: which games to accept; all 19x19 games if None.
        dedupe: keep only the first of games with the same moves.
        executor: parses the games, and is shut down after that; None to parse them in this thread.
        workers: how many tasks the executor runs at a time.
        on_progress: called after each task.
        on_reject: called for each rejected game, in order, when all games are read.

    Raises:
        GoEngineError: if a path does not exist or is not a game file, no game is usable, the executor
            fails, or the table cannot be written. An existing file `out` then stays as it was, as it does
            on KeyboardInterrupt.
    """
    start = time.monotonic()
    selection = selection or Selection()
    check_table_name(out)
    sources = Sources(paths)
    parts = Parts(out, sources.files, (selection, dedupe))
    resumed = parts.read
    _read_parts(parts, sources, selection, dedupe, executor, workers, on_progress)
    if executor is not None:
        executor.shutdown()  # frees the memory of the worker processes before the table is written
    rejected: Counter[str] = Counter()
    first_reject: Reject | None = None
    for reject in parts.rejects():
        first_reject = first_reject or reject
        rejected[reject.kind] += 1
        on_reject(reject)
    games = positions = truncated = 0
    with TableWriter(out) as writer:
        for table in parts.tables():
            games += len(table)
            moves = games_from_table(table, selection.size).moves
            positions += len(moves) - int(np.count_nonzero(moves == pass_move(selection.size)))
            truncated += pc.sum(pc.not_equal(table["fault"], "")).as_py() or 0
            writer.write(table)
        if games == 0:
            parts.remove()
            raise no_usable_game(selection.size, first_reject)
        writer.set_rejected(dict(rejected.most_common()))
    GameTable.open(out).write_moves()
    parts.remove()
    seconds = time.monotonic() - start
    return BuildReport(
        games, positions, truncated, dict(rejected.most_common()), parts.read, resumed, seconds
    )


def _read_parts(
    parts: Parts,
    sources: Sources,
    selection: Selection,
    dedupe: bool,
    executor: Executor | None,
    workers: int,
    on_progress: Callable[[Progress], None],
) -> None:
    """Read the games that are not in the parts yet; also save what was read if an exception ends it."""
    resumed = games = parts.read
    seen = SeenHashes()
    for table in parts.tables() if dedupe else ():
        seen.add(table["hash"].to_numpy())
    pending: list[tuple[Task, Result]] = []

    def save_pending() -> None:
        with held_interrupt():
            if pending:
                parts.add(
                    pa.concat_tables(result.games for _, result in pending),
                    [reject for _, result in pending for reject in result.rejects.values()],
                    pending[-1][0].end,
                    sum(len(task.events) for task, _ in pending),
                )
                pending.clear()

    work = partial(read_task, selection=selection)
    try:
        for task, result in run_tasks(make_tasks(sources, parts.cursor), work, executor, workers):
            if dedupe:
                result = without_duplicates(task.events, result, seen)
            pending.append((task, result))
            if len(pending) == PART_TASKS:
                save_pending()
            games += len(task.events)
            on_progress(Progress(games, resumed, task.done_bytes, sources.total_bytes))
    finally:
        save_pending()

"""From game files to a game table."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.data.sources.bundled import games_path
from goengine.data.sources.selection import Selection
from goengine.data.sources.sources import Reject, SourceGame, Sources
from goengine.data.table.arrow import games_from_table, table_from_records
from goengine.data.table.identity import Seen
from goengine.data.table.legality import cut, faults
from goengine.data.table.parts import Cursor, Parts
from goengine.data.table.players import PLAYER_COLUMNS, Players, players_from_table
from goengine.data.table.table import GameTable, TableWriter, check_table_name, is_table
from goengine.errors import GoEngineError
from goengine.kernel.replay import Games
from goengine.util.interrupts import blocked_interrupt, held_interrupt, ignore_interrupt

TASK_GAMES = 1_000
"""Games that a worker is given at a time, about 0.1 s of work."""

TASK_BYTES = 8 << 20
"""No game is added to a task with that much text."""

PART_TASKS = 16
"""Tasks whose games make a part: what a build that is killed loses, at most."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is.

    Public attributes:
      games -- read so far, kept or not, by earlier runs too
      resumed -- games read by earlier runs
      done_bytes, total_bytes -- of the files on disk
    """

    games: int
    resumed: int
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Public attributes:
      games, positions, cut -- in the table: games, moves that are no passes, games that end at a fault
      rejected -- games left out by kind of reason, the most common first
      read, resumed -- games read, kept or not; those of them that earlier runs have read
      seconds -- that this run took
    """

    games: int
    positions: int
    cut: int
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
    """Write a game table of the games under the paths that are asked for, in their order.

    The executor's `workers` do the reading, and it is shut down after that; without one it is done here. The
    table is the same, byte for byte, whoever does it. With `dedupe` only the first of games that are the same
    is kept.

    A build that is stopped, by KeyboardInterrupt or by force, leaves its finished parts in a folder beside
    `out`, and goes on from there when it is called again with the same files, selection and dedupe. Games
    left out are told to `on_reject` in their order when all are read.

    Raises GoEngineError if a path is missing or no game file, no game is usable, the executor fails, or the
    table cannot be written; then, and on KeyboardInterrupt, a file named `out` from before is as it was.
    """
    begin = time.monotonic()
    selection = selection or Selection()
    check_table_name(out)
    sources = Sources(paths)
    parts = Parts(out, sources.files, (selection, dedupe))
    resumed = parts.read
    _read_parts(parts, sources, selection, dedupe, executor, workers, on_progress)
    if executor is not None:
        executor.shutdown()  # the memory of its processes is free for what follows
    rejected: Counter[str] = Counter()
    first: Reject | None = None
    for reject in parts.rejects():
        first = first or reject
        rejected[reject.kind] += 1
        on_reject(reject)
    games = positions = faulty = 0
    with TableWriter(out) as writer:
        for table in parts.tables():
            games += len(table)
            moves = games_from_table(table, selection.size).moves
            positions += len(moves) - int(np.count_nonzero(moves == selection.size**2))
            faulty += pc.sum(pc.not_equal(table["fault"], "")).as_py() or 0
            writer.write(table)
        if games == 0:
            parts.remove()
            raise GoEngineError(_nothing_usable(selection.size, first))
        writer.note_rejected(dict(rejected.most_common()))
    GameTable.open(out).write_moves()
    parts.remove()
    seconds = time.monotonic() - begin
    return BuildReport(games, positions, faulty, dict(rejected.most_common()), parts.read, resumed, seconds)


def process_pool(processes: int) -> ProcessPoolExecutor:
    """An executor of processes for `build_table`, which are started when they are needed.

    They leave Ctrl-C to this one. The calling program must be importable without side effects, as
    multiprocessing's spawn method asks.
    """
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=ignore_interrupt)


def load_games(path: Path, size: int, on_reject: Callable[[Reject], None] = lambda _: None) -> Games:
    """The games of a game table, or the usable ones under a path of game files, kept in memory.

    path: the word bundled for the games that come with goengine.

    Raises GoEngineError if there is no game of this board size, or what `GameTable.open` and `Sources` raise.
    """
    return load_games_and_players(path, size, on_reject)[0]


def load_games_and_players(
    path: Path, size: int, on_reject: Callable[[Reject], None] = lambda _: None
) -> tuple[Games, Players]:
    """The games as `load_games` gives them, which raises the same, and who played them."""
    games, columns = load_games_and_columns(path, size, PLAYER_COLUMNS, on_reject)
    return games, players_from_table(columns)


def load_games_and_columns(
    path: Path, size: int, names: list[str], on_reject: Callable[[Reject], None] = lambda _: None
) -> tuple[Games, pa.Table]:
    """Return the games as `load_games` does, which raises the same, and the named columns of their table."""
    path = games_path(path)
    if is_table(path):
        table = GameTable.open(path)
        if table.size != size:
            raise GoEngineError(f"{path}: games of {table.size}x{table.size}, expected {size}x{size}")
        return table.games, pa.concat_tables(table.row_groups(names))
    read = [read_task(task.events, Selection(size)) for task in tasks(Sources([path]))]
    rejects = [reject for result in read for reject in result.rejects.values()]
    for reject in rejects:
        on_reject(reject)
    if not any(len(result.games) for result in read):
        raise GoEngineError(_nothing_usable(size, rejects[0]))
    found = pa.concat_tables(result.games for result in read)
    return games_from_table(found, size), found.select(names)


def _nothing_usable(size: int, first: Reject | None) -> str:
    return f"no usable game of {size}x{size}, the first fault: {first}"


_BEGIN = Cursor()

Event = SourceGame | Reject
"""What reading a file meets: a game, or where and why there are no more."""


@dataclass(frozen=True, slots=True)
class Task:
    """Events that follow one another, the place after them, and how much of the files is read then."""

    events: list[Event]
    end: Cursor
    done_bytes: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a task's games gave.

    Public attributes:
      games -- a table of SCHEMA
      rows -- which event each row comes from
      rejects -- games left out, by their event, in rising order
    """

    games: pa.Table
    rows: list[int]
    rejects: dict[int, Reject]


def read_task(events: Sequence[Event], selection: Selection) -> Result:
    """Read the games of a task and replay them. Any process can do that, on any machine."""
    rejects: dict[int, str | Reject] = {}
    rows: list[int] = []
    records: list[GameRecord] = []
    for row, event in enumerate(events):
        if isinstance(event, Reject):
            rejects[row] = event
            continue
        try:
            record = record_from_sgf(event.sgf, event.source, event.index)
        except GoEngineError as error:
            rejects[row] = str(error)
            continue
        if refusal := selection.refusal(record):
            rejects[row] = refusal
        else:
            rows.append(row)
            records.append(record)
    kept: list[GameRecord] = []
    kept_rows: list[int] = []
    for row, record, fault in zip(rows, records, faults(records, selection.size), strict=True):
        if fault and (fault.moves < 1 or not selection.keep_illegal):
            rejects[row] = fault.reason
        elif reason := selection.too_short(fault.moves if fault else len(record.moves)):
            rejects[row] = reason
        else:
            kept.append(cut(record, fault) if fault else record)
            kept_rows.append(row)
    return Result(
        table_from_records(kept),
        kept_rows,
        {row: _reject(events[row], rejects[row]) for row in sorted(rejects)},
    )


def _reject(event: Event, reason: str | Reject) -> Reject:
    return reason if isinstance(reason, Reject) else Reject(event.source, event.index, reason)


def _read_parts(
    parts: Parts,
    sources: Sources,
    selection: Selection,
    dedupe: bool,
    executor: Executor | None,
    workers: int,
    on_progress: Callable[[Progress], None],
) -> None:
    """Read what is not in the parts yet. Whatever ends it, what is read is kept."""
    resumed = games = parts.read
    seen = Seen()
    for table in parts.tables() if dedupe else ():
        seen.first(table["hash"].to_numpy())
    pending: list[tuple[Task, Result]] = []

    def keep() -> None:
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
        for task, result in results(tasks(sources, parts.cursor), work, executor, workers):
            if dedupe:
                result = _without_duplicates(task.events, result, seen)
            pending.append((task, result))
            if len(pending) == PART_TASKS:
                keep()
            games += len(task.events)
            on_progress(Progress(games, resumed, task.done_bytes, sources.total_bytes))
    finally:
        keep()


def tasks(sources: Sources, start: Cursor = _BEGIN) -> Iterator[Task]:
    """The events of the files from a place on; the end of the last task is the end of the last file."""
    events: list[Event] = []
    text = 0
    for number in range(start.file, len(sources.files)):
        skipped = start.events if number == start.file else 0
        for count, event in enumerate(_events(sources, number), start=1):
            if count <= skipped:
                continue
            events.append(event)
            text += len(event.sgf) if isinstance(event, SourceGame) else 0
            if len(events) >= TASK_GAMES or text >= TASK_BYTES:
                yield Task(events, Cursor(number, count), sources.done_bytes)
                events, text = [], 0
    if start.file < len(sources.files):
        yield Task(events, Cursor(len(sources.files)), sources.total_bytes)


def _events(sources: Sources, number: int) -> Iterator[Event]:
    rejects: list[Reject] = []
    for game in sources.games_of_file(number, rejects.append):
        yield from rejects
        rejects.clear()
        yield game
    yield from rejects


def results(
    todo: Iterator[Task],
    work: Callable[[list[Event]], Result],
    executor: Executor | None,
    workers: int,
) -> Iterator[tuple[Task, Result]]:
    """Every task and what came of it, in order, a few of them at work at a time."""
    first = list(islice(todo, 2))
    if executor is None or len(first) < 2:  # starting processes takes longer than one task
        for task in chain(first, todo):
            yield task, work(task.events)
        return
    work([])  # compiles what the workers then find compiled, where the code is new
    waiting: deque[tuple[Task, Future[Result]]] = deque()
    try:
        for task in chain(first, todo):
            with blocked_interrupt():
                waiting.append((task, executor.submit(work, task.events)))
            if len(waiting) > 2 * workers + 1:  # enough to keep all busy, and memory bounded
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
    except BrokenExecutor:
        raise GoEngineError("a process that reads games died, perhaps for want of memory") from None
    finally:
        for _, future in waiting:
            future.cancel()


def _without_duplicates(events: Sequence[Event], result: Result, seen: Seen) -> Result:
    first = seen.first(result.games["hash"].to_numpy())
    if first.all():
        return result
    rejects = dict(result.rejects)
    for row, is_first in zip(result.rows, first.tolist(), strict=True):
        if not is_first:
            rejects[row] = _reject(events[row], "duplicate: the same moves as those of an earlier game")
    rows = [row for row, is_first in zip(result.rows, first.tolist(), strict=True) if is_first]
    return Result(result.games.filter(pa.array(first)), rows, dict(sorted(rejects.items())))

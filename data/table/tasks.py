"""Reading games in tasks of a thousand, in this process, in worker processes or on a Dask cluster."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context

import pyarrow as pa

from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.data.sources.reader import Reject, SourceGame, Sources
from goengine.data.sources.selection import Selection
from goengine.data.table.arrow import table_from_records
from goengine.data.table.hashes import SeenHashes
from goengine.data.table.legality import find_faults, truncate
from goengine.data.table.parts import Cursor
from goengine.errors import GoEngineError
from goengine.util.interrupts import blocked_interrupt, ignore_interrupt

TASK_GAMES = 1_000
"""Games per task, about 0.1 s of work."""

TASK_BYTES = 8 << 20
"""A task that holds this much text is full, however few its games."""

_DASK_TIMEOUT = "10s"
_START = Cursor()

Event = SourceGame | Reject
"""What reading a file yields: a game, or the reason why a game or the rest of the file cannot be read."""


@dataclass(frozen=True, slots=True)
class Task:
    """Consecutive events.

    Attributes:
        events: games and rejects in the order of the files.
        end: the position in the files after the last event.
        done_bytes: bytes of the files that are read at that position.
    """

    events: list[Event]
    end: Cursor
    done_bytes: int


@dataclass(frozen=True, slots=True)
class Result:
    """The games of a task, parsed and checked.

    Attributes:
        games: the accepted games, a table of SCHEMA.
        rows: for each row of `games`, the number of its event in the task.
        rejects: the rejected games by the number of their event, in ascending order.
    """

    games: pa.Table
    rows: list[int]
    rejects: dict[int, Reject]


def make_tasks(sources: Sources, start: Cursor = _START) -> Iterator[Task]:
    """Read the files from a position on and yield their events in tasks.

    The last task ends at the end of the last file; it may hold no event.
    """
    events: list[Event] = []
    text_bytes = 0
    for number in range(start.file, len(sources.files)):
        skipped = start.events if number == start.file else 0
        for count, event in enumerate(_events(sources, number), start=1):
            if count <= skipped:
                continue
            events.append(event)
            text_bytes += len(event.sgf) if isinstance(event, SourceGame) else 0
            if len(events) >= TASK_GAMES or text_bytes >= TASK_BYTES:
                yield Task(events, Cursor(number, count), sources.done_bytes)
                events, text_bytes = [], 0
    if start.file < len(sources.files):
        yield Task(events, Cursor(len(sources.files)), sources.total_bytes)


def read_task(events: Sequence[Event], selection: Selection) -> Result:
    """Parse the games of a task, check that their moves are legal, and select.

    It needs no files, so it can run in any process on any machine.
    """
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
        if reason := selection.reject_reason(record):
            rejects[row] = reason
        else:
            rows.append(row)
            records.append(record)
    accepted: list[GameRecord] = []
    accepted_rows: list[int] = []
    for row, record, fault in zip(rows, records, find_faults(records, selection.size), strict=True):
        if fault and (fault.moves < 1 or not selection.keep_illegal):
            rejects[row] = fault.reason
        elif reason := selection.length_reject_reason(fault.moves if fault else len(record.moves)):
            rejects[row] = reason
        else:
            accepted.append(truncate(record, fault) if fault else record)
            accepted_rows.append(row)
    return Result(
        table_from_records(accepted),
        accepted_rows,
        {row: _reject(events[row], rejects[row]) for row in sorted(rejects)},
    )


def run_tasks(
    tasks: Iterator[Task],
    work: Callable[[list[Event]], Result],
    executor: Executor | None,
    workers: int,
) -> Iterator[tuple[Task, Result]]:
    """Yield every task and its result, in order.

    Args:
        tasks: the tasks; only a few more than there are workers are read ahead.
        work: computes the result of a task's events.
        executor: runs `work`; None for this thread.
        workers: how many tasks the executor runs at a time.

    Raises:
        GoEngineError: if a worker process dies.
    """
    first = list(islice(tasks, 2))
    if executor is None or len(first) < 2:  # starting processes takes longer than one task
        for task in chain(first, tasks):
            yield task, work(task.events)
        return
    work([])  # fills the cache of compiled code, so that the workers do not all compile the same
    waiting: deque[tuple[Task, Future[Result]]] = deque()
    try:
        for task in chain(first, tasks):
            with blocked_interrupt():
                waiting.append((task, executor.submit(work, task.events)))
            if len(waiting) > 2 * workers + 1:  # enough to keep all workers busy with bounded memory
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
    except BrokenExecutor as error:
        raise GoEngineError("a process that reads games died, perhaps because memory ran out") from error
    finally:
        for _, future in waiting:
            future.cancel()


def without_duplicates(events: Sequence[Event], result: Result, seen: SeenHashes) -> Result:
    """Return the result without games that were seen before, and add its games to `seen`."""
    is_new = seen.add(result.games["hash"].to_numpy())
    if is_new.all():
        return result
    rejects = dict(result.rejects)
    rows: list[int] = []
    for row, new in zip(result.rows, is_new.tolist(), strict=True):
        if new:
            rows.append(row)
        else:
            rejects[row] = _reject(events[row], "duplicate: the same moves as an earlier game")
    return Result(result.games.filter(pa.array(is_new)), rows, dict(sorted(rejects.items())))


def process_pool(processes: int) -> ProcessPoolExecutor:
    """Return an executor of worker processes, which start when they are needed and ignore Ctrl-C.

    The calling program must be importable without side effects (multiprocessing's "spawn" method).
    """
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=ignore_interrupt)


@contextmanager
def dask_executor(address: str) -> Iterator[tuple[Executor, int]]:
    """Give an executor that runs on a Dask cluster, and the number of the cluster's worker threads.

    The workers need goengine installed but no files: the games' texts are sent to them.

    Args:
        address: of the cluster's scheduler, such as ``tcp://host:8786``.

    Raises:
        GoEngineError: if dask.distributed is not installed, the cluster does not answer or has no worker,
            or workers keep dying of the same task.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise GoEngineError("dask.distributed is not installed; pip install 'goengine[dask]'") from error
    try:
        client = Client(address, timeout=_DASK_TIMEOUT)
    except (OSError, ValueError) as error:
        raise GoEngineError(f"the Dask cluster at {address} does not answer ({error})") from error
    with client:
        threads = sum(client.nthreads().values())
        if threads == 0:
            raise GoEngineError(f"the Dask cluster at {address} has no worker")
        try:
            yield client.get_executor(), threads
        except KilledWorker as error:
            raise GoEngineError(f"the Dask cluster at {address} lost its workers ({error})") from error


def _events(sources: Sources, number: int) -> Iterator[Event]:
    """Yield the games and rejects of one file in their order."""
    rejects: list[Reject] = []
    for game in sources.games_of_file(number, rejects.append):
        yield from rejects
        rejects.clear()
        yield game
    yield from rejects


def _reject(event: Event, reason: str | Reject) -> Reject:
    return reason if isinstance(reason, Reject) else Reject(event.source, event.index, reason)

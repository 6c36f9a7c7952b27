"""From game files to a game table."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from data.arrow import games_from_table, table_from_records
from data.legality import faults
from data.records import GameRecord, record_from_sgf
from data.sources import Reject, SourceGame, Sources
from data.table import GameTable, TableWriter
from goengine.errors import GoEngineError
from goengine.interrupts import blocked_interrupt, ignore_interrupt
from goengine.kernel.replay import Games

CHUNK_GAMES = 1_000
"""Games that one process reads at a time, about 0.1 s of work."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build is: games read (kept or not), and bytes of the files on disk."""

    games: int
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: games and positions in the table, games left out by kind, seconds taken."""

    games: int
    positions: int
    rejected: dict[str, int]
    seconds: float


def build_table(
    out: Path,
    paths: Sequence[Path],
    size: int = 19,
    processes: int = 1,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_reject: Callable[[Reject], None] = lambda _: None,
) -> BuildReport:
    """Write a game table of all usable games of one board size under the paths, in their order.

    Games that cannot be used are told to `on_reject` and left out. With several processes the calling
    program must be importable without side effects, as multiprocessing's spawn method asks.

    Raises GoEngineError if a path is missing or no game file, no game is usable, or the table cannot be
    written; then, and on KeyboardInterrupt, a file named `out` from before is as it was.
    """
    begin = time.monotonic()
    sources = Sources(paths)
    rejected: Counter[str] = Counter()
    games = positions = 0
    first_reject: Reject | None = None

    def reject(reason: Reject) -> None:
        nonlocal first_reject
        first_reject = first_reject or reason
        rejected[reason.kind] += 1
        on_reject(reason)

    chunks = _chunks(sources.games(reject))
    with TableWriter(out) as writer:
        for chunk in _read_chunks(chunks, size, processes):
            for reason in chunk.rejects:
                reject(reason)
            writer.write(chunk.table)
            games += len(chunk.table)
            positions += chunk.positions
            on_progress(Progress(games + rejected.total(), sources.done_bytes, sources.total_bytes))
        if games == 0:
            raise GoEngineError(_nothing_usable(size, first_reject))
        writer.note_rejected(rejected)
    return BuildReport(games, positions, dict(rejected), time.monotonic() - begin)


def load_games(path: Path, size: int, on_reject: Callable[[Reject], None] = lambda _: None) -> Games:
    """The games of a game table (`.parquet`), or the usable ones under a path of game files, in memory.

    Raises GoEngineError if there is no game of this board size, or what `GameTable.open` and `Sources` raise.
    """
    if path.suffix == ".parquet":
        games = GameTable.open(path).games
        if games.size != size:
            raise GoEngineError(f"{path}: games of {games.size}x{games.size}, expected {size}x{size}")
        return games
    rejects: list[Reject] = []
    tables = []
    for chunk in _read_chunks(_chunks(Sources([path]).games(rejects.append)), size, processes=1):
        rejects += chunk.rejects
        tables.append(chunk.table)
    for reject in rejects:
        on_reject(reject)
    if not any(map(len, tables)):
        raise GoEngineError(_nothing_usable(size, rejects[0]))
    return games_from_table(pa.concat_tables(tables), size)


def _nothing_usable(size: int, first: Reject | None) -> str:
    return f"no usable game of {size}x{size}, the first fault: {first}"


@dataclass(frozen=True, slots=True)
class _Chunk:
    table: pa.Table
    positions: int
    rejects: list[Reject]


def _chunks(games: Iterator[SourceGame]) -> Iterator[list[SourceGame]]:
    while chunk := list(islice(games, CHUNK_GAMES)):
        yield chunk


def _read_chunk(games: list[SourceGame], size: int) -> _Chunk:
    reasons = [""] * len(games)
    rows: list[int] = []
    records: list[GameRecord] = []
    for row, game in enumerate(games):
        try:
            records.append(record_from_sgf(game.sgf, game.source, game.index))
            rows.append(row)
        except GoEngineError as error:
            reasons[row] = str(error)
    for row, fault in zip(rows, faults(records, size), strict=True):
        reasons[row] = fault
    kept = [record for row, record in zip(rows, records, strict=True) if not reasons[row]]
    rejects = [
        Reject(game.source, game.index, reason) for game, reason in zip(games, reasons, strict=True) if reason
    ]
    return _Chunk(table_from_records(kept), sum(record.positions for record in kept), rejects)


def _read_chunks(chunks: Iterator[list[SourceGame]], size: int, processes: int) -> Iterator[_Chunk]:
    first = list(islice(chunks, 2))
    if processes <= 1 or len(first) < 2:  # starting processes takes longer than reading one chunk
        for chunk in chain(first, chunks):
            yield _read_chunk(chunk, size)
        return
    faults([], size)  # compiles what the processes then find compiled, where the code is new
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=ignore_interrupt)
    waiting: deque[Future[_Chunk]] = deque()
    try:
        for chunk in chain(first, chunks):
            with blocked_interrupt():
                waiting.append(pool.submit(_read_chunk, chunk, size))
            if len(waiting) > 2 * processes + 1:  # enough to keep all busy, and memory bounded
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise GoEngineError("a process that reads games died, perhaps for want of memory") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)

"""Loading the games of a table, or of game files, as the flat arrays that the kernel replays."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from goengine.data.sources.reader import Reject, Sources, games_path
from goengine.data.sources.selection import Selection
from goengine.data.table.arrow import games_from_table
from goengine.data.table.game_table import GameTable, is_table
from goengine.data.table.players import PLAYER_COLUMNS, Players, players_from_table
from goengine.data.table.tasks import make_tasks, read_task
from goengine.errors import GoEngineError
from goengine.kernel.replay import Games


def load_games(path: Path, size: int, on_reject: Callable[[Reject], None] = lambda _: None) -> Games:
    """Load the games of a table, or the legal part of the games in game files.

    Args:
        path: a game table, a folder or file of games, or ``bundled`` for the games that come with goengine.
        size: the board size of the games. Game files may hold others, which are rejected.
        on_reject: called for each game of game files that cannot be used.

    Raises:
        GoEngineError: if there is no usable game of this board size, the path does not exist or a file of
            the table is damaged.
    """
    return load_games_and_players(path, size, on_reject)[0]


def load_games_and_players(
    path: Path, size: int, on_reject: Callable[[Reject], None] = lambda _: None
) -> tuple[Games, Players]:
    """Load games as `load_games` does, and the names and ranks of their players."""
    games, columns = load_games_and_columns(path, size, PLAYER_COLUMNS, on_reject)
    return games, players_from_table(columns)


def load_games_and_columns(
    path: Path, size: int, names: list[str], on_reject: Callable[[Reject], None] = lambda _: None
) -> tuple[Games, pa.Table]:
    """Load games as `load_games` does, and the named columns of their table."""
    path = games_path(path)
    if is_table(path):
        table = GameTable.open(path)
        if table.size != size:
            raise GoEngineError(f"{path}: games of {table.size}x{table.size}, expected {size}x{size}")
        return table.games, pa.concat_tables(table.row_groups(names))
    results = [read_task(task.events, Selection(size)) for task in make_tasks(Sources([path]))]
    rejects = [reject for result in results for reject in result.rejects.values()]
    for reject in rejects:
        on_reject(reject)
    if not any(len(result.games) for result in results):
        raise no_usable_game(size, rejects[0])
    accepted = pa.concat_tables(result.games for result in results)
    return games_from_table(accepted, size), accepted.select(names)


def no_usable_game(size: int, first: Reject | None) -> GoEngineError:
    """Return the error for game files of which every game was rejected."""
    return GoEngineError(f"no usable game of {size}x{size}; the first reject: {first}")

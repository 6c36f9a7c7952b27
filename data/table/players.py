"""The players of games: names, ranks, and the positions in which a player is to move."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goengine.data.sgf.game_info import parse_rank
from goengine.errors import GoEngineError
from goengine.game.board import BLACK
from goengine.kernel.replay import Games
from goengine.points import pass_move

PLAYER_COLUMNS = ["black_name", "white_name", "black_rank", "white_rank"]
"""The columns of a game table that `players_from_table` needs."""

_LISTED_NAMES = 5  # in the error for an unknown player


@dataclass(frozen=True, eq=False)
class Players:
    """The players of G games; column 0 is Black, column 1 White.

    Attributes:
        names: object [G, 2], str; "" if the record has no name.
        ranks: float32 [G, 2], on the scale of `goengine.data.sgf.game_info.parse_rank`; NaN if unknown.
    """

    names: NDArray[np.object_]
    ranks: NDArray[np.float32]

    def moving(self, games: Games, game: NDArray[np.int64], ply: NDArray[np.int64]) -> "Players":
        """Return the players to move in positions given by game [N] and ply [N]; the arrays are [N] too."""
        column = (games.first_player[game] != BLACK) ^ (ply % 2 == 1)
        return Players(self.names[game, column.astype(int)], self.ranks[game, column.astype(int)])


def players_from_table(table: pa.Table) -> Players:
    """Return the players of a table that holds PLAYER_COLUMNS."""
    columns = [table[name].to_pylist() for name in PLAYER_COLUMNS]
    names = np.array(columns[:2], object).T.reshape(-1, 2)
    ranks = [[np.nan if (rank := parse_rank(text)) is None else rank for text in c] for c in columns[2:]]
    return Players(names, np.array(ranks, np.float32).T.reshape(-1, 2))


def positions_of(
    games: Games, players: Players, name: str, positions: int | None = None, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions in which a player made a move other than a pass.

    Args:
        games: the games.
        players: their players.
        name: the player's name, compared without case and outer blanks.
        positions: how many to draw without replacement; all if None or more than there are.
        seed: selects the positions drawn.

    Returns:
        game and ply, each int64 [N], in the order of the games.

    Raises:
        GoEngineError: if no game has a player of that name, or the player only passed.
    """
    wanted = name.strip().casefold()
    matches = np.frompyfunc(lambda text: text.strip().casefold() == wanted, 1, 1)
    is_player = matches(players.names).astype(bool).reshape(-1, 2)
    rows = np.flatnonzero(is_player.any(axis=1))
    if not len(rows):
        raise GoEngineError(f"no game of a player named {name!r}; {_known_names(players)}")
    lengths = np.diff(games.move_starts)[rows]
    game = np.repeat(rows, lengths)
    ply = np.arange(len(game)) - np.repeat(lengths.cumsum() - lengths, lengths)
    to_move = Players(is_player.astype(object), players.ranks).moving(games, game, ply).names.astype(bool)
    to_move &= games.moves[games.move_starts[game] + ply] != pass_move(games.size)
    game, ply = game[to_move], ply[to_move]
    if not len(game):
        raise GoEngineError(f"the player {name!r} made no move")
    if positions is not None and positions < len(game):
        drawn = np.sort(np.random.default_rng(seed).choice(len(game), positions, replace=False))
        game, ply = game[drawn], ply[drawn]
    return game, ply


def _known_names(players: Players) -> str:
    known = [text for text in dict.fromkeys(players.names.ravel()) if text]
    if not known:
        return "no player is named"
    return f"there are {', '.join(known[:_LISTED_NAMES])}{', ...' if len(known) > _LISTED_NAMES else ''}"

"""Who played: the names and ranks of the players of games, and who made a move."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from goengine.data.sgf.facts import parse_rank
from goengine.errors import GoEngineError
from goengine.game.board import BLACK
from goengine.kernel.replay import Games
from goengine.points import pass_move

PLAYER_COLUMNS = ["black_name", "white_name", "black_rank", "white_rank"]
"""The columns of a game table that a `Players` is made of."""

_NAMED = 5  # names told when one is not found


@dataclass(frozen=True, eq=False)
class Players:
    """The players of G games; column 0 is Black, column 1 White.

    Public attributes:
      names -- object [G, 2], str; "" where the record has none
      ranks -- float32 [G, 2], on the scale of `goengine.data.sgf.facts.parse_rank`; NaN where unknown
    """

    names: NDArray[np.object_]
    ranks: NDArray[np.float32]

    def moving(self, games: Games, game: NDArray[np.int64], ply: NDArray[np.int64]) -> "Players":
        """Of the players of positions, int64 [N] each, those who are to move: names and ranks are [N]."""
        column = (games.first_player[game] != BLACK) ^ (ply % 2 == 1)
        return Players(self.names[game, column.astype(int)], self.ranks[game, column.astype(int)])


def players_from_table(table: pa.Table) -> Players:
    """From a table that holds PLAYER_COLUMNS."""
    columns = [table[name].to_pylist() for name in PLAYER_COLUMNS]
    names = np.array(columns[:2], object).T.reshape(-1, 2)
    ranks = [[np.nan if (rank := parse_rank(text)) is None else rank for text in c] for c in columns[2:]]
    return Players(names, np.array(ranks, np.float32).T.reshape(-1, 2))


def positions_of(
    games: Games, players: Players, name: str, positions: int | None = None, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions in which a player moved: (game, ply), each int64 [N], in the order of the games.

    N is `positions`, drawn without replacement by `seed`, or all if that is None or more than there are.
    Passes are left out. Capitals do not matter in the name.

    Raises GoEngineError if no game has a player of that name, or they made no move.
    """
    wanted = np.frompyfunc(lambda text: text.strip().casefold() == name.strip().casefold(), 1, 1)
    is_player = wanted(players.names).astype(bool).reshape(-1, 2)
    rows = np.flatnonzero(is_player.any(axis=1))
    if not len(rows):
        known = [text for text in dict.fromkeys(players.names.ravel()) if text]
        told = f"there are {', '.join(known[:_NAMED])}{', ...' if len(known) > _NAMED else ''}"
        raise GoEngineError(f"no game of a player named {name!r}; {told if known else 'no player is named'}")
    lengths = np.diff(games.move_starts)[rows]
    game = np.repeat(rows, lengths)
    ply = np.arange(len(game)) - np.repeat(lengths.cumsum() - lengths, lengths)
    mine = Players(is_player.astype(object), players.ranks).moving(games, game, ply).names.astype(bool)
    mine &= games.moves[games.move_starts[game] + ply] != pass_move(games.size)
    game, ply = game[mine], ply[mine]
    if not len(game):
        raise GoEngineError(f"the player {name!r} made no move")
    if positions is not None and positions < len(game):
        drawn = np.sort(np.random.default_rng(seed).choice(len(game), positions, replace=False))
        game, ply = game[drawn], ply[drawn]
    return game, ply

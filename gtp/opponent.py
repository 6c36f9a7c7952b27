"""A GTP engine as the opponent in the gymnasium environment.

`goengine.env.opponents` finds it by the entry point `gtp` in the group `goengine.opponents`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.lockstep import Lockstep, Rows
from goengine.gtp.client import Client
from goengine.gtp.notation import COLOUR_LETTERS, parse_move
from goengine.points import RESIGN, format_vertex


class GtpOpponent:
    """An opponent that asks a GTP engine, one process per game, started at the game's first move."""

    def __init__(self, command: Sequence[str], size: int, komi: float) -> None:
        """Start the first process, so that a command that does not work fails here.

        Args:
            command: The words of the command that starts the engine.
            size: The board size.
            komi: Points for White.

        Raises:
            EngineError: If the engine cannot be started.
            CommandError: If the engine refuses the board size or komi.
        """
        self._command, self._size, self._komi = list(command), size, komi
        self._clients: dict[int, Client] = {}
        self._positions: dict[int, list[tuple[int, int]]] = {}  # by row: the moves on the engine's board
        self._client(0)

    def __deepcopy__(self, memo: dict[int, Any]) -> "GtpOpponent":
        """Return an opponent with its own processes, which are sent the moves played so far."""
        other = type(self)(self._command, self._size, self._komi)
        memo[id(self)] = other
        return other

    def begin(self, rows: Rows, random: np.random.Generator) -> None:
        """Do nothing: an engine's seed is part of its command."""

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        """Ask the engine of each row for a move.

        Args:
            games: The games of all rows.
            rows: The n rows in which the opponent is to move.

        Returns:
            Actions or RESIGN, int64 [n].

        Raises:
            GoEngineError: If an engine dies, hangs, refuses a command or answers with something other than
                a move.
        """
        return np.array([self._choose(int(row), games.board(int(row), self._komi)) for row in rows], np.int64)

    def close(self) -> None:
        """End all processes."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._positions.clear()

    def _client(self, row: int) -> Client:
        """Return the row's engine; start it if it does not run."""
        if row not in self._clients:
            client = self._clients[row] = Client(self._command)
            self._positions[row] = []
            for command in (f"boardsize {self._size}", "clear_board", f"komi {self._komi:g}"):
                client.send(command)
        return self._clients[row]

    def _choose(self, row: int, board: Board) -> int:
        client = self._client(row)
        sent, moves = self._positions[row], board.moves
        if moves[: len(sent)] != sent:  # a new game
            client.send("clear_board")
            sent.clear()
        for colour, point in moves[len(sent) :]:
            client.send(f"play {COLOUR_LETTERS[colour]} {format_vertex(point, self._size)}")
        response = client.send(f"genmove {COLOUR_LETTERS[board.to_play]}")
        try:
            move = parse_move(response, self._size)
        except GoEngineError as error:
            raise GoEngineError(f"{client.name} answered genmove with {response[:40]!r}: {error}") from error
        self._positions[row] = moves if move == RESIGN else [*moves, (board.to_play, move)]
        return move

"""An engine that speaks GTP as the opponent of the gymnasium environment.

`goengine.env.opponents` finds it by the entry point `gtp` of the group `goengine.opponents`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.lockstep import Lockstep, Rows
from goengine.gtp.match.client import Client
from goengine.gtp.match.game import LETTERS
from goengine.points import RESIGN, format_vertex, parse_vertex


class GtpOpponent:
    """One process a game, started when the game first needs it."""

    def __init__(self, command: Sequence[str], size: int, komi: float) -> None:
        """Starts the first process, so that a command that does not work is found at once.

        Raises EngineError if it cannot be started; CommandError if it does not play on such a board.
        """
        self._command, self._size, self._komi = list(command), size, komi
        self._clients: dict[int, Client] = {}
        self._told: dict[int, list[tuple[int, int]]] = {}  # the moves that a row's engine knows of
        self._client(0)

    def __deepcopy__(self, memo: dict[int, Any]) -> "GtpOpponent":
        """A process cannot be copied: the copy starts its own, and tells them what was played."""
        other = type(self)(self._command, self._size, self._komi)
        memo[id(self)] = other
        return other

    def begin(self, rows: Rows, random: np.random.Generator) -> None:
        """An engine draws its own moves: its command says from which seed, if it takes one."""

    def choose(self, games: Lockstep, rows: Rows) -> NDArray[np.int64]:
        """What the engines answer: actions or RESIGN, int64 [n].

        Raises GoEngineError if an engine dies, hangs, refuses a command or answers with something else.
        """
        return np.array([self._ask(int(row), games.board(int(row), self._komi)) for row in rows], np.int64)

    def close(self) -> None:
        """End the processes."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._told.clear()

    def _client(self, row: int) -> Client:
        if row not in self._clients:
            client = self._clients[row] = Client(self._command)
            self._told[row] = []
            for command in (f"boardsize {self._size}", "clear_board", f"komi {self._komi:g}"):
                client.send(command)
        return self._clients[row]

    def _ask(self, row: int, board: Board) -> int:
        client = self._client(row)
        told, moves = self._told[row], board.moves
        if moves[: len(told)] != told:
            client.send("clear_board")
            told.clear()
        for colour, point in moves[len(told) :]:
            client.send(f"play {LETTERS[colour]} {format_vertex(point, self._size)}")
        answer = client.send(f"genmove {LETTERS[board.to_play]}")
        if answer.lower() == "resign":
            self._told[row] = moves
            return RESIGN
        try:
            point = parse_vertex(answer, self._size)
        except GoEngineError as error:
            raise GoEngineError(f"{client.name} answered genmove with {answer[:40]!r}: {error}") from None
        self._told[row] = [*moves, (board.to_play, point)]
        return point

"""Many games on boards of one size, played at once in compiled code."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from goengine.game.board import BLACK, WHITE, Board
from goengine.game.planes import NUM_PLANES
from goengine.game.rules import Rules, get_rules
from goengine.kernel import lockstep as kernel
from goengine.kernel.batch import packed_bytes
from goengine.kernel.score import owners
from goengine.kernel.scratch import new_scratch
from goengine.kernel.state import PLY, TO_PLAY, new_position
from goengine.points import check_size
from goengine.util.parallel import share

ONGOING, ENDED, ILLEGAL = kernel.ONGOING, kernel.ENDED, kernel.ILLEGAL

Rows = NDArray[np.int64]

_SLICES = 4  # for each thread
_SMALLEST_SHARE = 8  # rows for each thread; starting a thread takes longer than fewer rows


class Lockstep:
    """Games on boards of one size, one in each row, each from the empty board with Black to play.

    An action is a point, or size * size for a pass. Methods take the rows to work on, int64 [n], and return
    results in their order. All memory is allocated at the start.

    Attributes:
        count: The number of games.
        size: The board size.
        rules: The `Rules` in force.
        max_moves: The largest number of moves and passes of a game.
    """

    def __init__(
        self,
        count: int,
        size: int,
        rules: str | Rules = "tromp-taylor",
        max_moves: int = 722,
        threads: int = 1,
    ) -> None:
        """Start all games.

        Args:
            count: The number of games.
            size: The board size.
            rules: A rule set, or the name of one.
            max_moves: The largest number of moves and passes of a game.
            threads: The number of threads that share large steps.

        Raises:
            GoEngineError: If the size is not from 2 to 25, or the rules are unknown.
        """
        self.count, self.size, self.max_moves = count, check_size(size), max_moves
        self.rules = get_rules(rules)
        superko = self.rules.ko == "positional"
        self._boards = kernel.new_boards(count, self.size, max_moves, self.rules.suicide, superko)
        self._arguments = tuple(self._boards)
        self._threads = threads
        self._scratch = [_Scratch(self.size) for _ in range(threads)]
        self.reset(np.arange(count))

    def __deepcopy__(self, memo: dict[int, Any]) -> "Lockstep":
        other = Lockstep(self.count, self.size, self.rules, self.max_moves, self._threads)
        for name in ("cells", "sets", "seen", "visited", "record"):
            getattr(other._boards, name)[:] = getattr(self._boards, name)
        memo[id(self)] = other
        return other

    def reset(self, rows: Rows) -> None:
        """Start these games again."""
        kernel.begin(self._arguments, rows)

    def to_play(self, rows: Rows) -> NDArray[np.int8]:
        """Return the players to move, BLACK or WHITE: int8 [n]."""
        players: NDArray[np.int8] = self._boards.cells[rows, TO_PLAY].astype(np.int8)
        return players

    def ply(self, rows: Rows) -> NDArray[np.int64]:
        """Return the numbers of moves and passes played: int64 [n]."""
        plies: NDArray[np.int64] = self._boards.cells[rows, PLY].astype(np.int64)
        return plies

    def play(self, rows: Rows, actions: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Play one action in each game.

        Args:
            rows: The games; each must have fewer than `max_moves` moves.
            actions: int64 [n].

        Returns:
            uint8 [n]: ENDED after the second pass in a row; ILLEGAL if the action is forbidden or does not
            exist, and the game is unchanged; else ONGOING.
        """
        status = np.empty(len(rows), np.uint8)
        kernel.play(self._arguments, rows, actions, status)
        return status

    def legal(self, rows: Rows) -> NDArray[np.int8]:
        """Return the legal actions: int8 [n, size * size + 1] of 0 and 1; a pass is always legal."""
        out = np.empty((len(rows), self.size**2 + 1), np.int8)
        kernel.legal_actions(self._arguments, self._scratch[0].words, rows, out)
        return out

    def random_actions(
        self, rows: Rows, legal: NDArray[np.int8], draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Draw legal moves that do not fill the player's own true eyes; a pass if there is none: int64 [n].

        Args:
            rows: The games.
            legal: The result of `legal`.
            draws: float64 [n], uniform from 0 to below 1.
        """
        out = np.empty(len(rows), np.int64)
        kernel.random_actions(self._boards.cells, self._boards.near, rows, legal, draws, out)
        return out

    def packed_planes(self, rows: Rows) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
        """Return the result of `legal`, and the 48 planes as bits: uint8 [n, packed_bytes(size)]."""
        packed = np.empty((len(rows), packed_bytes(self.size)), np.uint8)
        return self._observe(rows, False, packed.view(np.uint64)), packed

    def planes(self, rows: Rows) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """Return the result of `legal`, and the 48 planes: int8 [n, 48, size, size] of 0 and 1."""
        planes = np.empty((len(rows), NUM_PLANES, self.size, self.size), np.int8)
        return self._observe(rows, True, planes.reshape(len(rows), -1).view(np.uint64)), planes

    def board_planes(self, rows: Rows, legal: NDArray[np.int8]) -> NDArray[np.int8]:
        """Return five simple planes: int8 [n, 5, size, size] of 0 and 1.

        They are own stones, the opponent's stones, legal points, whether Black is to move, and whether the
        opponent has just passed.

        Args:
            rows: The games.
            legal: The result of `legal`.
        """
        out = np.empty((len(rows), 5, self.size**2), np.int8)
        kernel.board_planes(self._boards.cells, rows, legal, out)
        return out.reshape(len(rows), 5, self.size, self.size)

    def area(self, row: int) -> int:
        """Return Black's area less White's on the present board, without komi."""
        owner = np.empty(self.size**2, np.uint8)
        owners(self._boards.cells[row], self._boards.near, np.zeros(self.size**2, np.bool_), owner)
        return int((owner == BLACK).sum()) - int((owner == WHITE).sum())

    def board(self, row: int, komi: float = 7.5) -> Board:
        """Return a game as a `Board`, with its moves replayed."""
        board = Board(self.size, komi, self.rules)
        for move in self._boards.record[row, : int(self._boards.cells[row, PLY])]:
            board.play(int(move))
        return board

    def _observe(self, rows: Rows, unpacked: bool, out: NDArray[np.uint64]) -> NDArray[np.int8]:
        """Write planes on all threads, and return the legal actions."""
        legal = np.empty((len(rows), self.size**2 + 1), np.int8)

        def work(thread: int, part: slice) -> None:
            scratch = self._scratch[thread]
            kernel.observe(
                self._arguments,
                scratch.arguments,
                scratch.copy,
                rows[part],
                legal[part],
                unpacked,
                out[part],
            )

        threads = min(self._threads, len(rows) // _SMALLEST_SHARE)
        share(len(rows), _SLICES * threads, threads, work)
        return legal


class _Scratch:
    """Memory that one thread needs to encode positions."""

    def __init__(self, size: int) -> None:
        scratch, position = new_scratch(), new_position(size)
        self.words = scratch.words
        self.arguments = tuple(scratch)
        self.copy = position.cells, position.sets

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

_SLICES = 4  # a thread
_SMALLEST_SHARE = 8  # rows a thread: fewer are done sooner than they are handed over


class Lockstep:
    """`count` games, one a row, each from the empty board with Black to play.

    An action is a point, or size * size for a pass. The methods take the rows that they are about, int64 [n],
    and answer in their order. All memory is taken at the start.

    Public attributes:
      count, size, rules, max_moves -- as given
    """

    def __init__(
        self,
        count: int,
        size: int,
        rules: str | Rules = "tromp-taylor",
        max_moves: int = 722,
        threads: int = 1,
    ) -> None:
        """max_moves: how many moves and passes a game has room for. threads: that large steps are shared by.

        Raises GoEngineError for a size that is not 2 to 25, or unknown rules.
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
        """Begin these games anew."""
        kernel.begin(self._arguments, rows)

    def to_play(self, rows: Rows) -> NDArray[np.int8]:
        """BLACK or WHITE: int8 [n]."""
        return self._boards.cells[rows, TO_PLAY].astype(np.int8)

    def ply(self, rows: Rows) -> NDArray[np.int64]:
        """How many moves and passes were played: int64 [n]."""
        return self._boards.cells[rows, PLY].astype(np.int64)

    def play(self, rows: Rows, actions: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Play one action in each game: int64 [n].

        Returns uint8 [n]: ENDED where it was the second pass in a row, ILLEGAL where the rules forbid the
        action or there is none of that number, and nothing was done; ONGOING elsewhere. Games must have room
        for another move.
        """
        status = np.empty(len(rows), np.uint8)
        kernel.play(self._arguments, rows, actions, status)
        return status

    def legal(self, rows: Rows) -> NDArray[np.int8]:
        """What may be done: int8 [n, size * size + 1] of 0 and 1; the last is passing, which always may."""
        out = np.empty((len(rows), self.size**2 + 1), np.int8)
        kernel.legal_actions(self._arguments, self._scratch[0].words, rows, out)
        return out

    def random_actions(
        self, rows: Rows, legal: NDArray[np.int8], draws: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """A legal point that is no true eye of the player's own, or a pass where there is none: int64 [n].

        legal: as `legal` gives it; draws: float64 [n], uniform from 0 to below 1.
        """
        out = np.empty(len(rows), np.int64)
        kernel.random_actions(self._boards.cells, self._boards.near, rows, legal, draws, out)
        return out

    def packed_planes(self, rows: Rows) -> tuple[NDArray[np.int8], NDArray[np.uint8]]:
        """What `legal` gives, and the 48 planes as bits: uint8 [n, packed_bytes(size)]."""
        packed = np.empty((len(rows), packed_bytes(self.size)), np.uint8)
        return self._observe(rows, False, packed.view(np.uint64)), packed

    def planes(self, rows: Rows) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """What `legal` gives, and the 48 planes: int8 [n, 48, size, size] of 0 and 1."""
        planes = np.empty((len(rows), NUM_PLANES, self.size, self.size), np.int8)
        return self._observe(rows, True, planes.reshape(len(rows), -1).view(np.uint64)), planes

    def board_planes(self, rows: Rows, legal: NDArray[np.int8]) -> NDArray[np.int8]:
        """Own stones, the opponent's, where to play is legal, whether Black is to move, whether the opponent
        has just passed: int8 [n, 5, size, size] of 0 and 1. legal: of `legal`.
        """
        out = np.empty((len(rows), 5, self.size**2), np.int8)
        kernel.board_planes(self._boards.cells, rows, legal, out)
        return out.reshape(len(rows), 5, self.size, self.size)

    def area(self, row: int) -> int:
        """Black's area less White's on the board as it stands, without komi."""
        owner = np.empty(self.size**2, np.uint8)
        owners(self._boards.cells[row], self._boards.near, np.zeros(self.size**2, np.bool_), owner)
        return int((owner == BLACK).sum()) - int((owner == WHITE).sum())

    def board(self, row: int, komi: float = 7.5) -> Board:
        """A game as a Board, its moves replayed."""
        board = Board(self.size, komi, self.rules)
        for move in self._boards.record[row, : int(self._boards.cells[row, PLY])]:
            board.play(int(move))
        return board

    def _observe(self, rows: Rows, unpacked: bool, out: NDArray[np.uint64]) -> NDArray[np.int8]:
        """Write planes, shared by the threads, and return what is legal."""
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

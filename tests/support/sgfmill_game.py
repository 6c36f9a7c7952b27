"""Games by sgfmill's boards, the independent opinion on captures and ko."""

from collections.abc import Iterable

from sgfmill import boards

from support.reference import BLACK, EMPTY, WHITE, opponent

_CODES = {None: 0, "b": 1, "w": 2}
_LETTERS = {BLACK: "b", WHITE: "w"}


def _stones(other: boards.Board) -> bytes:
    return bytes([_CODES[colour] for row in reversed(other.board) for colour in row])


class SgfmillGame:
    """A game on sgfmill's board: what is captured and where ko forbids to play, asked of sgfmill alone."""

    def __init__(
        self, size: int, suicide: bool = False, black: Iterable[int] = (), white: Iterable[int] = ()
    ):
        self.size, self.suicide = size, suicide
        self.board = boards.Board(size)
        self.board.apply_setup(self._places(black), self._places(white), [])
        self.stones = _stones(self.board)
        self.ko: int | None = None
        self.captures = {BLACK: 0, WHITE: 0}

    def try_play(self, point: int, colour: int) -> bool:
        """Play if it is legal; whether it was."""
        if point == self.size**2:
            self.ko = None
            return True
        if self.stones[point] != EMPTY or point == self.ko:
            return False
        ((row, column),) = self._places([point])
        ko = self.board.play(row, column, _LETTERS[colour])
        after = _stones(self.board)
        if after[point] == EMPTY and not self.suicide:
            self.board.apply_setup(
                *[
                    self._places(p for p in range(self.size**2) if self.stones[p] == c)
                    for c in (BLACK, WHITE, EMPTY)
                ]
            )
            return False
        for taken in (BLACK, WHITE):
            placed = self.stones.count(taken) + (taken == colour)
            self.captures[opponent(taken)] += placed - after.count(taken)
        self.stones = after
        self.ko = None if ko is None else (self.size - 1 - ko[0]) * self.size + ko[1]
        return True

    def _places(self, points: Iterable[int]) -> list[tuple[int, int]]:
        """Points as sgfmill counts them, rows from below."""
        return [(self.size - 1 - point // self.size, point % self.size) for point in points]

"""The rules of Go and the 48 planes, slow and plain: what the fast code is compared with.

Written from the definitions in the design alone and sharing no code with the library: a position is a
`bytes` with a colour for every point, a chain is found by flood fill, and every move that is looked at is
played on a new position. Points and colours are numbered as in the library: point = row * size + column,
EMPTY 0, BLACK 1, WHITE 2.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

EMPTY, BLACK, WHITE = 0, 1, 2
NUM_PLANES = 48
LADDER_PLIES = 100


def opponent(colour: int) -> int:
    return BLACK + WHITE - colour


@cache
def neighbours(size: int) -> tuple[tuple[int, ...], ...]:
    """The two to four points next to each point."""
    return _around(size, ((-1, 0), (1, 0), (0, -1), (0, 1)))


@cache
def diagonals(size: int) -> tuple[tuple[int, ...], ...]:
    """The one to four on-board points that touch each point by a corner."""
    return _around(size, ((-1, -1), (-1, 1), (1, -1), (1, 1)))


def _around(size: int, steps: tuple[tuple[int, int], ...]) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(
            (row + down) * size + column + right
            for down, right in steps
            if 0 <= row + down < size and 0 <= column + right < size
        )
        for row in range(size)
        for column in range(size)
    )


class Chain(NamedTuple):
    stones: frozenset[int]
    liberties: frozenset[int]


class Outcome(NamedTuple):
    """What a move does: the position after it, and the stones of the opponent and of the mover it takes."""

    position: "Position"
    captured: frozenset[int]
    suicided: frozenset[int]


@dataclass(frozen=True)
class Position:
    """Stones on a board, and the (colour, point) that simple ko forbids, if any."""

    size: int
    stones: bytes
    ko: tuple[int, int] | None = None

    def chain(self, point: int) -> Chain:
        colour, around = self.stones[point], neighbours(self.size)
        stones, liberties, todo = {point}, set(), [point]
        while todo:
            for near in around[todo.pop()]:
                if self.stones[near] == EMPTY:
                    liberties.add(near)
                elif self.stones[near] == colour and near not in stones:
                    stones.add(near)
                    todo.append(near)
        return Chain(frozenset(stones), frozenset(liberties))

    def chains(self) -> Iterator[Chain]:
        seen: set[int] = set()
        for point, colour in enumerate(self.stones):
            if colour != EMPTY and point not in seen:
                chain = self.chain(point)
                seen |= chain.stones
                yield chain

    def play(self, point: int, colour: int, suicide: bool) -> Outcome | None:
        """The outcome of a move, or None where it is illegal by occupation, simple ko or suicide."""
        if self.stones[point] != EMPTY or self.ko == (colour, point):
            return None
        stones = bytearray(self.stones)
        stones[point] = colour
        placed = Position(self.size, bytes(stones))
        captured: set[int] = set()
        for near in neighbours(self.size)[point]:
            if stones[near] == opponent(colour) and near not in captured:
                chain = placed.chain(near)
                if not chain.liberties:
                    captured |= chain.stones
        for taken in captured:
            stones[taken] = EMPTY
        after = Position(self.size, bytes(stones))
        own = after.chain(point)
        if not own.liberties:
            if not suicide:
                return None
            for taken in own.stones:
                stones[taken] = EMPTY
            return Outcome(Position(self.size, bytes(stones)), frozenset(), own.stones)
        if len(captured) == len(own.stones) == len(own.liberties) == 1:
            (taken,) = captured
            after = Position(self.size, bytes(stones), ko=(opponent(colour), taken))
        return Outcome(after, frozenset(captured), frozenset())


class ReferenceBoard:
    """A game: the position, whose turn it is, and what the rules and the planes need of its past.

    Public attributes: size, superko, suicide (the rules), position, to_play, ply (moves and passes so far),
    played (point -> ply of the stone last played there), captures (colour -> stones it took; those of a
    suicide count for the opponent).
    """

    def __init__(
        self,
        size: int,
        *,
        superko: bool = False,
        suicide: bool = False,
        black: Iterable[int] = (),
        white: Iterable[int] = (),
        to_play: int = BLACK,
    ):
        self.size, self.superko, self.suicide = size, superko, suicide
        stones = bytearray(size * size)
        for point in black:
            stones[point] = BLACK
        for point in white:
            stones[point] = WHITE
        self.position = Position(size, bytes(stones))
        self.to_play = to_play
        self.ply = 0
        self.played: dict[int, int] = {}
        self.captures = {BLACK: 0, WHITE: 0}
        self._seen = {self.position.stones}

    @property
    def ko_point(self) -> int | None:
        return self.position.ko[1] if self.position.ko else None

    def outcome(self, point: int, colour: int | None = None) -> Outcome | None:
        """What a move would do, or None where the rules in force forbid it."""
        outcome = self.position.play(point, colour or self.to_play, self.suicide)
        if outcome and self.superko and outcome.position.stones in self._seen:
            return None
        return outcome

    def play(self, point: int, colour: int | None = None) -> None:
        """Play a move, or pass (point = size * size). Raises ValueError if it is illegal."""
        colour = colour or self.to_play
        if point == self.size * self.size:
            self.position = Position(self.size, self.position.stones)
        else:
            outcome = self.outcome(point, colour)
            if outcome is None:
                raise ValueError(f"illegal move at {point}")
            self.position = outcome.position
            self.played[point] = self.ply + 1
            self.captures[colour] += len(outcome.captured)
            self.captures[opponent(colour)] += len(outcome.suicided)
            self._seen.add(self.position.stones)
        self.ply += 1
        self.to_play = opponent(colour)


def reference_board(board) -> ReferenceBoard:
    """The game of a `goengine.game.board.Board`, played again by the slow rules: setup stones, then moves."""
    black, white = board.setup_stones
    follower = ReferenceBoard(
        board.size,
        superko=board.rules.ko == "positional",
        suicide=board.rules.suicide,
        black=black,
        white=white,
        to_play=board.to_play,
    )
    for colour, point in board.moves:
        follower.play(point, colour)
    return follower


def reference_planes(board: ReferenceBoard, ladder_plies: int = LADDER_PLIES) -> np.ndarray:
    """The 48 planes of a position for the player to move: uint8 [48, size, size]."""
    size, position, own = board.size, board.position, board.to_play
    planes = np.zeros((NUM_PLANES, size * size), np.uint8)

    def one_of_eight(first_plane: int, steps: int, point: int) -> None:
        planes[first_plane + min(steps, 7), point] = 1

    planes[3] = 1
    for point, colour in enumerate(position.stones):
        planes[2 if colour == EMPTY else 0 if colour == own else 1, point] = 1
        if colour != EMPTY:
            turns = board.ply - board.played[point] + 1 if point in board.played else 8
            one_of_eight(4, turns - 1, point)
    for chain in position.chains():
        for point in chain.stones:
            one_of_eight(12, len(chain.liberties) - 1, point)
    outcomes = {point: board.outcome(point) for point in range(size * size)}
    legal = {point: outcome for point, outcome in outcomes.items() if outcome is not None}
    for point, outcome in legal.items():
        one_of_eight(20, len(outcome.captured), point)
        if not outcome.suicided:
            chain = outcome.position.chain(point)
            if len(chain.liberties) == 1:
                one_of_eight(28, len(chain.stones) - 1, point)
            one_of_eight(36, len(chain.liberties) - 1, point)
        if not is_true_eye(position, point, own):
            planes[46, point] = 1
    for point in ladder_captures(position, own, legal, board.suicide, ladder_plies):
        planes[44, point] = 1
    for point in ladder_escapes(position, own, legal, board.suicide, ladder_plies):
        planes[45, point] = 1
    return planes.reshape(NUM_PLANES, size, size)


def is_true_eye(position: Position, point: int, colour: int) -> bool:
    around, corners = neighbours(position.size)[point], diagonals(position.size)[point]
    if position.stones[point] != EMPTY or any(position.stones[near] != colour for near in around):
        return False
    lost = sum(position.stones[corner] == opponent(colour) for corner in corners)
    return lost <= (1 if len(around) == 4 else 0)


def ladder_captures(
    position: Position, own: int, legal: dict[int, Outcome], suicide: bool, ladder_plies: int
) -> set[int]:
    """Plane 44: where the player to move captures an opponent's chain in a ladder."""
    found = set()
    for chain in position.chains():
        stone = min(chain.stones)
        if position.stones[stone] == opponent(own) and len(chain.liberties) == 2:
            read = LadderRead(stone, opponent(own), suicide, ladder_plies)
            for point in chain.liberties & legal.keys():
                after = legal[point].position
                if read.in_atari(after) and not read.escapes(after, 1):
                    found.add(point)
    return found


def ladder_escapes(
    position: Position, own: int, legal: dict[int, Outcome], suicide: bool, ladder_plies: int
) -> set[int]:
    """Plane 45: where the player to move saves an own chain in atari from a ladder."""
    found = set()
    for chain in position.chains():
        stone = min(chain.stones)
        if position.stones[stone] == own and len(chain.liberties) == 1:
            read = LadderRead(stone, own, suicide, ladder_plies)
            for point in read.ways_out(position) & legal.keys():
                if read.is_out(legal[point].position, 1):
                    found.add(point)
    return found


class LadderRead:
    """Reads whether the chain that holds `stone` is caught in a ladder.

    `plies` counts the moves played on the line so far. A line that would grow longer than `max_plies` has
    escaped. The answers are remembered, because lines with kos meet again and again.
    """

    def __init__(self, stone: int, defender: int, suicide: bool, max_plies: int):
        self.stone, self.defender, self.suicide, self.max_plies = stone, defender, suicide, max_plies
        self._escapes: dict[tuple[Position, int], bool] = {}

    def in_atari(self, position: Position) -> bool:
        return len(position.chain(self.stone).liberties) == 1

    def captured(self, position: Position, plies: int) -> bool:
        """The attacker to move, the chain with two liberties: is it caught?"""
        if plies == self.max_plies:
            return False
        for point in position.chain(self.stone).liberties:
            outcome = position.play(point, opponent(self.defender), self.suicide)
            if outcome and self.in_atari(outcome.position) and not self.escapes(outcome.position, plies + 1):
                return True
        return False

    def escapes(self, position: Position, plies: int) -> bool:
        """The defender to move, the chain in atari: does some move get it out?"""
        key = position, plies
        if key not in self._escapes:
            self._escapes[key] = self._some_move_escapes(position, plies)
        return self._escapes[key]

    def _some_move_escapes(self, position: Position, plies: int) -> bool:
        for point in self.ways_out(position):
            outcome = position.play(point, self.defender, self.suicide)
            if outcome and (plies == self.max_plies or self.is_out(outcome.position, plies + 1)):
                return True
        return False

    def is_out(self, position: Position, plies: int) -> bool:
        """The defender has moved: is the chain on the board with liberties enough?"""
        if position.stones[self.stone] != self.defender:
            return False
        liberties = len(position.chain(self.stone).liberties)
        return liberties >= 3 or (liberties == 2 and not self.captured(position, plies))

    def ways_out(self, position: Position) -> set[int]:
        """What may save a chain in atari: its liberty, and captures of chains in atari next to it."""
        chain = position.chain(self.stone)
        points = set(chain.liberties)
        for stone in chain.stones:
            for near in neighbours(position.size)[stone]:
                if position.stones[near] == opponent(self.defender):
                    attacker = position.chain(near)
                    if len(attacker.liberties) == 1:
                        points |= attacker.liberties
        return points

"""Boards from diagrams and diagrams from boards, so that tests show what they are about.

A diagram has a line for each row, top row first, with blanks between points: X Black, O White, . empty. Any
lower-case letter is an empty point with a name.
"""

from dataclasses import dataclass

import numpy as np

from goengine.game.board import BLACK, WHITE, Board
from goengine.game.rules import Rules
from goengine.points import parse_vertex


@dataclass(frozen=True)
class Diagram:
    """size, the points of each colour, and the points with each lower-case name."""

    size: int
    black: list[int]
    white: list[int]
    marks: dict[str, set[int]]


def parse_diagram(text: str) -> Diagram:
    rows = [line.split() for line in text.strip().splitlines()]
    size = len(rows)
    assert all(len(row) == size for row in rows), f"not a square diagram:\n{text}"
    letters = [letter for row in rows for letter in row]
    assert all(letter in "XO." or letter.islower() for letter in letters), f"odd letter in diagram:\n{text}"
    return Diagram(
        size=size,
        black=[point for point, letter in enumerate(letters) if letter == "X"],
        white=[point for point, letter in enumerate(letters) if letter == "O"],
        marks={
            name: {point for point, letter in enumerate(letters) if letter == name}
            for name in letters
            if name.islower()
        },
    )


def board_from(
    text: str, to_play: int = BLACK, moves: str = "", rules: str | Rules = "chinese", komi: float = 0.0
) -> Board:
    """The board that a diagram shows, after moves such as "D4 pass C3" from the player to move on."""
    diagram = parse_diagram(text)
    board = Board(diagram.size, komi=komi, rules=rules)
    board.setup(diagram.black, diagram.white, to_play=to_play)
    for vertex in moves.split():
        board.play(vertex)
    return board


def picture(stones: np.ndarray) -> str:
    """The diagram of stones [size, size]."""
    return _lines([[".XO"[stone] for stone in row] for row in stones])


def number_picture(planes: np.ndarray, lowest: int) -> str:
    """A diagram of a one-hot group of planes [n, size, size]: the value on each point, or . for none."""
    assert planes.sum(axis=0).max() <= 1, "two planes of a group on one point"
    numbers = np.where(planes.any(axis=0), planes.argmax(axis=0) + lowest, -1)
    return _lines([["." if number < 0 else str(number) for number in row] for row in numbers])


def tidy(text: str) -> str:
    """A diagram without indentation and empty edges, as `picture` makes it."""
    return _lines([line.split() for line in text.strip().splitlines()])


def side_by_side(text: str) -> list[str]:
    """The diagrams that stand beside each other in a text, divided by |."""
    rows = [line.split("|") for line in text.strip().splitlines()]
    return ["\n".join(column) for column in zip(*rows, strict=True)]


def vertices(text: str, size: int) -> list[int]:
    return [parse_vertex(vertex, size) for vertex in text.split()]


def _lines(rows: list[list[str]]) -> str:
    return "\n".join(" ".join(row) for row in rows)


__all__ = [
    "BLACK",
    "WHITE",
    "Diagram",
    "board_from",
    "number_picture",
    "parse_diagram",
    "picture",
    "side_by_side",
    "tidy",
    "vertices",
]


# Chains of both colours that live by the two liberties they share, A9 and E9.
SEKI = """
. X X X . O X . .
O O O O O O X X .
X X X X X X X . .
. . . X . . . . .
X X X X X X X X X
O O O O O O O O O
. . O . . . O . .
. . O . . . O . .
. . O . . . O . .
"""

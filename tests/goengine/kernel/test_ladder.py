"""Ladder captures and escapes (planes 44 and 45) in diagrams, and the limit on the length of a line."""

import numpy as np
import pytest
from support.diagrams import BLACK, WHITE, board_from, parse_diagram, vertices
from support.reference import reference_board, reference_planes

from goengine.game.board import Board, opponent
from goengine.game.planes import PLANES, encode
from goengine.points import NUM_SYMMETRIES, parse_vertex, symmetry_tables

CAPTURE, ESCAPE = 44, 45

# Black is to play: it captures a white chain in a ladder at c, and saves a black one at e.
LADDERS = {
    "to the edge": """
        . . . . . . . . .
        . . . . . . . . .
        . . . X . . . . .
        . . X O c . . . .
        . . X . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        """,
    "a breaker far away on the path": """
        . . . . . . . . .
        . . . . . . . . .
        . . . X . . . . .
        . . X O . . . . .
        . . X . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . O .
        . . . . . . . . .
        """,
    "a breaker next to the path": """
        . . . . . . . . .
        . . . . . . . . .
        . . . X . . . . .
        . . X O . . . . .
        . . X . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . O . . . .
        . . . . . . . . .
        """,
    "a stone too far from the path to break it": """
        . . . . . . . . .
        . . . . . . . . .
        . . . X . . . . .
        . . X O c . . . .
        . . X . . . . O .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        """,
    "an attacker's stone beyond the breaker comes too late": """
        . . . . . . . . .
        . . . . . . . . .
        . . . X . . . . .
        . . X O . . . . .
        . . X . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . O .
        . . . . . . . . X
        """,
    "an attacker's stone before the breaker": """
        . . . . . . . . .
        . . . . . . . . .
        . . . X . . . . .
        . . X O c . . . .
        . . X . . . . . .
        . . . . X . . . .
        . . . . . . . . .
        . . . . . . . O .
        . . . . . . . . .
        """,
    "two stones alone make no ladder": """
        . . . . . . . . .
        . . . . . . . . .
        . . . X . . . . .
        . . X O . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        """,
    "against the edge": """
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . X . . .
        . . X O c . .
        . . . . . . .
        """,
    "on the first line, from either side": """
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        . . . X . . .
        . . c O c . .
        """,
    "in the corner": """
        O c . . .
        c . . . .
        . . . . .
        . . . . .
        . . . . .
        """,
    "the white chain can capture an attacker's stone": """
        . . . . . . . . .
        . . . O . . . . .
        . . O X e . . . .
        . X X O . . . . .
        . . X . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        """,
    "an escape into the open": """
        . . . . . . .
        . . . O . . .
        . . O X O . .
        . . . e . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        """,
    "no escape: an extension into a ladder": """
        . . . . . . .
        . . . O . . .
        . . O X O . .
        . . O . . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        """,
    "an escape: an extension into a broken ladder": """
        . . . . . . .
        . . . O . . .
        . . O X O . .
        . . O e . . .
        . . . . . . .
        . . . . . X .
        . . . . . . .
        """,
    "an escape by capture, not by extension": """
        . . . . . . .
        . . X O . . .
        . X O X O . .
        . . e . O . .
        . . . O . . .
        . . . . . . .
        . . . . . . .
        """,
    "an escape by joining a chain with liberties": """
        . . . . . . .
        . . O O . . .
        . O X X e X .
        . . O O . . .
        . . . . . . .
        . . . . . . .
        . . . . . . .
        """,
    "no escape: the joined chain has no other liberty": """
        . . . . . .
        . . O O O .
        . O X . X O
        . . O O O .
        . . . . . .
        . . . . . .
        """,
    "snapback": """
        c O O X
        c O X X
        X X . .
        . . . .
        """,
    "two eyes": """
        . O . O X
        O O O O X
        X X X X X
        . . . . .
        . . . . .
        """,
    "the escape is a ko that Black has just taken": """
        . . X X . .
        . X O O X .
        X O c O X .
        . X O c X .
        . . X X . .
        . . . . . .
        """,
}


def _read(board: Board, check: bool = True) -> tuple[set[int], set[int]]:
    """Return the points of captures and escapes; if `check`, compare all 48 planes with the reference."""
    planes = encode(board)
    if check:
        np.testing.assert_array_equal(planes, reference_planes(reference_board(board)), err_msg=f"\n{board}")
    capture, escape = (set(np.flatnonzero(planes[index]).tolist()) for index in (CAPTURE, ESCAPE))
    return capture, escape


@pytest.mark.parametrize("name", LADDERS)
def test_ladders_in_diagrams(name):
    diagram = parse_diagram(LADDERS[name])
    expected = diagram.marks.get("c", set()), diagram.marks.get("e", set())
    for symmetry in range(NUM_SYMMETRIES):
        image = symmetry_tables(diagram.size)[symmetry]
        for own in (BLACK, WHITE):
            stones = {own: image[diagram.black].tolist(), opponent(own): image[diagram.white].tolist()}
            board = Board(diagram.size)
            board.setup(stones[BLACK], stones[WHITE], to_play=own)
            assert _read(board) == tuple(set(image[list(points)].tolist()) for points in expected), (
                f"\n{board}"
            )


def test_names_of_the_ladder_planes():
    assert (PLANES[CAPTURE].name, PLANES[ESCAPE].name) == ("ladder capture", "ladder escape")


# A ladder that runs around the board: it turns at the right and bottom edges and ends at the left edge. After
# its 106th ply White is still in atari.
LONG_LADDER = """
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . X . . . . . . . . . . . . . . . .
    . . . . . . . X O . . . . . . . . . . . . . . . .
    . . . . . . . X . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . X . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . O . . . . . .
    . . . . . . . . . . . . . . . . . . X . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . O . . . . . . . . . . . . . .
    . . . . . . . . X . . . . . . . . . . . . . . . .
    . . . . . . . . X . . . X . . . . . . . . . . . .
    . . . . . . . . X O . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    . . . . . . . . . . . . . . . . . . . . . . . . .
    """
LONG_LINE = """
    K22 J21 J20 K21 L21 K20 K19 L20 M20 L19 L18 M19 N19 M18 M17 N18 O18 N17 N16 O17 P17 O16 O15 P16 Q16 P15
    P14 Q15 R15 Q14 Q13 R14 R13 S14 T14 S13 U13 S12 S11 R12 Q12 R11 R10 Q11 P11 Q10 Q9 P10 O10 P9 P8 O9 N9 O8
    O7 N8 M8 N7 M7 N6 O6 M6 L6 M5 M4 L5 L4 K6 K5 L6 L8 K7 K8 J7 H7 J8 J9 H8 G8 H9 H10 G9 F9 G10 G11 F10 E10
    F11 F12 E11 D11 E12 E13 D12 C12 D13 D14 C13 B13 C14 C15 B14 B15 A14 A15 A13
    """


def test_line_of_more_than_100_plies_counts_as_escaped():
    board = board_from(LONG_LADDER)
    chain = parse_vertex("J22", 25)
    line = vertices(LONG_LINE, 25)
    for played, point in enumerate(line):
        plies = len(line) - played
        capture, escape = _read(board, check=played < 12 or played % 10 == 0)
        if board.to_play == BLACK:
            assert board.liberties(chain) == 2
            assert (point in capture) == (plies <= 100), f"{plies} plies to go\n{board}"
        else:
            assert board.liberties(chain) == 1
            assert (point in escape) == (plies > 100), f"{plies} plies to go\n{board}"
        board.play(point)
    assert board.liberties(chain) == 1


def test_long_ladder_is_a_capture_without_the_limit():
    board = reference_board(board_from(LONG_LADDER))
    assert not reference_planes(board, ladder_plies=105)[CAPTURE].any()
    assert np.flatnonzero(reference_planes(board, ladder_plies=106)[CAPTURE]) == [parse_vertex("K22", 25)]

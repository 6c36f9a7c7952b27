"""Pictures of positions, by their pixels."""

import io

import numpy as np
import pytest
from matplotlib.image import imread

from goengine.drawing.boards import board_picture
from goengine.game.board import Board
from goengine.points import parse_vertex


def picture(size=9, moves="", shares=None, played=None):
    board = Board(size)
    for vertex in moves.split():
        board.play(vertex)
    probabilities = np.zeros(size * size, np.float32)
    for vertex, share in (shares or {}).items():
        probabilities[parse_vertex(vertex, size)] = share
    point = None if played is None else parse_vertex(played, size)
    return imread(io.BytesIO(board_picture(board, probabilities, "title", point)), format="png")[:, :, :3]


def changed_pixels(before, after):
    """Return the rows and the columns of the pixels in which two pictures differ."""
    assert before.shape == after.shape
    rows, columns = np.nonzero(np.abs(before - after).sum(axis=2) > 0.3)
    return rows, columns


EMPTY = picture()


@pytest.fixture(scope="module")
def corners():
    """The pixel of A9, and the distance between two lines in pixels."""
    top = [array.mean() for array in changed_pixels(EMPTY, picture(moves="A9"))]
    bottom = [array.mean() for array in changed_pixels(EMPTY, picture(moves="J1"))]
    spacing = (bottom[0] - top[0]) / 8
    assert spacing == pytest.approx((bottom[1] - top[1]) / 8, rel=0.01)
    return top, spacing


@pytest.mark.parametrize(
    ("vertex", "row", "column"), [("A9", 0, 0), ("J9", 0, 8), ("C7", 2, 2), ("H2", 7, 7)]
)
def test_probabilities_are_drawn_on_their_points(corners, vertex, row, column):
    (top, left), spacing = corners
    rows, columns = changed_pixels(EMPTY, picture(shares={vertex: 0.9}))
    assert (rows.mean() - top) / spacing == pytest.approx(row, abs=0.05)
    assert (columns.mean() - left) / spacing == pytest.approx(column, abs=0.05)
    assert rows.max() - rows.min() < spacing


def test_black_stones_are_dark_and_white_ones_light(corners):
    (top, left), spacing = corners
    board = picture(moves="C3 G7 C4")
    shades = {}
    for vertex in ("C3", "G7", "E5"):
        row, column = divmod(parse_vertex(vertex, 9), 9)
        y, x = round(top + row * spacing), round(left + (column + 0.33) * spacing)
        shades[vertex] = board[y, x].mean()
    assert shades["C3"] < 0.2 < shades["E5"] < 0.9 < shades["G7"]


def test_likelier_points_are_greener(corners):
    (top, left), spacing = corners
    board = picture(shares={"C3": 0.6, "G7": 0.1})
    greens = []
    for vertex in ("C3", "G7"):
        row, column = divmod(parse_vertex(vertex, 9), 9)
        red, green, _ = board[round(top + (row + 0.33) * spacing), round(left + column * spacing)]
        greens.append(green - red)
    assert greens[0] > greens[1]


def test_the_last_and_the_next_move_have_rings():
    assert len(changed_pixels(picture(moves="C3"), picture(moves="C3", played="G7"))[0]) > 50
    assert len(changed_pixels(picture(moves="C3 G7"), picture(moves="G7 C3"))[0]) > 50
    np.testing.assert_array_equal(picture(played="pass"), EMPTY)


def test_small_probabilities_are_not_drawn():
    np.testing.assert_array_equal(picture(shares={"C3": 0.004}), EMPTY)


@pytest.mark.parametrize("size", [2, 19, 25])
def test_boards_of_every_size(size):
    board = picture(size, shares={"A1": 1.0})
    assert board.shape[1] == pytest.approx((size + 2.5) * 0.44 * 120, abs=1)

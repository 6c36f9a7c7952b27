"""Points, vertices, and the eight symmetries of the square."""

import itertools

import numpy as np
import pytest

from goengine.errors import GoEngineError
from goengine.points import (
    COLUMN_LETTERS,
    INVERSE,
    MAX_SIZE,
    MIN_SIZE,
    NUM_SYMMETRIES,
    check_size,
    format_vertex,
    parse_vertex,
    pass_move,
    symmetry_tables,
    transform_planes,
)

SIZES = range(MIN_SIZE, MAX_SIZE + 1)

# vertex, board size, row from the top, column from the left
VERTICES = [
    ("A1", 19, 18, 0),
    ("T19", 19, 0, 18),
    ("A19", 19, 0, 0),
    ("D4", 19, 15, 3),
    ("Q16", 19, 3, 15),
    ("H8", 9, 1, 7),
    ("J9", 9, 0, 8),  # no I in Go
    ("J1", 9, 8, 8),
    ("B2", 2, 0, 1),
    ("Z25", 25, 0, 24),
    ("Z1", 25, 24, 24),
]


@pytest.mark.parametrize("case", VERTICES, ids=lambda case: f"{case[0]} on {case[1]}")
def test_vertex_and_point(case):
    vertex, size, row, column = case
    assert parse_vertex(vertex, size) == row * size + column
    assert format_vertex(row * size + column, size) == vertex
    assert parse_vertex(f" {vertex.lower()} ", size) == row * size + column


@pytest.mark.parametrize("size", SIZES)
def test_vertices_are_unique_and_parse_back(size):
    names = [format_vertex(point, size) for point in range(size * size + 1)]
    assert len(set(names)) == size * size + 1
    assert [parse_vertex(name, size) for name in names] == list(range(size * size + 1))


@pytest.mark.parametrize("text", ["pass", "PASS", "Pass", " pass "])
def test_pass_is_size_squared(text):
    assert parse_vertex(text, 9) == pass_move(9) == 81
    assert format_vertex(81, 9) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "A",
        "1",
        "4D",
        "I5",
        "A0",
        "A10",
        "K1",
        "A-1",
        "A1.0",
        "A 1",
        "AA1",
        "passs",
        "A²",
        "A\u0661",
        "Ä1",
        "résumé",
    ],
)
def test_bad_vertex_raises(text):
    with pytest.raises(GoEngineError) as caught:
        parse_vertex(text, 9)
    assert "\n" not in str(caught.value)


def test_error_message_shortens_a_long_word():
    with pytest.raises(GoEngineError) as caught:
        parse_vertex("D" * 1_000_000, 9)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("point", [-1, 82, 10**9])
def test_point_off_the_board_raises(point):
    with pytest.raises(GoEngineError, match="9x9"):
        format_vertex(point, 9)


def test_column_letters_skip_i():
    assert len(COLUMN_LETTERS) == MAX_SIZE
    assert "I" not in COLUMN_LETTERS
    assert "".join(sorted(COLUMN_LETTERS)) == COLUMN_LETTERS


@pytest.mark.parametrize("size", [2, 9, 19, 25, np.int64(13)])
def test_valid_sizes(size):
    assert check_size(size) == size
    assert type(check_size(size)) is int


@pytest.mark.parametrize("size", [1, 26, 0, -9, 9.0, "9", None, True])
def test_bad_size_raises(size):
    with pytest.raises(GoEngineError, match="2 to 25"):
        check_size(size)


# Symmetries

IMAGES = {
    0: "abc def ghi",
    1: "ghi def abc",  # upside down
    2: "cba fed ihg",  # mirrored
    3: "ihg fed cba",
    4: "adg beh cfi",  # transposed
    5: "cfi beh adg",
    6: "gda heb ifc",
    7: "ifc heb gda",
}


@pytest.mark.parametrize("symmetry", range(NUM_SYMMETRIES))
def test_images_of_a_3x3_board(symmetry):
    letters = np.array([list(row) for row in IMAGES[0].split()])
    image = np.array([list(row) for row in IMAGES[symmetry].split()])
    np.testing.assert_array_equal(transform_planes(letters, symmetry), image)
    table = symmetry_tables(3)[symmetry]
    assert [image.flat[table[point]] for point in range(9)] == list("abcdefghi")


@pytest.mark.parametrize("size", SIZES)
def test_symmetries_form_a_group(size):
    tables = symmetry_tables(size)
    assert tables.shape == (8, size * size + 1)
    assert tables.dtype == np.uint16
    points = np.arange(size * size + 1)
    np.testing.assert_array_equal(tables[0], points)
    assert (tables[:, -1] == size * size).all()
    for table in tables:
        np.testing.assert_array_equal(np.sort(table), points)
    elements = {tuple(table) for table in tables.tolist()}
    assert len(elements) == 8
    products = [tables[second][tables[first]] for first, second in itertools.product(range(8), repeat=2)]
    assert {tuple(product) for product in np.array(products).tolist()} == elements
    for symmetry in range(8):
        np.testing.assert_array_equal(tables[INVERSE[symmetry]][tables[symmetry]], points)


@pytest.mark.parametrize("size", [2, 3, 9, 19])
def test_symmetries_keep_neighbours(size):
    tables = symmetry_tables(size).astype(int)
    pairs = [(p, p + 1) for p in range(size * size) if (p + 1) % size] + [
        (p, p + size) for p in range(size * size - size)
    ]
    joined = {frozenset(pair) for pair in pairs}
    for table in tables:
        assert {frozenset((int(table[a]), int(table[b]))) for a, b in pairs} == joined


@pytest.mark.parametrize("size", [2, 5, 19])
@pytest.mark.parametrize("symmetry", range(NUM_SYMMETRIES))
def test_planes_and_points_have_the_same_image(size, symmetry):
    planes = np.random.default_rng(1).integers(0, 99, (2, 3, size, size))
    image = transform_planes(planes, symmetry)
    assert image.shape == planes.shape
    table = symmetry_tables(size)[symmetry][:-1]
    np.testing.assert_array_equal(image.reshape(2, 3, -1)[..., table], planes.reshape(2, 3, -1))
    np.testing.assert_array_equal(transform_planes(image, INVERSE[symmetry]), planes)


def test_tables_are_cached_and_read_only():
    assert symmetry_tables(9) is symmetry_tables(9)
    with pytest.raises(ValueError, match="read-only"):
        symmetry_tables(9)[0, 0] = 1

"""The 48 planes: every row of the table by diagrams, and equality with the slow reference."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import shared_dir
from support.comparison import compare_real_positions, difference, real_positions
from support.diagrams import BLACK, WHITE, board_from, number_picture, side_by_side, tidy
from support.random_games import random_attempts
from support.real_games import SIZE, real_games
from support.reference import reference_board, reference_planes

from goengine.game.board import Board, opponent
from goengine.game.planes import NUM_PLANES, PLANES, encode, encode_packed, packed_bytes, unpack
from goengine.game.rules import Rules
from goengine.points import MAX_SIZE, MIN_SIZE, NUM_SYMMETRIES, symmetry_tables, transform_planes

# First plane, how many planes, the lowest value
GROUPS = {
    "own stone": (0, 1, 1),
    "opponent's stone": (1, 1, 1),
    "empty": (2, 1, 1),
    "ones": (3, 1, 1),
    "turns since": (4, 8, 1),
    "liberties": (12, 8, 1),
    "capture size": (20, 8, 0),
    "self-atari size": (28, 8, 1),
    "liberties after move": (36, 8, 1),
    "sensibleness": (46, 1, 1),
    "zeros": (47, 1, 1),
}

# name, planes, who is to move first, moves, position | the planes' values after the moves
FACTS = [
    (
        "own stones, White to play",
        ("own stone", WHITE, ""),
        """
        X . O | . . 1
        . O . | . 1 .
        X . . | . . .
        """,
    ),
    (
        "own stones, after a move of Black",
        ("own stone", BLACK, "B1"),
        """
        X . O | . . 1
        . O . | . 1 .
        X . . | . . .
        """,
    ),
    (
        "opponent's stones, White to play",
        ("opponent's stone", WHITE, ""),
        """
        X . O | 1 . .
        . O . | . . .
        X . . | 1 . .
        """,
    ),
    (
        "empty points, a capture among them",
        ("empty", BLACK, "B3"),
        """
        O . . | 1 . 1
        X . . | . 1 1
        . . . | 1 1 1
        """,
    ),
    (
        "ones",
        ("ones", WHITE, ""),
        """
        X . O | 1 1 1
        . O . | 1 1 1
        X . . | 1 1 1
        """,
    ),
    (
        "zeros",
        ("zeros", BLACK, ""),
        """
        X . O | . . .
        . O . | . . .
        X . . | . . .
        """,
    ),
    (
        "turns: a pass is a ply, setup stones are of old",
        ("turns since", BLACK, "C3 D3 C4 pass B3"),
        """
        . . . . . | . . . . .
        . . . . . | . . 3 . .
        . . . . . | . 1 5 4 .
        X . . . . | 8 . . . .
        . . . . O | . . . . 8
        """,
    ),
    (
        "turns: two passes last",
        ("turns since", BLACK, "C3 pass pass"),
        """
        . . . . . | . . . . .
        . . . . . | . . . . .
        . . . . . | . . 3 . .
        . . . . . | . . . . .
        . . . . . | . . . . .
        """,
    ),
    (
        "turns: eight and more; a point played again counts from then",
        ("turns since", BLACK, "A2 A1 B1 C1 E5 B2 E4 A1"),
        """
        . . . . . | . . . . 4
        . . . . . | . . . . 2
        . . . . . | . . . . .
        . . . . . | 8 3 . . .
        . . . . . | 1 . 5 . .
        """,
    ),
    (
        "turns: nine is as eight",
        ("turns since", BLACK, "A2 A1 B1 C1 E5 B2 E4 A1 E3"),
        """
        . . . . . | . . . . 5
        . . . . . | . . . . 3
        . . . . . | . . . . 1
        . . . . . | 8 4 . . .
        . . . . . | 2 . 6 . .
        """,
    ),
    (
        "liberties in the corner, at the edge and in the centre, both colours",
        ("liberties", BLACK, ""),
        """
        X . . . O | 2 . . . 4
        . . . O O | . . . 4 4
        . X X . . | . 5 5 . .
        . . O . . | . . 4 . .
        . . O O . | . . 4 4 .
        """,
    ),
    (
        "liberties: one point next to two stones counts once",
        ("liberties", WHITE, ""),
        """
        . . . . . . | . . . . . .
        . . X . . . | . . 7 . . .
        . . X X . . | . . 7 7 . .
        . . . . . . | . . . . . .
        . O . . . . | . 5 . . . .
        . O O . . . | . 5 5 . . .
        """,
    ),
    (
        "liberties: eight and more",
        ("liberties", BLACK, ""),
        """
        . . . . . . . | . . . . . . .
        . . . . . . . | . . . . . . .
        . . X X X . . | . . 8 8 8 . .
        . . . . . . . | . . . . . . .
        . O O O O . . | . 8 8 8 8 . .
        . . . . . . . | . . . . . . .
        . . . . . . . | . . . . . . .
        """,
    ),
    (
        "liberties: merged, and won back by a capture",
        ("liberties", BLACK, "D3"),
        """
        . X O X | . 3 . 4
        X O O . | 5 . . 4
        X X O X | 5 5 . 4
        . . X . | . . 3 .
        """,
    ),
    (
        "capture size: none, or three in the corner",
        ("capture size", BLACK, ""),
        """
        . O X . . | 3 . . 0 0
        O O X . . | . . . 0 0
        X X X . . | . . . 0 0
        . . . O X | 0 0 0 . .
        . . . X . | 0 0 0 . 0
        """,
    ),
    (
        "capture size: three chains by one move",
        ("capture size", BLACK, ""),
        """
        . X . X . | 0 . 0 . 0
        X O . O X | . . 3 . .
        . X O X . | 0 . . . 0
        . . X . . | 0 0 . 0 0
        . . . . . | 0 0 0 0 0
        """,
    ),
    (
        "capture size: seven and more",
        ("capture size", BLACK, ""),
        """
        . O O O O X | 7 . . . . .
        O O O O O X | . . . . . .
        X X X X X X | . . . . . .
        . . . . . . | 0 0 0 0 0 0
        . . . . . . | 0 0 0 0 0 0
        . . . . . . | 0 0 0 0 0 0
        """,
    ),
    (
        "capture size: not where it is suicide or ko",
        ("capture size", BLACK, "C3"),
        """
        . X O . | . . . 0
        X O . O | . . . .
        . X O . | 0 . . 0
        . . . . | 0 0 0 0
        """,
    ),
    (
        "capture size: ko is lifted by a pass",
        ("capture size", BLACK, "C3 pass pass"),
        """
        . X O . | . . . 0
        X O . O | . 1 . .
        . X O . | 0 . . 0
        . . . . | 0 0 0 0
        """,
    ),
    (
        "capture size: of two kos the one just taken is forbidden",
        ("capture size", BLACK, "C5"),
        """
        . X O . . . | . . . 0 0 0
        X O . O . . | . . . . 0 0
        . X O . . . | 0 . . 0 0 0
        . X O . . . | 0 . . 0 0 0
        X . X O . . | . 1 . . 0 0
        . X O . . . | . . . 0 0 0
        """,
    ),
    (
        "capture size: a snapback's first stone takes none",
        ("capture size", WHITE, ""),
        """
        . X X O | 0 . . .
        . X O . | 0 . . 0
        O O . . | . . 0 0
        . . . . | 0 0 0 0
        """,
    ),
    (
        "self-atari: the stone thrown in for a snapback",
        ("self-atari size", WHITE, ""),
        """
        . X X O | 1 . . .
        . X O . | . . . .
        O O . . | . . . .
        . . . . | . . . .
        """,
    ),
    (
        "self-atari: taking in a snapback, and a corner",
        ("self-atari size", BLACK, ""),
        """
        O X X O | . . . .
        . X O O | 4 . . .
        O O . . | . . . .
        . . . . | 1 . . .
        """,
    ),
    (
        "self-atari: three stones, not where the move captures",
        ("self-atari size", BLACK, ""),
        """
        . . . . . | . . . . .
        . . . . . | . . . . .
        O O O . . | . . . . .
        X X . O . | . . 3 . .
        O . O . . | . . . 1 .
        """,
    ),
    (
        "self-atari: eight and more",
        ("self-atari size", BLACK, ""),
        """
        X X X X . | . . . . 8
        O O O X O | . . . . .
        . . O X O | . . . . .
        . . O X . | . . . . 8
        . . O O O | . . . . .
        """,
    ),
    (
        "self-atari: taking a ko, and joining up",
        ("self-atari size", BLACK, ""),
        """
        . X O . . | 3 . . 1 .
        X O . O X | . . 1 . .
        . X O X . | . . . . .
        . . . . . | . . . . .
        . . . . . | . . . . .
        """,
    ),
    (
        "liberties after: corner, edge, centre, merging, capturing",
        ("liberties after move", BLACK, ""),
        """
        . . . . . | 2 3 3 3 2
        . . . . . | 2 3 3 4 3
        O O O . . | . . . 2 3
        X X . O . | . . 1 . 2
        O . O . . | . 2 . 1 2
        """,
    ),
    (
        "liberties after: taking in a snapback",
        ("liberties after move", BLACK, ""),
        """
        O X X O | . . . .
        . X O O | 1 . . .
        O O . . | . . 2 2
        . . . . | 1 2 3 2
        """,
    ),
    (
        "liberties after: eight and more",
        ("liberties after move", BLACK, ""),
        """
        . . . . . . . | 2 3 3 3 3 3 2
        . . . . . . . | 3 4 4 4 4 4 3
        . . . . . . . | 3 4 8 8 8 4 3
        . . X X X . . | 3 8 . . . 8 3
        . . . . . . . | 3 4 8 8 8 4 3
        . . . . . . . | 3 4 4 4 4 4 3
        . . . . . . . | 2 3 3 3 3 3 2
        """,
    ),
    (
        "liberties after: the points of all captured chains",
        ("liberties after move", BLACK, ""),
        """
        . X . X . | 2 . 3 . 2
        X O . O X | . . 4 . .
        . X O X . | 3 . . . 3
        . . X . . | 3 5 . 5 3
        . . . . . | 2 3 4 3 2
        """,
    ),
    (
        "sensible: an eye in the corner lost by one diagonal",
        ("sensibleness", BLACK, ""),
        """
        . X . X . | . . 1 . 1
        X X . O X | . . 1 . .
        . . . . . | 1 1 1 1 1
        X . . . . | . 1 1 1 1
        . X . . . | . . 1 1 1
        """,
    ),
    (
        "sensible: an eye at the edge lost by one diagonal",
        ("sensibleness", BLACK, ""),
        """
        X . X . X | . . . 1 .
        . X . X O | 1 . 1 . .
        . . . . . | 1 1 1 1 1
        . . . . . | 1 1 1 1 1
        . . . . . | 1 1 1 1 1
        """,
    ),
    (
        "sensible: an eye in the centre lost by two diagonals, not by one",
        ("sensibleness", BLACK, ""),
        """
        . . . . . . . | 1 1 1 1 1 1 1
        . O X . . . . | 1 . . 1 1 1 1
        . X . X . . . | 1 . . . 1 1 1
        . . X . X . . | 1 1 . . . 1 1
        . . . X . X . | 1 1 1 . 1 . 1
        . . . O X O . | 1 1 1 . . . 1
        . . . . . . . | 1 1 1 1 1 1 1
        """,
    ),
    (
        "sensible: not suicide, not ko; filling in a taken ko is",
        ("sensibleness", BLACK, "C3 pass"),
        """
        . X O . | . . . 1
        X O . O | . 1 . .
        . X O . | 1 . . 1
        . . . . | 1 1 1 1
        """,
    ),
    (
        "sensible: into the opponent's eye where that captures",
        ("sensibleness", BLACK, ""),
        """
        . O X . | 1 . . 1
        O O X . | . . . 1
        X X X . | . . . 1
        . . . . | 1 1 1 1
        """,
    ),
]


def _values(board: Board, group: str) -> str:
    first, count, lowest = GROUPS[group]
    planes = encode(board)
    assert difference(planes, reference_planes(reference_board(board))) == ""
    return number_picture(planes[first : first + count], lowest)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact[1][0]}-{fact[0]}")
def test_planes_of_small_positions(fact):
    _, (group, to_play, moves), diagrams = fact
    position, expected = side_by_side(diagrams)
    assert _values(board_from(position, to_play, moves), group) == tidy(expected)


def test_every_plane_has_a_name():
    assert len(PLANES) == NUM_PLANES == 48
    assert [plane.index for plane in PLANES] == list(range(48))
    assert len({plane.name for plane in PLANES}) == 48
    assert all(plane.group and plane.description for plane in PLANES)
    for group, (first, count, lowest) in GROUPS.items():
        if count == 1:
            continue
        assert {plane.group for plane in PLANES[first : first + count]} == {group}
        assert [plane.name for plane in PLANES[first : first + count]] == [
            f"{group} {lowest + step}" + (" or more" if step == 7 else "") for step in range(8)
        ]
    assert [PLANES[index].name for index in (0, 1, 2, 3)] == [
        "own stone",
        "opponent's stone",
        "empty",
        "ones",
    ]


def test_legal_suicide_sets_no_liberty_plane():
    board = board_from(". X . \n X . . \n . . .", WHITE, rules=Rules(suicide=True))
    planes = encode(board)
    assert difference(planes, reference_planes(reference_board(board))) == ""
    corner = planes[:, 0, 0]
    assert np.flatnonzero(corner[20:]).tolist() == [0, 26]  # captures none, sensible; nothing else


@pytest.mark.parametrize(("rules", "legal"), [("chinese", True), ("aga", False), ("tromp-taylor", False)])
def test_superko_applies_to_legal_planes(rules, legal):
    board = board_from(
        """
        . O . O .
        X X O O .
        . X . . .
        . . . . .
        . . . . .
        """,
        *(WHITE, "A5 C5"),
        rules=rules,
    )
    planes = encode(board)
    assert difference(planes, reference_planes(reference_board(board))) == ""
    assert planes[20:47, 0, 1].any() == legal


@pytest.mark.parametrize("size", range(MIN_SIZE, MAX_SIZE + 1))
def test_unpacking_restores_the_planes(size):
    board = Board(size)
    board.play(0)
    planes, packed = encode(board), encode_packed(board)
    assert planes.shape == (48, size, size)
    assert planes.dtype == packed.dtype == np.uint8
    assert packed.shape == (packed_bytes(size),)
    assert packed_bytes(size) % 8 == 0
    assert 0 <= 8 * packed_bytes(size) - 48 * size * size < 64
    bits = np.unpackbits(packed, bitorder="little")
    np.testing.assert_array_equal(bits[: 48 * size * size], planes.ravel())
    assert not bits[48 * size * size :].any()
    np.testing.assert_array_equal(unpack(np.stack([packed, packed]), size), [planes, planes])


def test_a_19x19_position_takes_2168_bytes():
    assert packed_bytes(19) == 2168


def test_encoding_does_not_change_the_board():
    board = board_from(". X O . \n X O . O \n . X O . \n . . . .", BLACK, "C3")
    before = str(board), board.ko_point, board.captures, board.legal_moves().tobytes()
    first = encode(board)
    np.testing.assert_array_equal(first, encode(board))
    assert (str(board), board.ko_point, board.captures, board.legal_moves().tobytes()) == before


def test_sensible_moves_equal_their_plane():
    game = real_games(shared_dir())[0]
    board = Board(SIZE)
    for point in game[:240]:
        planes = encode(board)
        np.testing.assert_array_equal(board.sensible_moves(), planes[46].ravel())
        np.testing.assert_array_equal(board.legal_moves(), planes[20:28].any(axis=0).ravel())
        board.play(point)


def test_planes_of_symmetric_positions_are_symmetric():
    tables = symmetry_tables(SIZE)
    for game in real_games(shared_dir())[:6]:
        images = [Board(SIZE) for _ in range(NUM_SYMMETRIES)]
        for ply, point in enumerate(game):
            if ply % 11 == 0:
                planes = encode(images[0])
                for symmetry, board in enumerate(images):
                    np.testing.assert_array_equal(encode(board), transform_planes(planes, symmetry))
            for symmetry, board in enumerate(images):
                board.play(int(tables[symmetry][point]))


def test_real_positions_agree_with_the_reference():
    folder = shared_dir()
    compared, report = compare_real_positions(folder, real_positions(folder, games=100, plies=4, seed=3))
    assert report == ""
    assert compared >= 390


@pytest.mark.slow
def test_20000_real_positions_agree_with_the_reference():
    folder = shared_dir()
    positions = real_positions(folder, games=2500, plies=9, seed=5)
    assert sum(map(len, positions.values())) >= 20_000
    games = list(positions)
    parts = [{game: positions[game] for game in games[part::20]} for part in range(20)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(compare_real_positions, [folder] * 20, parts, range(20)))
    assert [report for _, report in results if report] == []
    assert sum(compared for compared, _ in results) >= 20_000


@given(
    size=st.integers(2, 9),
    length=st.integers(1, 150),
    seed=st.integers(0, 2**32),
    rules=st.sampled_from(["chinese", "aga", "tromp-taylor", Rules(suicide=True)]),
)
def test_random_games_agree_with_the_reference(size, length, seed, rules):
    board = Board(size, rules=rules)
    other = reference_board(board)
    for attempt, point in enumerate(random_attempts(size, length, seed)):
        if board.is_legal(point):
            board.play(point)
            other.play(point)
            if attempt % 5 == seed % 5:
                assert difference(encode(board), reference_planes(other)) == "", f"\n{board}"


@given(
    size=st.integers(2, 9),
    before=st.integers(0, 100),
    after=st.integers(0, 30),
    seed=st.integers(0, 2**32),
    to_play=st.sampled_from([BLACK, WHITE]),
)
def test_setup_positions_agree_with_the_reference(size, before, after, seed, to_play):
    source = Board(size)
    for point in random_attempts(size, before, seed):
        if source.is_legal(point):
            source.play(point)
    stones = source.stones.ravel()
    board = Board(size)
    board.setup(np.flatnonzero(stones == BLACK), np.flatnonzero(stones == WHITE), to_play=to_play)
    assert difference(encode(board), reference_planes(reference_board(board))) == "", f"\n{board}"
    for point in random_attempts(size, after, seed + 1):
        if board.is_legal(point):
            board.play(point)
    assert difference(encode(board), reference_planes(reference_board(board))) == "", f"\n{board}"


def test_planes_of_handicap_stones():
    board = Board(19)
    board.setup([60, 72, 288, 300], [], to_play=WHITE)
    planes = encode(board)
    assert difference(planes, reference_planes(reference_board(board))) == ""
    assert np.flatnonzero(planes[1]).tolist() == np.flatnonzero(planes[11]).tolist() == [60, 72, 288, 300]
    board.play("C3", colour=opponent(board.to_play))
    assert difference(encode(board), reference_planes(reference_board(board))) == ""

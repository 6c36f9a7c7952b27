"""Playouts: which points may be played, the vital points of eyes, and how the area is counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_games import random_board
from support.reference import neighbours

from goengine.game.board import BLACK, EMPTY, WHITE, Board
from goengine.game.scoring import settled_points
from goengine.kernel.playouts import moves as kernel_moves
from goengine.kernel.playouts.area import Tally, count_area
from goengine.kernel.playouts.board import AT_PLACE, CLOSED, NOWHERE, RECORD, copy_position, pseudo_size
from goengine.kernel.playouts.games import ASLEEP, Playout, list_open, play_game
from goengine.points import format_vertex, parse_vertex
from goengine.util.jit import njit


@njit
def _judge(pseudo, steps, p, colour):  # type: ignore[no-untyped-def]
    return kernel_moves.judge(pseudo, steps, p, colour)


@njit
def _vital_point(pseudo, steps, captured, count):  # type: ignore[no-untyped-def]
    return kernel_moves.vital_point(pseudo, steps, captured, count)


class PartialPlayout:
    """A playout from a board, stopped after a number of moves."""

    def __init__(self, board: Board, moves: int, seed: int):
        cells, _, near = board.arrays
        points = board.size**2
        self.size = board.size
        self.settled = settled_points(board)
        self.root, self.steps = np.empty(pseudo_size(points), np.int32), np.empty(8, np.int64)
        ko = copy_position(cells, near, self.root, self.steps)
        self.places, self.empties, self.memory = np.empty((3, points), np.int64)
        listed, empty = list_open(self.root, self.settled, self.places, self.empties)
        self.places = self.places[:listed]
        self.pseudo = self.root.copy()
        state = np.array([2 * seed + 1], np.uint64)
        playout = Playout(self.pseudo, self.steps, self.empties, self.memory, state)
        self.count = play_game(playout, board.to_play, NOWHERE, ko, empty, moves)

    def at(self, point: int) -> int:
        return RECORD * (point + point // self.size + self.size + 2)

    @property
    def stones(self) -> list[int]:
        return [int(self.pseudo[self.at(p)]) & 3 for p in range(self.size**2)]


@settings(deadline=None, max_examples=60)
@given(
    size=st.integers(3, 9),
    seed=st.integers(0, 2**32 - 1),
    before=st.integers(0, 150),
    moves=st.integers(0, 150),
)
def test_empty_points_are_listed_or_asleep_and_not_played(
    size: int, seed: int, before: int, moves: int
) -> None:
    game = PartialPlayout(random_board(size, seed, before, fills_eyes=False), moves, seed)
    listed = game.empties[: game.count].tolist()
    assert len(set(listed)) == game.count
    for point, colour in enumerate(game.stones):
        at = game.at(point)
        place = int(game.pseudo[at + AT_PLACE])
        if game.settled[point]:
            assert place == CLOSED
        elif colour == EMPTY and place != ASLEEP:
            assert listed[place] == at
        elif colour == EMPTY:
            assert at not in listed
            for mover in (BLACK, WHITE):
                assert _judge(game.pseudo, game.steps, at, mover) != kernel_moves.PLAY
        else:
            assert at not in listed


@settings(deadline=None, max_examples=60)
@given(size=st.integers(3, 9), seed=st.integers(0, 2**32 - 1), before=st.integers(0, 150))
def test_area_is_stones_and_surrounded_regions(size: int, seed: int, before: int) -> None:
    game = PartialPlayout(random_board(size, seed, before, fills_eyes=False), 3 * size * size, seed)
    stones, around = game.stones, neighbours(size)
    owner = [int(game.settled[p]) or stones[p] for p in range(size**2)]
    shared = set()
    for start in range(size**2):
        region, queue, touching = {start}, [start], set()
        if owner[start] != EMPTY:
            continue
        while queue:
            for near in around[queue.pop()]:
                if stones[near] != EMPTY:
                    touching.add(stones[near])
                elif near not in region and not game.settled[near]:
                    region.add(near)
                    queue.append(near)
        for point in region:
            if len(touching) == 1:
                owner[point] = next(iter(touching))
            elif {BLACK, WHITE} <= {stones[near] for near in around[point]}:
                shared.add(point)
    next_to_shared = {
        int(game.pseudo[game.at(near) + 1]) for p in shared for near in around[p] if stones[near] != EMPTY
    }
    neutral_points = [
        p
        for p, colour in enumerate(stones)
        if not game.settled[p]
        and colour != EMPTY
        and int(game.root[game.at(p)]) & 3 == colour
        and int(game.pseudo[game.at(p) + 1]) in next_to_shared
    ]

    owned, neutral = np.zeros((2, len(game.root) // RECORD), np.int64)
    marks = np.zeros(len(owned), np.bool_)
    tally = Tally(owned, neutral, marks)
    score = count_area(game.root, game.pseudo, game.steps, game.places, game.memory, tally)
    sign = {BLACK: 1, WHITE: -1, EMPTY: 0}
    open_points = [p for p in range(size**2) if not game.settled[p]]
    assert score == sum(sign[owner[p]] for p in open_points)
    assert [owned[game.at(p) // RECORD] for p in open_points] == [sign[owner[p]] for p in open_points]
    assert np.flatnonzero(neutral).tolist() == [game.at(p) // RECORD for p in neutral_points]
    assert not marks.any()


@pytest.mark.parametrize(
    ("captured", "vital"),
    [
        pytest.param("C3 C4", None, id="two"),
        pytest.param("C3 C4 C5", "C4", id="three in a row"),
        pytest.param("C3 C4 D3", "C3", id="three at a corner"),
        pytest.param("C3 C4 C5 C6", None, id="four in a row"),
        pytest.param("C3 C4 D3 D4", None, id="square"),
        pytest.param("B3 C3 D3 C4", "C3", id="pyramid"),
        pytest.param("C3 C4 D3 D4 C5", "C4", id="bulky five"),
        pytest.param("C3 C4 C5 B4 D4", "C4", id="cross"),
        pytest.param("C3 C4 D3 D4 B4 C5", "C4", id="rabbity six"),
        pytest.param("C3 C4 D3 D4 B4 C5 C6", None, id="seven"),
    ],
)
def test_vital_point_of_an_eye(captured: str, vital: str | None) -> None:
    game = PartialPlayout(Board(9), 0, 0)
    points = np.array([game.at(parse_vertex(vertex, 9)) for vertex in captured.split()])
    result = _vital_point(game.pseudo, game.steps, points, len(points))
    named = {game.at(p): format_vertex(p, 9) for p in range(81)}
    assert named.get(result) == vital

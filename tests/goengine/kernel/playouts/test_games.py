"""How random games go: the points that may be played on, eyes that are halved, and how they are counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_games import random_board
from support.reference import neighbours

from goengine.game.board import BLACK, EMPTY, WHITE, Board
from goengine.game.scoring import settled_points
from goengine.kernel.playouts import moves as random_player
from goengine.kernel.playouts.area import count_area
from goengine.kernel.playouts.board import AT_PLACE, CLOSED, NOWHERE, RECORD, copy_position, pseudo_size
from goengine.kernel.playouts.games import ASLEEP, list_open, play_game
from goengine.points import format_vertex, parse_vertex
from goengine.util.jit import njit


@njit
def _judge(pseudo, steps, p, colour):  # type: ignore[no-untyped-def]
    return random_player.judge(pseudo, steps, p, colour)


@njit
def _vital_point(pseudo, steps, taken, captured):  # type: ignore[no-untyped-def]
    return random_player.vital_point(pseudo, steps, taken, captured)


class RandomGame:
    """A random game from a board, as far as it was played."""

    def __init__(self, board: Board, moves: int, seed: int):
        cells, _, near = board.arrays
        points = board.size**2
        self.size = board.size
        self.fixed = settled_points(board)
        self.root, self.steps = np.empty(pseudo_size(points), np.int32), np.empty(8, np.int64)
        ko = copy_position(cells, near, self.root, self.steps)
        self.places, self.empties, self.scratch = np.empty((3, points), np.int64)
        listed, left = list_open(self.root, self.fixed, self.places, self.empties)
        self.places = self.places[:listed]
        self.pseudo = self.root.copy()
        state = np.array([2 * seed + 1], np.uint64)
        self.left = play_game(
            self.pseudo,
            self.steps,
            board.to_play,
            NOWHERE,
            ko,
            state,
            self.empties,
            left,
            self.scratch,
            moves,
        )

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
def test_each_empty_point_is_listed_or_sleeps_and_what_sleeps_nobody_would_play(
    size: int, seed: int, before: int, moves: int
) -> None:
    game = RandomGame(random_board(size, seed, before, fills_eyes=False), moves, seed)
    listed = game.empties[: game.left].tolist()
    assert len(set(listed)) == game.left
    for point, colour in enumerate(game.stones):
        at = game.at(point)
        place = int(game.pseudo[at + AT_PLACE])
        if game.fixed[point]:
            assert place == CLOSED
        elif colour == EMPTY and place != ASLEEP:
            assert listed[place] == at
        elif colour == EMPTY:
            assert at not in listed
            for mover in (BLACK, WHITE):
                assert _judge(game.pseudo, game.steps, at, mover) != random_player.PLAY
        else:
            assert at not in listed


@settings(deadline=None, max_examples=60)
@given(size=st.integers(3, 9), seed=st.integers(0, 2**32 - 1), before=st.integers(0, 150))
def test_a_game_is_counted_by_stones_and_by_the_regions_they_surround(
    size: int, seed: int, before: int
) -> None:
    game = RandomGame(random_board(size, seed, before, fills_eyes=False), 3 * size * size, seed)
    stones, around = game.stones, neighbours(size)
    owner = [int(game.fixed[p]) or stones[p] for p in range(size**2)]
    shared = set()
    for start in range(size**2):
        region, todo, beside = {start}, [start], set()
        if owner[start] != EMPTY:
            continue
        while todo:
            for near in around[todo.pop()]:
                if stones[near] != EMPTY:
                    beside.add(stones[near])
                elif near not in region and not game.fixed[near]:
                    region.add(near)
                    todo.append(near)
        for point in region:
            if len(beside) == 1:
                owner[point] = next(iter(beside))
            elif {BLACK, WHITE} <= {stones[near] for near in around[point]}:
                shared.add(point)
    beside_shared = {
        int(game.pseudo[game.at(near) + 1]) for p in shared for near in around[p] if stones[near] != EMPTY
    }
    neutral_points = [
        p
        for p, colour in enumerate(stones)
        if not game.fixed[p]
        and colour != EMPTY
        and int(game.root[game.at(p)]) & 3 == colour
        and int(game.pseudo[game.at(p) + 1]) in beside_shared
    ]

    owned, neutral = np.zeros((2, len(game.root) // RECORD), np.int64)
    marks = np.zeros(len(owned), np.bool_)
    score = count_area(game.root, game.pseudo, game.steps, game.places, game.scratch, marks, owned, neutral)
    sign = {BLACK: 1, WHITE: -1, EMPTY: 0}
    open_points = [p for p in range(size**2) if not game.fixed[p]]
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
def test_the_point_that_halves_an_eye(captured: str, vital: str | None) -> None:
    game = RandomGame(Board(9), 0, 0)
    taken = np.array([game.at(parse_vertex(vertex, 9)) for vertex in captured.split()])
    found = _vital_point(game.pseudo, game.steps, taken, len(taken))
    named = {game.at(p): format_vertex(p, 9) for p in range(81)}
    assert named.get(found) == vital

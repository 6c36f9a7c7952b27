"""Games in lockstep, compared with boards that play the same moves one by one."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goengine.game.board import BLACK, WHITE, Board
from goengine.game.lockstep import ENDED, ILLEGAL, ONGOING, Lockstep
from goengine.game.planes import encode, encode_packed
from goengine.game.rules import RULES
from goengine.points import parse_vertex

ONE = np.zeros(1, np.int64)


def play(games: Lockstep, vertices: str) -> list[int]:
    return [
        int(games.play(ONE, np.array([parse_vertex(vertex, games.size)], np.int64))[0])
        for vertex in vertices.split()
    ]


def check_equal(games: Lockstep, row: int, board: Board) -> None:
    rows = np.array([row])
    legal = games.legal(rows)
    assert legal[0, :-1].tolist() == board.legal_moves().astype(int).tolist()
    assert legal[0, -1] == 1
    masked, planes = games.planes(rows)
    assert (masked == legal).all()
    assert (planes[0] == encode(board)).all()
    assert (games.packed_planes(rows)[1][0] == encode_packed(board)).all()
    assert games.to_play(rows)[0] == board.to_play
    assert games.ply(rows)[0] == board.ply
    assert games.area(row) == board.area_score() + board.komi


@settings(max_examples=25)
@given(
    size=st.sampled_from([2, 3, 4, 5, 7, 9]),
    rules=st.sampled_from(sorted(RULES)),
    seed=st.integers(0, 2**32 - 1),
)
def test_random_games_agree_with_boards(size: int, rules: str, seed: int) -> None:
    """Play uniform random legal moves, also in own eyes, so that small boards see repetition and suicide."""
    random = np.random.default_rng(seed)
    games = Lockstep(3, size, rules, max_moves=200, threads=2)
    boards = [Board(size, 0, rules) for _ in range(3)]
    for _ in range(60):
        rows = np.flatnonzero(random.random(3) < 0.8)
        legal = games.legal(rows)
        actions = np.array([random.choice(np.flatnonzero(mask)) for mask in legal], np.int64)
        games.play(rows, actions)
        for row, action in zip(rows, actions, strict=True):
            boards[row].play(int(action))
    for row, board in enumerate(boards):
        check_equal(games, row, board)
        assert games.board(row).moves == board.moves


def test_illegal_actions_change_nothing() -> None:
    games = Lockstep(1, 5, "chinese", max_moves=50)
    assert play(games, "C3 D4") == [ONGOING, ONGOING]
    before = games.planes(ONE)[1]
    for action in (parse_vertex("C3", 5), -1, -(10**9), 26, 10**9):
        assert games.play(ONE, np.array([action]))[0] == ILLEGAL
    assert (games.planes(ONE)[1] == before).all()
    assert games.ply(ONE)[0] == 2


def test_two_passes_end_a_game() -> None:
    games = Lockstep(1, 5, max_moves=50)
    assert play(games, "pass C3 pass pass") == [ONGOING, ONGOING, ONGOING, ENDED]


KO = "B3 C3 A2 D2 B1 C1 C2 B2"  # White's last took the stone on C2


@pytest.mark.parametrize("rules", sorted(RULES))
def test_a_ko_cannot_be_recaptured_at_once(rules: str) -> None:
    games = Lockstep(1, 5, rules, max_moves=50)
    assert play(games, KO) == [ONGOING] * 8
    assert play(games, "C2") == [ILLEGAL]
    assert play(games, "E5 E4 C2") == [ONGOING] * 3


def test_superko_forbids_what_simple_ko_allows() -> None:
    """A recapture after two passes would recreate the position, whoever is to move."""
    for rules, status in (("chinese", ONGOING), ("tromp-taylor", ILLEGAL)):
        games = Lockstep(1, 5, rules, max_moves=50)
        play(games, KO + " pass")
        games.play(ONE, np.array([25]))
        assert play(games, "C2") == [status]


def test_superko_forbids_the_empty_board_too() -> None:
    """On 2x2, the suicide of three stones would recreate the empty board."""
    games = Lockstep(1, 2, "tromp-taylor", max_moves=50)
    assert play(games, "A1 pass B1 pass A2 pass") == [ONGOING] * 6
    assert play(games, "B2") == [ILLEGAL]
    loose = Lockstep(1, 2, "tromp-taylor", max_moves=50)
    assert play(loose, "A1 pass B1 A2 pass") == [ONGOING] * 5


def test_a_reset_leaves_other_games_unchanged() -> None:
    games = Lockstep(2, 5, max_moves=50)
    rows = np.arange(2)
    games.play(rows, np.array([3, 7]))
    games.reset(np.array([0]))
    check_equal(games, 0, Board(5, 0, "tromp-taylor"))
    assert games.board(1).moves == [(BLACK, 7)]


def test_copies_are_independent() -> None:
    games = Lockstep(1, 5, max_moves=50, threads=2)
    play(games, "C3")
    other = copy.deepcopy(games)
    play(games, "D3")
    play(other, "B2")
    assert [move for _, move in games.board(0).moves] == [12, 13]
    assert other.board(0).moves == [(BLACK, 12), (WHITE, 16)]


def test_board_planes() -> None:
    games = Lockstep(1, 3, "chinese", max_moves=50)
    play(games, "B2 A1 pass")
    own, opponent, legal, black, passed = games.board_planes(ONE, games.legal(ONE))[0]
    assert np.argwhere(own).tolist() == [[2, 0]]
    assert np.argwhere(opponent).tolist() == [[1, 1]]
    assert legal.sum() == 7
    assert not black.any()
    assert passed.all()


def test_random_actions_fill_no_eyes_and_pass_at_the_end() -> None:
    games = Lockstep(1, 3, "chinese", max_moves=50)
    play(games, "B1 pass B2 pass B3 pass A2 pass C3 pass")  # A1, A3 eyes; C1, C2 one more
    legal = games.legal(ONE)
    drawn = {int(games.random_actions(ONE, legal, np.array([draw]))[0]) for draw in np.linspace(0, 0.999, 50)}
    assert drawn == {parse_vertex("C1", 3), parse_vertex("C2", 3)}
    play(games, "C2 pass")
    drawn = {int(games.random_actions(ONE, games.legal(ONE), np.array([d]))[0]) for d in (0.0, 0.5, 0.999)}
    assert drawn == {9}

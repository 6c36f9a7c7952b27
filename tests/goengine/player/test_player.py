"""The player: its choice among moves, temperature, settings."""

import numpy as np
import pytest
from support.stub_policy import FixedPolicy, UniformPolicy

from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE, Board
from goengine.player.player import Player
from goengine.points import parse_vertex, pass_move

PASS = pass_move(5)


def at(vertex: str) -> int:
    return parse_vertex(vertex, 5)


def policy_on(**likelihoods: float) -> FixedPolicy:
    """Return a policy for 5x5 with these probabilities, and 0 elsewhere."""
    probabilities = np.zeros(25, np.float32)
    for vertex, likelihood in likelihoods.items():
        probabilities[at(vertex)] = likelihood
    return FixedPolicy(probabilities)


def played(moves: str, size: int = 5, komi: float = 0.5, rules: str = "chinese") -> Board:
    board = Board(size, komi, rules)
    for vertex in moves.split():
        board.play(vertex)
    return board


def with_stones(black: str, white: str, to_play: int = BLACK, komi: float = 0.5) -> Board:
    board = Board(5, komi)
    board.setup([at(v) for v in black.split()], [at(v) for v in white.split()], to_play)
    return board


def test_the_likeliest_point_is_played() -> None:
    player = Player(policy_on(c3=0.6, d4=0.3, b2=0.1))
    assert player.choose(Board(5)) == at("c3")
    assert player.choose(played("c3")) == at("d4")
    assert player.choose(played("c3 d4")) == at("b2")


def test_an_unlikely_sensible_point_is_better_than_a_pass() -> None:
    player = Player(policy_on(c3=1.0))
    assert player.choose(played("c3")) != PASS


def test_the_board_is_not_changed() -> None:
    board = played("c3 d4 b2")
    before = str(board), board.moves, board.to_play, board.rules
    Player(UniformPolicy(5)).choose(board)
    Player(UniformPolicy(5)).choose(board, BLACK)
    assert (str(board), board.moves, board.to_play, board.rules) == before


def test_the_player_passes_if_only_own_eyes_remain() -> None:
    # Black lives with eyes at a5 and c5, the only empty points.
    board = with_stones("b5 d5 e5 a4 b4 c4 d4 e4 a3 b3 c3 d3 e3 a2 b2 c2 d2 e2 a1 b1 c1 d1 e1", "")
    assert Player(UniformPolicy(5)).choose(board) == PASS
    assert Player(UniformPolicy(5), temperature=1.0, seed=1).choose(board, WHITE) == PASS


def test_a_colour_out_of_turn_moves_for_itself() -> None:
    # Only White may play into the black eye at a1, capturing the two stones in atari.
    board = with_stones("a2 b1", "a3 b2 c1", BLACK)
    player = Player(policy_on(a1=0.9, e5=0.1))
    assert player.choose(board, WHITE) == at("a1")
    assert player.choose(board, BLACK) in (at("a1"), at("e5"))
    assert board.to_play == BLACK


def test_the_second_choice_if_ko_forbids_the_first() -> None:
    board = with_stones("b4 a3 b2 c3", "c4 d3 c2", WHITE)
    board.play("b3")  # White captures c3
    player = Player(policy_on(c3=0.9, e5=0.1))
    assert not board.is_legal("c3")
    assert player.choose(board) == at("e5")


def test_positions_are_not_repeated_under_simple_ko() -> None:
    """Simple ko allows longer cycles, which a policy would repeat for ever."""
    for seed in range(10):
        player = Player(UniformPolicy(3), temperature=1.0, seed=seed)
        board = Board(3, rules="chinese")
        seen = {board.stones.tobytes()}
        while not board.is_over:
            move = player.choose(board)
            board.play(move)
            assert move == pass_move(3) or board.stones.tobytes() not in seen
            seen.add(board.stones.tobytes())


def test_temperature_one_samples_the_probabilities() -> None:
    player = Player(policy_on(c3=0.6, d4=0.3, b2=0.1), temperature=1.0, seed=1)
    board = Board(5)
    drawn = [player.choose(board) for _ in range(2000)]
    shares = [drawn.count(at(vertex)) / 2000 for vertex in ("c3", "d4", "b2")]
    assert shares == pytest.approx([0.6, 0.3, 0.1], abs=0.04)
    assert sum(shares) == 1.0


def test_small_and_large_temperatures() -> None:
    board = Board(5)
    policy = policy_on(c3=0.6, d4=0.4)
    cold = Player(policy, temperature=0.001, seed=1)
    assert {cold.choose(board) for _ in range(50)} == {at("c3")}
    hot = Player(policy, temperature=1e6, seed=1)
    assert len({hot.choose(board) for _ in range(200)}) > 15


def test_the_same_seed_gives_the_same_game() -> None:
    games = []
    for seed in (1, 1, 2):
        player = Player(UniformPolicy(5), temperature=1.0, seed=seed)
        board = Board(5)
        for _ in range(15):
            board.play(player.choose(board))
        games.append(board.moves)
    assert games[0] == games[1] != games[2]


def test_symmetries_are_passed_to_the_policy() -> None:
    policy = policy_on(c3=1.0)
    Player(policy, symmetries=8).choose(Board(5))
    Player(policy).choose(Board(5))
    assert policy.symmetries_seen == [8, 1]


def test_settings_out_of_range_are_refused() -> None:
    for temperature in (-1.0, float("nan"), float("inf")):
        with pytest.raises(GoEngineError, match="temperature"):
            Player(UniformPolicy(5), temperature=temperature)
    with pytest.raises(GoEngineError, match="seed is -1"):
        Player(UniformPolicy(5), seed=-1)
    for symmetries in (0, 2, 9):
        with pytest.raises(GoEngineError, match="symmetries"):
            Player(UniformPolicy(5), symmetries=symmetries)


def test_resign_winrates_out_of_range_are_refused() -> None:
    for resign in (-0.1, 0.5, float("nan")):
        with pytest.raises(GoEngineError, match="resign"):
            Player(UniformPolicy(5), resign=resign)


def test_sizes_are_those_of_the_policy() -> None:
    player = Player(UniformPolicy(5))
    assert player.size == 5
    assert [player.can_play(size) for size in (5, 9, 19)] == [True, False, False]

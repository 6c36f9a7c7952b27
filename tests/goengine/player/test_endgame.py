"""Endgame decisions: passing, capturing dead stones, resigning; and that all games end."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.diagrams import BLACK, SEKI, WHITE, board_from
from support.stub_policy import FixedPolicy, UniformPolicy

from goengine.game.board import EMPTY, Board
from goengine.game.scoring import Playouts
from goengine.player.endgame import Action, EndgameState, assess, clearly_open, is_settled
from goengine.player.player import Player
from goengine.points import RESIGN, format_vertex, parse_vertex, pass_move

PASS = pass_move(9)

SETTLED = """
. X . X O . O . .
X X . X O O . O .
. X X X O . O . .
. X . X O . O O O
X . X X O O . O .
X X X O O . O . O
. . X O . O O O .
X X X O O O . O O
. X X X O . O O .
"""  # Black has 36 points, White 45


def uniform(**settings: float) -> Player:
    return Player(UniformPolicy(9), **settings)  # type: ignore[arg-type]


def favouring(*vertices: str) -> Player:
    """Return a player whose policy gives these points nearly all probability."""
    likelihoods = np.full(81, 0.0001, np.float32)
    for vertex in vertices:
        likelihoods[parse_vertex(vertex, 9)] = 0.9 / len(vertices)
    return Player(FixedPolicy(likelihoods))


def test_out_of_turn_the_assumed_pass_ends_no_game() -> None:
    position = SETTLED.replace(". X X X O . O O .", ". X X . O . O O .")
    assert favouring("C8", "F7").choose(board_from(position, to_play=BLACK), WHITE) == parse_vertex("D1", 9)
    assert favouring("C8", "F7").choose(board_from(position, to_play=BLACK, moves="pass")) == PASS


WINNING = EndgameState(winrate=1.0, lead=5.0, lead_as_it_stands=5.0, can_gain=False, can_capture_dead=False)
LOSING = replace(WINNING, winrate=0.0, lead=-5.0, lead_as_it_stands=-5.0)
NEEDS_CAPTURES = replace(WINNING, lead_as_it_stands=-1.0, can_capture_dead=True)


@pytest.mark.parametrize(
    ("state", "changes", "expected"),
    [
        # Nothing to gain: pass, unless the policy sees a weakness in own territory.
        (WINNING, {}, Action.DEFEND),
        (LOSING, {}, Action.DEFEND),
        (WINNING, {"opponent_passed": True}, Action.PASS),
        (LOSING, {"opponent_passed": True}, Action.DEFEND),
        # Something to gain: play it, unless a pass surely wins.
        (WINNING, {"can_gain": True}, Action.GAIN),
        (LOSING, {"can_gain": True, "opponent_passed": True}, Action.GAIN),
        (WINNING, {"can_gain": True, "opponent_passed": True}, Action.PASS),
        (WINNING, {"can_gain": True, "opponent_passed": True, "winrate": 0.9}, Action.PASS),
        (WINNING, {"can_gain": True, "opponent_passed": True, "winrate": 0.89}, Action.GAIN),
        # Dead stones count under area rules: they are captured if the game is won only without them.
        (NEEDS_CAPTURES, {}, Action.CAPTURE_DEAD),
        (NEEDS_CAPTURES, {"opponent_passed": True}, Action.CAPTURE_DEAD),
        (NEEDS_CAPTURES, {"can_capture_dead": False}, Action.DEFEND),
        (NEEDS_CAPTURES, {"can_gain": True}, Action.GAIN),
        (NEEDS_CAPTURES, {"can_gain": True, "opponent_passed": True}, Action.GAIN),
        (NEEDS_CAPTURES, {"area_scoring": False}, Action.DEFEND),
        (NEEDS_CAPTURES, {"area_scoring": False, "opponent_passed": True}, Action.PASS),
        (WINNING, {"can_capture_dead": True}, Action.DEFEND),
        (LOSING, {"can_capture_dead": True}, Action.DEFEND),
        # Cleanup: capture all dead stones first, and play no defence.
        (WINNING, {"cleanup": True, "can_capture_dead": True, "can_gain": True}, Action.CAPTURE_DEAD),
        (LOSING, {"cleanup": True, "can_capture_dead": True, "area_scoring": False}, Action.CAPTURE_DEAD),
        (WINNING, {"cleanup": True, "can_gain": True, "opponent_passed": True}, Action.GAIN),
        (WINNING, {"cleanup": True}, Action.PASS),
        (LOSING, {"cleanup": True, "opponent_passed": True}, Action.PASS),
    ],
)
def test_decisions(state: EndgameState, changes: dict[str, Any], expected: Action) -> None:
    assert replace(state, **changes).decide() is expected


@pytest.mark.parametrize("rules", ["chinese", "japanese"])
@pytest.mark.parametrize("to_play", [BLACK, WHITE])
def test_both_pass_when_nothing_can_be_gained(rules: str, to_play: int) -> None:
    board = board_from(SETTLED, to_play=to_play, rules=rules, komi=7.5)
    for player in (uniform(), favouring("C8", "A1", "J9", "G3"), uniform(temperature=1.0, seed=1)):
        assert player.choose(board) == PASS


def test_winner_and_loser_answer_a_pass_with_a_pass() -> None:
    for komi in (-50.5, 7.5):
        for to_play in (BLACK, WHITE):
            board = board_from(SETTLED, to_play=to_play, moves="pass", komi=komi)
            assert uniform().choose(board) == PASS


def test_points_between_the_colours_are_played_first() -> None:
    position = SETTLED.replace(". X X X O . O O .", ". X X . O . O O .")
    for to_play in (BLACK, WHITE):
        board = board_from(position, to_play, komi=7.5)
        assert favouring("C8", "F7").choose(board) == parse_vertex("D1", 9)


def test_few_playouts_show_clearly_open_points() -> None:
    """Points between the colours are open; territory and the liberties of a seki are not."""
    between = """
    . X . X O O . O .
    X X X X O O O O O
    X . X X O O O . O
    X X X X O O O O O
    . X . X . O . O .
    X X X X X O O O O
    X . X X X O O . O
    X X X X X O O O O
    . X . X X O . O .
    """
    black_has_fewer_moves = SETTLED.replace(
        "X . X X O O . O .", "X . X . O O . O ."
    )  # and takes it more often
    for position, expected in ((between, ["E5"]), (black_has_fewer_moves, ["D5"]), (SEKI, [])):
        board = board_from(position, komi=7.5)
        games = Playouts(board, first=EMPTY)
        assert is_settled(board, games)
        assert len(games) == 32
        clear = np.flatnonzero(clearly_open(board, games))
        assert [format_vertex(int(point), 9) for point in clear] == expected


def test_assessments_that_may_end_the_game_are_longer() -> None:
    board = board_from(SETTLED)
    for thorough, expected in ((False, 40), (True, 48)):
        games = Playouts(board, first=EMPTY)
        assess(board, games, thorough)
        assert len(games) == expected


def test_the_middle_game_is_not_ended_by_a_pass() -> None:
    board = board_from(
        """
        . . . . . . . . .
        . . . . . . . . .
        . . X . . . X . .
        . . . . . . . . .
        . . . . . . . . .
        . . . . . . . . .
        . . X . . . X . .
        . . . . . . . . .
        . . . . . . . . .
        """,
        to_play=WHITE,
        moves="pass",
    )
    assert uniform().choose(board) != PASS
    assert uniform().choose(Board(9, komi=7.5), WHITE) != PASS  # ahead by komi alone


DEAD = """
. X . X O . . . .
X X . X O O O O .
. X X X O . X O .
. X . X O . X O O
X . X X O O . O .
X X X O O . O . O
. . X O . O O O .
X X X O O O . O O
. X X X O . O X .
"""


def test_area_rules_dead_stones_are_captured_to_win() -> None:
    """White wins without the black stones, but not as the board stands."""
    board = board_from(DEAD, to_play=BLACK, moves="pass", komi=-7.0)
    assert board.score() > 0
    white = uniform()
    for _ in range(30):
        move = white.choose(board)
        board.play(move)
        if move == PASS:
            break
        board.play("pass")
    assert board.is_over
    assert board.score() < 0
    # Without need: White loses even so, or wins as the board stands.
    assert uniform().choose(board_from(DEAD, to_play=BLACK, moves="pass", komi=-60.5)) == PASS
    assert uniform().choose(board_from(DEAD, to_play=BLACK, moves="pass", komi=60.5)) == PASS


def test_territory_rules_dead_stones_stay_until_cleanup() -> None:
    board = board_from(DEAD, to_play=WHITE, rules="japanese", komi=7.5)
    assert uniform().choose(board) == PASS
    dead = [parse_vertex(vertex, 9) for vertex in ("G7", "G6", "H1")]
    for _ in range(30):
        move = uniform().choose(board, WHITE, cleanup=True)
        if move == PASS:
            break
        board.play(move, WHITE)
    assert all(board.colour_at(point) != BLACK for point in dead)
    assert uniform().choose(board, WHITE, cleanup=True) == PASS


def test_stones_in_seki_are_not_captured() -> None:
    board = board_from(SEKI, komi=7.5)
    sure = favouring("A9", "E9")
    assert sure.choose(board) == PASS
    assert sure.choose(board, WHITE) == PASS
    assert sure.choose(board, BLACK, cleanup=True) == PASS


def test_the_player_resigns_at_the_third_hopeless_move() -> None:
    def lost() -> Board:
        return board_from(SETTLED, komi=40.5)

    board, player = lost(), uniform(resign=0.05)
    answers = []
    for vertex in ("J9", "F7", "J1"):
        answers.append(player.choose(board))
        board.play(answers[-1] if answers[-1] != RESIGN else "pass")
        board.play(vertex)
    assert answers[2] == RESIGN
    assert RESIGN not in answers[:2]
    assert player.choose(lost()) != RESIGN  # another game
    assert all(uniform().choose(board) != RESIGN for _ in range(4))
    hopeful = uniform(resign=0.05)
    assert all(hopeful.choose(board_from(SETTLED, to_play=WHITE, komi=40.5)) != RESIGN for _ in range(4))


def test_a_player_of_both_colours_resigns_for_the_loser() -> None:
    board, player = board_from(SETTLED, komi=40.5), uniform(resign=0.05)
    answers = []
    while RESIGN not in answers and board.ply < 8:
        assert player.choose(board) == player.choose(board)
        answers.append(player.choose(board))
        board.play("pass" if board.to_play == BLACK else ("J9", "F7", "J1")[board.ply // 2])
    assert answers.index(RESIGN) == 4  # Black's third
    assert board.moves[-1][0] == BLACK


@pytest.mark.parametrize("rules", ["chinese", "japanese", "aga", "tromp-taylor"])
def test_games_between_uniform_policies_end(rules: str) -> None:
    for seed in range(3):
        board = Board(7, komi=7.5, rules=rules)
        players = [Player(UniformPolicy(7), temperature=1.0, seed=seed + k) for k in range(2)]
        while not board.is_over:
            board.play(players[board.to_play - 1].choose(board))
            assert board.ply < 4 * 49


def test_a_game_against_a_player_that_never_passes_ends() -> None:
    choose = random.Random(1)
    board = Board(7, komi=7.5, rules="tromp-taylor")
    player = Player(UniformPolicy(7), temperature=1.0, seed=1)
    while not board.is_over and board.ply < 1000:
        if board.to_play == BLACK:
            board.play(player.choose(board))
        else:
            points = np.flatnonzero(board.sensible_moves())
            board.play(int(choose.choice(points)) if len(points) else pass_move(7))
    assert board.is_over


def test_own_eyes_are_never_filled() -> None:
    for seed in range(20):
        board = Board(9, komi=7.5)
        players = [uniform(temperature=1.0, seed=seed + k) for k in range(2)]
        while not board.is_over:
            move = players[board.to_play - 1].choose(board)
            assert move == PASS or board.sensible_moves()[move]
            board.play(move)

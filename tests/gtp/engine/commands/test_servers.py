"""The commands of KGS's and CGOS's clients."""

import pytest
from support.gtp_talk import check_session, new_engine, talk

from goengine.game.rules import RULES

SESSIONS = {
    "kgs": """
        kgs-rules chinese                         | =
        kgs-rules Japanese                        | =
        kgs-rules aga                             | =
        kgs-rules new_zealand                     | =
        kgs-rules ing                             | ? syntax error
        kgs-rules                                 | ? syntax error
        kgs-time_settings none                    | =
        kgs-time_settings absolute 600            | =
        kgs-time_settings byoyomi 600 30 5        | =
        kgs-time_settings canadian 600.0 300 25   | =
        kgs-time_settings canadian 600 300        | ? syntax error
        kgs-time_settings absolute -1             | ? syntax error
        kgs-time_settings hourglass 600           | ? syntax error
        kgs-time_settings                         | ? syntax error
        time_left b 30 5                          | =
        kgs-game_over                             | =
        kgs-chat game someone hello               | =
        kgs-chat shout someone hello              | ? syntax error
    """,
    "cgos": """
        cgos-opponent_name GNU_Go_3.8             | =
        cgos-opponent_rating 1800?                | =
        cgos-opponent_rating                      | =
        time_settings 900 0 0                     | =
        time_left b 900 0                         | =
        cgos-gameover B+3.5                       | =
    """,
}


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(name: str) -> None:
    check_session(new_engine(), SESSIONS[name])


def test_kgs_rules_hold_for_the_next_games() -> None:
    engine = new_engine()
    talk(engine, "boardsize 9", "kgs-rules new_zealand")
    assert engine.session.board.rules == RULES["tromp-taylor"]
    talk(engine, "clear_board")
    assert engine.session.board.rules == RULES["tromp-taylor"]
    talk(engine, "kgs-rules japanese")
    assert engine.session.board.rules == RULES["japanese"]


def test_a_private_message_gets_an_introduction() -> None:
    [response] = talk(new_engine(), "kgs-chat private someone who are you?")
    assert response.startswith("= I am goengine")
    assert "\n" not in response


def test_cleanup_captures_dead_stones_before_it_passes() -> None:
    engine = new_engine(size=7)
    rows = ["b c7 b c6 b c5 b c4 b c3 b c2 b c1 w d7 w d6 w d5 w d4 w d3 w d2 w d1", "b f6 w b2"]
    talk(engine, f"gogui-setup {' '.join(rows)}", "komi 0")
    moves = []
    for _ in range(30):
        [answer] = talk(engine, "kgs-genmove_cleanup b")
        talk(engine, "play w pass")
        moves.append(answer)
        if answer == "= pass":
            break
    assert moves[-1] == "= pass"
    stones = engine.session.board.stones
    assert stones[5, 1] == 0  # B2

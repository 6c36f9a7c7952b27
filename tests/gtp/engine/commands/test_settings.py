"""Settings while the engine runs."""

from pathlib import Path

import pytest
from support.gtp_talk import check_session, new_engine, talk

SESSIONS = {
    "values": """
        goengine-param temperature                | = 0
        goengine-param temperature 0.5            | =
        goengine-param temperature                | = 0.5
        goengine-param temperature -1             | ? temperature -1.0 is not a number from 0
        goengine-param temperature hot | ? the setting temperature is 'hot'; it has to be of type float
        goengine-param temperature                | = 0.5
        goengine-param top_p 0.9                  | =
        goengine-param top_p 0                    | ? top_p 0.0 is not a share above 0, up to 1
        goengine-param symmetries 8               | =
        goengine-param symmetries 3               | ? symmetries is 3; expected 1 or 8
        goengine-param symmetries                 | = 8
        goengine-param resign 0.05                | =
        goengine-param resign 0.5                 | ? resign 0.5 is not a share of games from 0 to below 0.5
        goengine-param rules tromp-taylor         | =
        goengine-param rules ing | ? unknown rules 'ing'; known are chinese, japanese, aga, tromp-taylor
        goengine-param rules                      | = tromp-taylor
        goengine-param komi 0.5                   | =
        final_score                               | = W+0.5
        komi 6.5                                  | =
        goengine-param komi                       | = 6.5
    """,
}


@pytest.mark.parametrize("name", SESSIONS)
def test_sessions(name: str) -> None:
    check_session(new_engine(), SESSIONS[name])


def test_the_list_is_gogui_s_kind() -> None:
    [response] = talk(new_engine(), "goengine-param")
    assert response.removeprefix("= ").split("\n") == [
        "[string] model default",
        "[string] temperature 0",
        "[string] top_p 1",
        "[list/1/8] symmetries 1",
        "[string] resign 0",
        "[list/chinese/japanese/aga/tromp-taylor] rules chinese",
        "[string] komi 7.5",
    ]


def test_what_is_given_at_the_start_cannot_change() -> None:
    [response] = talk(new_engine(), "goengine-param size 19")
    assert response == (
        "? there is no setting size; there are model, temperature, top_p, symmetries, resign, rules, komi"
    )


def test_settings_reach_the_player() -> None:
    engine = new_engine()
    talk(engine, "goengine-param temperature 0.5", "goengine-param symmetries 8", "goengine-param top_p 0.5")
    player = engine.session.player
    assert (player.temperature, player.symmetries, player.top_p) == (0.5, 8, 0.5)


def test_another_model(tmp_path: Path) -> None:
    engine = new_engine()
    folder = tmp_path / "my models" / "small one"
    folder.mkdir(parents=True)
    talk(engine, "goengine-param temperature 0.25", "play b e5")
    before = engine.session.player
    assert talk(engine, f"goengine-param model {folder}") == ["="]
    assert engine.session.player is not before
    assert engine.session.player.temperature == 0.25
    assert engine.session.board.ply == 1
    assert talk(engine, "goengine-param model") == [f"= {folder}"]
    folder.rmdir()  # it is loaded: a game goes on without
    assert talk(engine, "komi 3.5", "clear_board", "genmove b")[:2] == ["=", "="]
    [response] = talk(engine, f"goengine-param model {tmp_path / 'none'}")
    assert response.startswith("?")
    assert talk(engine, "goengine-param model") == [f"= {folder}"]

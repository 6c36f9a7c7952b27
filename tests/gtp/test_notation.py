"""Text, moves and scores in GTP."""

import pytest

from goengine.errors import GoEngineError
from goengine.gtp.notation import clean_text, format_move, format_score, parse_move, parse_score
from goengine.points import RESIGN, pass_move


def test_control_characters_are_removed_and_tabs_become_spaces() -> None:
    assert clean_text("\x00a\tb\x07\x0c c\r\x7f\n") == "a b c\n"


@pytest.mark.parametrize(
    ("text", "move"), [("A9", 0), ("J1", 80), ("pass", pass_move(9)), ("resign", RESIGN)]
)
def test_moves_as_text(text: str, move: int) -> None:
    assert format_move(move, 9) == text
    assert parse_move(text, 9) == parse_move(text.upper(), 9) == parse_move(text.lower(), 9) == move


@pytest.mark.parametrize("text", ["", "K10", "I5", "resigns", "A0"])
def test_text_that_is_not_a_move(text: str) -> None:
    with pytest.raises(GoEngineError):
        parse_move(text, 9)


@pytest.mark.parametrize(
    ("text", "score"), [("B+3.5", 3.5), ("W+0.5", -0.5), ("0", 0.0), ("B+81", 81.0), ("W+1e+06", -1e6)]
)
def test_scores_as_text(text: str, score: float) -> None:
    assert format_score(score) == text
    if "e" not in text:  # only a komi of a million makes such a score
        assert parse_score(text) == score


def test_scores_may_have_needless_decimals() -> None:
    assert parse_score("W+3.0") == -3


@pytest.mark.parametrize("text", ["", "B+R", "W+", "3.5", "b+3.5", "B+3.5 ", "B+-3", "cannot score"])
def test_text_that_is_not_a_score(text: str) -> None:
    with pytest.raises(GoEngineError, match="is not a score"):
        parse_score(text)

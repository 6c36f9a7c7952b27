"""GTP 2: preprocessing, commands, responses, arguments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.gtp_talk import respond

from goengine.errors import GoEngineError
from goengine.gtp.engine.protocol import (
    Command,
    GtpError,
    format_response,
    parse_command,
    preprocess,
    read_colour,
    read_float,
    read_integer,
)


def fail(kind: type[Exception], text: str) -> str:
    raise kind(text)


HANDLERS = {
    "name": lambda: "goengine",
    "echo": lambda *words: "|".join(words),
    "two": lambda first, second="none": f"{first} {second}",
    "rows": lambda: "one\n\ntwo\n   \nthree\n",
    "diagram": lambda: "\n A\n B",
    "tabs": lambda: "a\tb\x07\x0cc\r",
    "refuse": lambda: fail(GtpError, "illegal move"),
    "user_error": lambda: fail(GoEngineError, "two lines\n\nof text"),
    "broken": lambda: fail(ZeroDivisionError, "secret"),
}


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("name\n", "name"),
        ("name\r\n", "name"),
        ("name", "name"),
        ("play\tb\td4", "play b d4"),
        ("\x00na\x01me\x7f\x1b", "name"),
        ("na\rme", "name"),
        ("name # what are you?", "name"),
        ("# only a comment", ""),
        ("a#b#c", "a"),
        ("  \t ", ""),
        ("\n", ""),
        ("", ""),
        ("caf\u00e9\x85", "caf\u00e9\x85"),
    ],
)
def test_preprocessing(line: str, text: str) -> None:
    assert preprocess(line) == text


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("name", Command("", "name", ())),
        ("12 play b d4", Command("12", "play", ("b", "d4"))),
        ("  7   play   b  d4  ", Command("7", "play", ("b", "d4"))),
        ("007 name", Command("007", "name", ())),
        ("0 name", Command("0", "name", ())),
        ("2147483647 name", Command("2147483647", "name", ())),
        ("2147483648 name", Command("", "2147483648", ("name",))),  # more than 31 bits, so a name
        ("1name", Command("", "1name", ())),
        ("-1 name", Command("", "-1", ("name",))),
        ("\u0663 name", Command("", "\u0663", ("name",))),  # a digit, but not an ASCII one
        ("a\u00a0b c", Command("", "a\u00a0b", ("c",))),  # SPACE and HT alone are white space
        ("5", Command("5", "", ())),
        ("5 6", Command("5", "6", ())),
        ("# 5 name", None),
        ("", None),
    ],
)
def test_command_lines_are_parsed(line: str, command: Command | None) -> None:
    assert parse_command(line) == command


@pytest.mark.parametrize(
    ("line", "response"),
    [
        ("name", "= goengine\n\n"),
        ("3 name\r\n", "=3 goengine\n\n"),
        ("echo", "=\n\n"),
        ("3 echo", "=3\n\n"),
        ("echo a  b#c", "= a|b\n\n"),
        ("rows", "= one\ntwo\nthree\n\n"),
        ("8 diagram", "=8 \n A\n B\n\n"),
        ("tabs", "= a bc\n\n"),
        ("refuse", "? illegal move\n\n"),
        ("9 refuse", "?9 illegal move\n\n"),
        ("user_error", "? two lines of text\n\n"),
        ("broken", "? internal error: ZeroDivisionError\n\n"),
        ("unheard_of", "? unknown command\n\n"),
        ("4 unheard_of", "?4 unknown command\n\n"),
        ("NAME", "? unknown command\n\n"),
        ("5", "?5 unknown command\n\n"),
        ("name more", "? syntax error\n\n"),
        ("two", "? syntax error\n\n"),
        ("two a", "= a none\n\n"),
        ("two a b", "= a b\n\n"),
        ("two a b c", "? syntax error\n\n"),
        ("", None),
        ("   \r\n", None),
        ("# name", None),
    ],
)
def test_responses(line: str, response: str | None) -> None:
    assert respond(line, HANDLERS) == response


def test_a_faulty_handler_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    respond("broken", HANDLERS)
    assert "ZeroDivisionError: secret" in caplog.text


@pytest.mark.parametrize(
    ("line", "response"),
    [
        ("x" * 10**6, "? line too long\n\n"),
        ("17 " + "x" * 10**6, "?17 line too long\n\n"),
        ("17 echo " + "a " * 10**6, "?17 line too long\n\n"),
        ("1" * 10**6, "? line too long\n\n"),
        (" " * 10**6 + "name", "? line too long\n\n"),
        ("name #" + "x" * 10**6, "= goengine\n\n"),
        ("#" * 10**6, None),
    ],
)
def test_a_line_of_a_megabyte(line: str, response: str | None) -> None:
    assert respond(line, HANDLERS) == response


@given(st.text(max_size=200))
def test_any_line_gets_at_most_one_response(line: str) -> None:
    response = respond(line, HANDLERS)
    if response is not None:
        assert response[0] in "=?"
        assert response.endswith("\n\n")
        assert "\n\n" not in response[:-2]


@given(st.text(max_size=300), st.booleans())
def test_any_text_makes_one_response(text: str, failed: bool) -> None:
    response = format_response("1", text, failed)
    assert response.startswith("?1" if failed else "=1")
    assert response.endswith("\n\n")
    assert "\n\n" not in response[:-2]
    assert not failed or response.count("\n") == 2


def test_integers() -> None:
    assert [read_integer(word) for word in ("0", "19", "2147483647")] == [0, 19, 2147483647]
    for word in ("-1", "+1", "1.0", "2147483648", "9" * 5000, "", "1_0", "\u0663", "a"):
        with pytest.raises(GtpError, match="syntax error"):
            read_integer(word)


def test_floats() -> None:
    assert [read_float(word) for word in ("7.5", "-0.5", "6", ".5", "7.", "1e2")] == [
        7.5,
        -0.5,
        6,
        0.5,
        7,
        100,
    ]
    for word in ("nan", "inf", "-inf", "1e999", "7,5", "", "0x10", "1_0", "seven", "9" * 5000):
        with pytest.raises(GtpError, match="syntax error"):
            read_float(word)


def test_colours() -> None:
    assert [read_colour(word) for word in ("b", "B", "black", "BLACK", "w", "White")] == [1, 1, 1, 1, 2, 2]
    for word in ("", "e", "bl", "blackwhite", "1"):
        with pytest.raises(GtpError, match="syntax error"):
            read_colour(word)

"""`goengine gtp` as a process, with a small untrained network."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.commands import GOENGINE, run_command

from goengine.gtp.client import Client, CommandError
from goengine.gtp.match.game import play_game

COMPILING = 300.0  # seconds that a first start may take on a machine with more to do


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder for 9x9. All its moves are equally likely: the player takes the first sensible point."""
    from goengine.nn.network import PolicyNetwork

    folder = tmp_path_factory.mktemp("model")
    PolicyNetwork(size=9, filters=8, layers=3).save_pretrained(folder)
    return folder


@pytest.fixture
def engine(model: Path) -> Iterator[Client]:
    with Client(
        [*GOENGINE, "gtp", "--model", str(model), "--temperature", "1", "--seed", "5"], timeout=COMPILING
    ) as client:
        yield client


def run(*arguments: object, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    words = [str(argument) for argument in arguments]
    return subprocess.run([*GOENGINE, "gtp", *words], input=text, capture_output=True, timeout=COMPILING)


@pytest.mark.long
def test_a_complete_game(engine: Client) -> None:
    assert engine.send("name") == "goengine"
    game = play_game(engine, engine, size=9)
    assert game.ending == "passes"
    assert engine.send("final_score") == game.result
    with pytest.raises(CommandError, match="unacceptable size"):
        engine.send("boardsize 19")


def test_the_first_answer_comes_before_the_network_is_loaded(model: Path) -> None:
    started = time.monotonic()
    with Client([*GOENGINE, "gtp", "--model", str(model)]) as engine:
        engine.send("name")
        assert time.monotonic() - started < 4.0


def test_quit_does_not_wait_for_the_network(model: Path) -> None:
    done = run("--model", model, text=b"1 name\n2 quit\n")
    assert (done.returncode, done.stdout) == (0, b"=1 goengine\n\n=2\n\n")
    assert b"Traceback" not in done.stderr


@pytest.mark.long
def test_the_end_of_input_ends_the_engine(model: Path) -> None:
    for text, start in ((b"", b""), (b"reg_genmove b", b"= ")):
        done = run("--model", model, text=text)
        assert (done.returncode, done.stdout[:2]) == (0, start)


@pytest.mark.long
def test_options_take_effect(model: Path) -> None:
    lines = b"final_score\nplay w a2\nplay w b1\nplay w e5\nplay b a1\n"
    done = run("--model", model, "--rules", "tromp-taylor", "--komi", "0.5", "--size", "9", text=lines)
    answers = done.stdout.split(b"\n\n")
    assert answers[0] == b"= W+0.5"
    assert answers[-2] == b"? illegal move"  # suicide of one stone repeats the position


def test_options_override_the_settings_file(model: Path, tmp_path: Path) -> None:
    config = tmp_path / "engine.toml"
    config.write_text('komi = 3.5\nrules = "japanese"\nsize = 9\ntemperature = 0.5\n', encoding="utf-8")
    text = b"goengine-param komi\ngoengine-param rules\ngoengine-param temperature\n"
    done = run("--model", model, "--config", config, "--komi", "0.5", text=text)
    assert done.stdout == b"= 0.5\n\n= japanese\n\n= 0.5\n\n"


def test_the_log_has_the_dialogue_with_times(model: Path, tmp_path: Path) -> None:
    log = tmp_path / "with spaces" / "engine.log"
    log.parent.mkdir()
    for _ in range(2):  # the second adds to it
        run("--model", model, "--log", log, text=b"1 name\n2 quit\n")
    lines = log.read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", line) for line in lines)
    said = [line[24:] for line in lines]
    dialogue = [line for line in said if line[:1] in "<>"]
    assert (
        dialogue
        == [
            "> 1 name",
            "< =1 goengine",
            "< ",
            "> 2 quit",
            "< =2",
            "< ",
        ]
        * 2
    )
    assert sum(line.startswith("started: ") for line in said) == 2


def test_the_first_start_prints_what_it_does(model: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "GOENGINE_CACHE": str(tmp_path)}
    done = subprocess.run(
        [*GOENGINE, "gtp", "--model", str(model)],
        input=b"name\nquit\n",
        capture_output=True,
        timeout=60,
        env=environment,
    )
    assert done.stdout == b"= goengine\n\n=\n\n"
    assert b"goengine: first start: compiling the rules of Go" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "/no/such/model"], "error: the model /no/such/model does not exist; expected"),
        (["--temperature", "-1"], "error: temperature is -1.0; expected a number from 0"),
        (["--temperature", "nan"], "error: temperature is nan; expected a number from 0"),
        (["--top-p", "0"], "error: top_p is 0.0; expected a share above 0 and up to 1"),
        (["--resign", "1"], "error: resign is 1.0; expected a winrate from 0 to below 0.5"),
        (["--config", "/no/such/file"], "error: cannot read the settings file /no/such/file: No such file"),
        (["--log", "/no/such/folder/log"], "error: /no/such/folder/log: No such file or directory"),
        (["--symmetries", "3"], "error: symmetries is 3; expected 1 or 8"),
        (["--rules", "calvinball"], "error: unknown rules 'calvinball'"),
        (["--no-such-option"], "No such option"),
        (["--komi", "many"], "Invalid value for '--komi'"),
        (["--komi", "nan"], "error: komi nan is not a finite number"),
        (["--komi", "-inf"], "error: komi -inf is not a finite number"),
        (["--seed", "-1"], "error: seed is -1; expected a whole number from 0"),
        (["--size", "50"], "error: board size 50 is not an integer from 2 to 25"),
    ],
)
def test_bad_options_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert run_command(monkeypatch, "gtp", *options) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors in a shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-"], ids=["input", "output"])
def test_closed_streams_are_reported(closed: str) -> None:
    shell = f'"{sys.executable}" -m goengine gtp {closed}'
    done = subprocess.run(shell, shell=True, input=b"name\n", capture_output=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == b"error: gtp needs standard input and output, but one of them is closed\n"


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor in a shell")
def test_an_engine_without_standard_error_plays(model: Path) -> None:
    shell = f'"{sys.executable}" -m goengine gtp --model "{model}" 2>&-'
    done = subprocess.run(shell, shell=True, input=b"name\ngenmove b\n", stdout=subprocess.PIPE, timeout=60)
    assert done.stdout.startswith(b"= goengine\n\n= ")
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
def test_a_full_device_is_reported(model: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*GOENGINE, "gtp", "--model", str(model)], input=b"name\n", stdout=full, stderr=-1, timeout=60
        )
    assert done.returncode == 2
    assert b"error: No space left on device\n" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_damaged_model_is_reported(tmp_path: Path) -> None:
    done = run("--model", tmp_path, text=b"1 name\n2 genmove b\n3 name\n")
    first, second, third = done.stdout.decode().strip().split("\n\n")
    assert (first, third) == ("=1 goengine", "=3 goengine")
    assert second.startswith(f"?2 {tmp_path} is not a model folder")
    assert f"goengine: {tmp_path} is not a model folder" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.parametrize("command", [b"name\n", b"reg_genmove b\n"])
def test_ctrl_c_before_and_after_loading(model: Path, command: bytes) -> None:
    process = subprocess.Popen(
        [*GOENGINE, "gtp", "--model", str(model)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(command)
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=20)
    assert process.returncode == 130
    assert messages.splitlines()[-1] == b"interrupted"
    assert b"Traceback" not in messages

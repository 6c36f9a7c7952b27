"""`goengine match`: results, interrupts, errors."""

import json
import os
from pathlib import Path

import pytest
from support.commands import interrupt_command, run_command
from support.match_engines import engine, starts


def test_results_are_a_table_and_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    out, figures = tmp_path / "out", tmp_path / "figures.json"
    words = ["match", engine(tmp_path, "dies", "weak"), engine(tmp_path, "passes", "[strong]")]
    words += ["--size", "9", "--out", str(out), "--json", str(figures), "--parallel", "1"]
    assert run_command(monkeypatch, *words, "--games", "3") == 0
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert lines[0].startswith("game 1: [strong] wins as White, W+F, 4 moves: weak ended before")
    assert "(3 of 3, A 0 : 3 B, " in lines[2]
    for text in ("3 games", "weak", "[strong]", "0 of 2", "0.0% to 56.1%", "lost by crash", "-infinite"):
        assert text in said.out
    results = json.loads(figures.read_text())
    assert results["sides"]["A"]["forfeits"] == {"crash": 3}
    assert (results["games"], results["sides"]["B"]["wins"], results["elo_difference"]) == (3, 3, None)

    assert run_command(monkeypatch, *words, "--games", "4") == 0
    assert capsys.readouterr().err.count("game ") == 1
    assert run_command(monkeypatch, *words, "--games", "2") == 0
    assert "2 games" in capsys.readouterr().out
    assert run_command(monkeypatch, *words, "--komi", "5.5") == 2
    assert capsys.readouterr().err == f"error: {out} holds another match: its komi is 7.5, not 5.5\n"


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_keeps_the_finished_games(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["match", engine(tmp_path, "resigns", "quick"), engine(tmp_path, "hangs", "slow")]
    words += ["--size", "9", "--games", "3", "--parallel", "1", "--out", str(out)]
    code, output, messages = interrupt_command(
        lambda: (out / "game-0001.sgf").exists() and '"number": 1' in (out / "match.json").read_text(),
        *words,
        wait=0.2,
    )
    assert (code, output) == (130, "")
    assert messages.splitlines()[1:] == [
        f"stopped after 1 of 3 games, saved in {out}; the same command continues"
    ]
    assert sorted(path.name for path in out.iterdir()) == ["game-0001.sgf", "match.json"]
    assert len(json.loads((out / "match.json").read_text())["games"]) == 1
    assert starts(tmp_path, "slow") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--size", "4"], "error: board size 4 is too small for a match; the smallest is 5\n"),
        (["--move-seconds", "0"], "error: move-seconds is 0.0; expected a number above 0\n"),
        (["--max-moves", "0"], "error: max-moves is 0; expected more than the 4 stones of an opening\n"),
        (["--json", "/no/such/folder/x"], "error: /no/such/folder/x: cannot be written"),
        (["--out", "/dev/null"], "error: /dev/null is not a folder"),
        (["--games", "0"], "Invalid value for '--games'"),
        (["--scorer", "/no/such/engine"], "error: cannot start /no/such/engine"),
        (["--scorer", "half 'quoted"], "is incomplete: No closing quotation\n"),
    ],
)
def test_bad_options_are_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    options: list[str],
    message: str,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    commands = engine(tmp_path, "passes", "one"), engine(tmp_path, "passes", "two")
    assert run_command(monkeypatch, "match", *commands, *options) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""

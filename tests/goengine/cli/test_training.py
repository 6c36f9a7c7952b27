"""`goengine train` and `goengine export`: runs, resuming, interrupts, errors."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.commands import interrupt_command, run_command
from support.example_records import example_records

from goengine.data.sgf.records import record_to_sgf
from goengine.data.table.writer import write_table
from goengine.training.checkpoint import load_checkpoint
from goengine.training.config import TrainConfig

SMALL = ["--filters", "4", "--layers", "3", "--batch-size", "8", "--threads", "1"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "games.parquet"
    write_table(path, example_records())
    return path


@pytest.mark.long
def test_train_evaluate_export(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run_command(monkeypatch, "train", table, "--out", out, "--positions", 80, *SMALL) == 0
    said = capsys.readouterr()
    assert f"{out / 'model'}: trained on 80 positions" in said.out
    assert "4 filters, 3 layers" in said.err

    sgf = tmp_path / "games.sgf"
    sgf.write_bytes(b"".join(map(record_to_sgf, example_records())))
    figures = []
    for games in (table, sgf):
        report = tmp_path / "report.json"
        asked = ("--model", out / "model", "--games", games, "--positions", 50, "--json", report)
        assert run_command(monkeypatch, "evaluate", *asked) == 0
        said = capsys.readouterr()
        for word in ("top-1", "top-5", "loss", "positions", "seconds"):
            assert word in said.out
        figures.append(json.loads(report.read_text()))
    assert figures[0]["top1"] == figures[1]["top1"]
    assert figures[0]["loss"] == figures[1]["loss"]
    assert figures[0]["positions"] == 50

    asked = (out, tmp_path / "released", "--report", tmp_path / "report.json")
    assert run_command(monkeypatch, "export", *asked, "--dtype", "float16") == 2
    assert "the report" in (refusal := capsys.readouterr().err)
    assert "belongs to a model with weights hash" in refusal
    assert run_command(monkeypatch, "export", *asked) == 0
    assert "| games.sgf | 50 (seed 0) |" in (tmp_path / "released" / "README.md").read_text()


def test_a_longer_run_from_the_stable_checkpoint(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run_command(monkeypatch, "train", table, "--out", out, "--positions", 80, *SMALL) == 0
    asked = ("train", "--resume", out / "stable.pt", "--positions", 120)
    assert run_command(monkeypatch, *asked, "--out", tmp_path / "longer") == 0
    assert f"{tmp_path / 'longer' / 'model'}: trained on 120 positions" in capsys.readouterr().out
    assert run_command(monkeypatch, *asked) == 2
    assert "already contains a run" in capsys.readouterr().err
    assert load_checkpoint(out / "checkpoint.pt", TrainConfig).samples == 80


def test_a_missing_model_of_a_complete_run_is_written(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a stop between the last checkpoint and the model."""
    out = tmp_path / "run"
    assert run_command(monkeypatch, "train", table, "--out", out, "--positions", 80, *SMALL) == 0
    (out / "model" / "config.json").unlink()
    assert run_command(monkeypatch, "train", "--resume", out) == 0
    assert f"{out / 'model'}: trained on 80 positions" in capsys.readouterr().out
    assert (out / "model" / "config.json").exists()
    assert run_command(monkeypatch, "train", "--resume", out) == 2
    assert "the run is complete (80 positions" in capsys.readouterr().err


def test_a_lowered_limit_does_not_release_before_decay(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    begun = ("train", table, "--out", out, "--positions", 80, "--max-minutes", 0, *SMALL)
    assert run_command(monkeypatch, *begun) == 0
    assert run_command(monkeypatch, "train", "--resume", out, "--positions", 8) == 2
    assert "the run is complete (8 positions" in capsys.readouterr().err
    assert not (out / "model").exists()


def test_options_override_the_config_file(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f'table = "{table}"\nfilters = 2\nlayers = 3\npositions = 32\nthreads = 1\n')
    asked = ("--config", config, "--out", tmp_path / "run", "--set", "filters=3", "--set", "batch_size=16")
    assert run_command(monkeypatch, "train", *asked) == 0
    assert "3 filters, 3 layers" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_saves_and_prints_how_to_continue(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    words = ("train", table, "--out", out, "--minutes", 10, *SMALL, "--set", "checkpoint_minutes=0")
    code, _, said = interrupt_command((out / "checkpoint.pt").exists, *words)
    assert code == 130
    assert said.splitlines()[-1].startswith("stopped after ")
    assert said.splitlines()[-1].endswith(f"to continue: goengine train --resume {out}")
    assert "Traceback" not in said


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.parametrize("command", ["train", "evaluate", "export"])
def test_ctrl_c_while_importing(tmp_path: Path, command: str) -> None:
    words = {
        "train": ("absent.parquet", "--out", tmp_path, "--minutes", 1),
        "evaluate": ("--games", "absent.parquet"),
        "export": ("absent.pt", tmp_path),
    }
    code, output, messages = interrupt_command(lambda: True, command, *words[command], wait=0.5)
    assert (code, output) == (130, "")
    assert len(messages.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


LIMITS = ["--positions", 8, *SMALL]
BAD = [
    (["train"], "training needs a game table"),
    (["train", "none.parquet", "--out", "run", "--minutes", 1], "none.parquet"),
    (["train", "junk", "--out", "run", "--minutes", 1], "junk"),
    (["train", "games.parquet", "--minutes", 1], "training needs a folder"),
    (["train", "games.parquet", "--out", "run"], "training needs a limit"),
    (["train", "games.parquet", "--out", "run", "--set", "filters"], "is not of the form NAME=VALUE"),
    (["train", "games.parquet", "--out", "run", "--set", "colour=1"], "unknown training setting 'colour'"),
    (["train", "--resume", "nowhere"], "there is no checkpoint nowhere"),
    (["train", "--resume", "junk"], "junk is not a checkpoint"),
    (["train", "--resume", "junk", "--config", "junk"], "a resumed run keeps its config"),
    (["train", "games.parquet", "--config", "junk"], "junk"),
    (["train", "games.parquet", "--config", "."], "cannot read the training config .: Is a directory"),
    (["train", "games.parquet", *LIMITS, "--out", "junk"], "junk: cannot create this folder"),
    (["train", "games.parquet", *LIMITS, "--out", "junk/run"], "junk/run: cannot create this folder"),
    (["train", "empty", *LIMITS, "--out", "run"], "empty: a folder without .parquet files"),
    (["train", "games.parquet", *LIMITS, "--out", "run", "--validation", "junk"], "junk: not a game table"),
    (["train", "games.parquet", "--minutes", "inf", "--out", "run"], "minutes is inf"),
    (["train", "games.parquet", *LIMITS, "--out", "run", "--seed", -1], "seed is -1"),
    (["evaluate", "--games", "junk", "--json", "."], ".: cannot be written (it is a folder)"),
    (
        ["evaluate", "--games", "junk", "--json", "no/r.json"],
        "no/r.json: cannot be written (there is",
    ),
    (["evaluate", "--model", "nowhere", "--games", "games.parquet"], "the model nowhere does not exist"),
    (["evaluate", "--model", "junk", "--games", "games.parquet"], "the model junk is a file"),
    (["evaluate", "--symmetries", 3, "--games", "games.parquet"], "--symmetries is 3; expected 1 or 8"),
    (["export", "junk", "model"], "junk is not a checkpoint"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(map(str, row[0])) for row in BAD])
def test_bad_input_is_refused(
    arguments: list[object],
    message: str,
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    refuses: Callable[..., None],
) -> None:
    monkeypatch.chdir(table.parent)
    Path("junk").write_bytes(b"\x00\xff junk")
    Path("empty").mkdir(exist_ok=True)
    refuses(message, *arguments)


def test_games_of_another_board_size_are_refused(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run_command(monkeypatch, "train", table, "--out", out, "--positions", 16, *SMALL) == 0
    write_table(tmp_path / "5.parquet", example_records(4, 5))
    capsys.readouterr()
    assert (
        run_command(monkeypatch, "evaluate", "--model", out / "model", "--games", tmp_path / "5.parquet") == 2
    )
    assert "5x5, expected 9x9" in capsys.readouterr().err

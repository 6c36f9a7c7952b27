"""`goengine bench`: tables, JSON, errors."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from support.commands import run_command
from support.example_records import example_records

from goengine.data.sgf.records import record_to_sgf
from goengine.nn.network import PolicyNetwork, save_model

BRIEF = ["--seconds", "0.001"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with games.sgf and a policy for small boards in model."""
    (tmp_path / "games.sgf").write_bytes(b"".join(map(record_to_sgf, example_records(3, 19))))
    save_model(PolicyNetwork(5, filters=2, layers=3), tmp_path / "model", torch.bfloat16, "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


TINY = ["--filters", "2", "--batch-size", "4", "--set", "layers=3", "--set", "threads=1"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("arguments", "words", "tables"),
    [
        (["encode", "--games", "games.sgf"], ["positions/s", "along a game", "at random", "sgfmill"], 1),
        (["play", "--games", "games.sgf"], ["moves/s", "Board.play", "sgfmill"], 1),
        (["data", "--games", "games.sgf"], ["games/s", "from files to columns", "the sampler"], 2),
        (["playouts", "--games", "games.sgf"], ["games/s", "from the empty board"], 1),
        (["infer", "--model", "model", "--filters", "2"], ["Policy", "plain float32", "whole move"], 2),
        (["train", "--games", "games.sgf", *TINY], ["samples alone", "whole pipeline", "MFU"], 1),
        (["train", "--games", "games.sgf", *TINY, "--sweep", "2,4"], ["2 positions a step", "MFU"], 1),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_figures_are_printed_and_written(
    arguments: list[str],
    words: list[str],
    tables: int,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_command(monkeypatch, "bench", *arguments, *BRIEF, "--json", "figures.json") == 0
    said = capsys.readouterr().out
    for word in [*words, "time each", "reference", "cores"]:
        assert word in said
    written = json.loads((folder / "figures.json").read_text())
    assert written["command"].startswith(f"goengine bench {arguments[0]}")
    assert written["machine"]["cores"] >= 1
    assert len(written["tables"]) == tables
    for table in written["tables"]:
        assert table["reference"] in [figure["name"] for figure in table["figures"]]


@pytest.mark.usefixtures("folder")
def test_json_is_alone_on_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, "bench", "play", "--games", "games.sgf", *BRIEF, "--json", "-") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["tables"][0]["unit"] == "move"
    assert "moves/s" in said.err


BAD = [
    (["encode", "--games", "none.sgf"], "none.sgf"),
    (["play", "--games", "games.sgf", "--seconds", "0"], "the time to measure is 0"),
    (["play", "--games", "games.sgf", "--json", "nowhere/figures.json"], "nowhere/figures.json"),
    (["play", "--games", "games.sgf", "--json", "model"], "model"),
    (["infer", "--model", "nowhere"], "the model nowhere does not exist"),
    (["train", "--games", "games.sgf", "--sweep", "many"], "--sweep is 'many'; expected numbers"),
    (["train", "--games", "games.sgf", "--sweep", "8", "--compile", "twice"], "compile is 'twice'"),
    (["train", "--games", "games.sgf", "--set", "colour=1"], "unknown training setting 'colour'"),
    (["train", "--games", "games.sgf", "--config", "games.sgf"], "games.sgf is not TOML"),
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(row[0]) for row in BAD])
def test_bad_input_is_refused(arguments: list[str], message: str, refuses: Callable[..., None]) -> None:
    refuses(message, "bench", *arguments)

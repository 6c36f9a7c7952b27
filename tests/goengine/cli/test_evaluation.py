"""`goengine evaluate` and `goengine policy`: tables, JSON, reports, errors."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from matplotlib.image import imread
from support.commands import run_command
from support.example_records import example_records, random_record

from goengine.data.sgf.records import record_to_sgf
from goengine.data.table.writer import write_table
from goengine.nn.network import PolicyNetwork, save_model
from goengine.nn.value_head import ValueHead
from goengine.points import format_vertex

LOG = '{"step": 1, "positions": 8, "seconds": 0.1, "loss": 4.2, "top1": 0.1, "rate": 80.0, "threads": 1}\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, the working one, with games.parquet, games.sgf, a model, a run's log and junk."""
    write_table(tmp_path / "games.parquet", example_records())
    (tmp_path / "games.sgf").write_bytes(b"".join(map(record_to_sgf, example_records())))
    (tmp_path / "large.sgf").write_bytes(b"(;SZ[13];B[cc])")
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    save_model(network, tmp_path / "model", torch.float32, "")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.jsonl").write_text(LOG)
    (tmp_path / "junk").write_bytes(b"\x00\xff junk")
    monkeypatch.chdir(tmp_path)
    return tmp_path


EVALUATE = ("evaluate", "--model", "model", "--games", "games.parquet", "--positions", 60)
POLICY = ("policy", "--model", "model", "--sgf", "games.sgf")


def test_the_table_shows_one_pass_and_eight_symmetries(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, *EVALUATE, "--symmetries", 8, "--json", "r.json") == 0
    said = capsys.readouterr().out
    report = json.loads((place / "r.json").read_text())
    for word in ("one pass", "mean of 8", "top-2", "top-3", "top-10", "calibration error", "positions/s"):
        assert word in said
    for word in ("opening (1-11)", "middle (12-34)", "95 % intervals: Wilson", "seed 0"):
        assert word in said
    assert f"{report['top1']:.2%}" in said
    assert f"{report['single_pass']['top1']:.2%}" in said
    assert (report["symmetries"], report["single_pass"]["symmetries"]) == (8, 1)


def test_the_value_head_is_measured_on_the_same_positions(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [replace(r, black_name="Ann", white_name="Bob", result="B+R") for r in example_records()]
    write_table(place / "decided.parquet", records)
    network = PolicyNetwork(9, 4, 3)
    network.value_head = ValueHead(4)
    save_model(network, place / "valued", torch.float32, "")
    command = ("evaluate", "--model", "valued", "--games", "decided.parquet", "--json", "-")
    for options in ((), ("--player", "ann"), ("--positions", 20)):
        assert run_command(monkeypatch, *command, *options) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["value"][-1]["positions"] == report["positions"]


@pytest.mark.usefixtures("place")
def test_ranks_players_and_one_player(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_table(Path("named.parquet"), [random_record(1, black_name="Ann 安", white_rank="5d")])
    asked = ("evaluate", "--model", "model", "--games", "named.parquet")
    assert run_command(monkeypatch, *asked) == 0
    said = capsys.readouterr().out
    for word in ("By rank", "│ 5d ", "│ unknown ", "By player", "│ Ann 安 "):
        assert word in said
    assert run_command(monkeypatch, *asked, "--player", "ANN 安", "--positions", 5, "--json", "-") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["positions"], report["player"]) == (5, "ANN 安")
    assert [group["name"] for group in report["players"]] == ["Ann 安"]
    assert run_command(monkeypatch, *asked, "--player", "Zoe") == 2
    assert "named.parquet: no game of a player named 'Zoe'; there are Ann 安" in capsys.readouterr().err


@pytest.mark.usefixtures("place")
def test_onnx_runtime_gives_the_same_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = []
    for backend in ("torch", "onnx"):
        assert run_command(monkeypatch, *EVALUATE, "--backend", backend, "--json", "-") == 0
        reports.append(json.loads(capsys.readouterr().out))
    assert reports[1]["loss"] == pytest.approx(reports[0]["loss"], rel=0.01)
    assert reports[1]["arithmetic"] == "ONNX Runtime, float32 on cpu"
    assert run_command(monkeypatch, *EVALUATE, "--backend", "abacus") == 2
    assert "unknown backend 'abacus'; expected one of torch, onnx" in capsys.readouterr().err


@pytest.mark.usefixtures("place")
def test_json_is_alone_on_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, *EVALUATE, "--json", "-") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["positions"] == 60
    assert not Path("-").exists()


def test_reports_are_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_command(monkeypatch, *EVALUATE, "--report", "r.png", "--run", "run") == 0
    assert imread(place / "r.png").ndim == 3
    assert run_command(monkeypatch, *EVALUATE, "--report", "r.HTML", "--run", "run") == 0
    assert (place / "r.HTML").read_text().count("data:image/png;base64,") == 5


@pytest.mark.long
@pytest.mark.usefixtures("place")
def test_matplotlib_is_imported_only_for_pictures() -> None:
    program = """if True:
        import sys
        from goengine.cli import app
        app(sys.argv[1:], standalone_mode=False)
        print("matplotlib" in sys.modules, file=sys.stderr)
    """
    for words in (EVALUATE, POLICY):
        asked = [sys.executable, "-c", program, *map(str, words)]
        assert subprocess.run(asked, capture_output=True, text=True, check=True).stderr == "False\n"


def test_policy_prints_and_draws_the_likeliest_moves(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, *POLICY, "--game", 2, "--ply", 7, "--out", "board.png") == 0
    said = capsys.readouterr().out
    assert "White plays move 8: model, percent" in said
    assert said.count("%") == 10
    assert imread(place / "board.png").ndim == 3
    assert run_command(monkeypatch, *POLICY, "--game", 2, "--symmetries", 8) == 0
    assert f"plays move {len(example_records()[1].moves) + 1}:" in capsys.readouterr().out


@pytest.mark.usefixtures("place")
def test_policy_marks_the_played_move(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = example_records()[0]
    marked = 0
    for ply in range(20):
        assert run_command(monkeypatch, *POLICY, "--ply", ply) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if "played" in line]
        marked += len(lines)
        assert all(f" {format_vertex(record.moves[ply], 9)} " in line for line in lines)
    assert marked


BAD = [
    ([*EVALUATE, "--report", "r.pdf"], "r.pdf: a report is an .html or a .png file"),
    ([*EVALUATE, "--report", "no/r.png"], "there is no folder no"),
    ([*EVALUATE, "--run", "run"], "name its file with --report"),
    ([*EVALUATE, "--report", "r.png", "--run", "nowhere"], "cannot read the log of a training run nowhere"),
    ([*EVALUATE, "--symmetries", 4], "--symmetries is 4; expected 1 or 8"),
    ([*POLICY, "--ply", 999], "there is no position after 999 plies"),
    ([*POLICY, "--game", 99], "games.sgf: there is no game 99, it holds 12"),
    ([*POLICY, "--out", "board.jpg"], "board.jpg: a picture is a .png file"),
    ([*POLICY, "--symmetries", 3], "1 or 8 symmetries, not 3"),
    (["policy", "--model", "junk", "--sgf", "games.sgf"], "the model junk is a file"),
    (["policy", "--model", "model", "--sgf", "junk"], "junk: not a game file"),
    (["policy", "--model", "model", "--sgf", "large.sgf"], "model is for 9x9 boards, not 13x13"),
]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("arguments", "message"), BAD, ids=[" ".join(map(str, row[0])) for row in BAD])
def test_bad_input_is_refused(arguments: list[object], message: str, refuses: Callable[..., None]) -> None:
    refuses(message, *arguments)

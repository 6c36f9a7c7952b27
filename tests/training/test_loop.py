"""Training runs: schedule, exact resume, interruption, and refused settings."""

import json
import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from rich.console import Console
from support.commands import GOENGINE

import goengine.training.run
from goengine.data.sgf.records import GameRecord
from goengine.data.table.arrow import table_from_records
from goengine.errors import GoEngineError
from goengine.nn.folding import fold
from goengine.training.checkpoint import load_checkpoint
from goengine.training.config import COMPILED, TrainConfig
from goengine.training.loop import TrainingInterrupted
from goengine.training.policy.learner import PolicyLearner
from goengine.training.policy.task import PolicyTask, policy_network
from goengine.training.policy.task import train_policy as train


def quiet():
    return Console(file=Path(os.devnull).open("w"), force_terminal=False)


def losses(monkeypatch):
    """Return a list to which the mean loss of each following step is added."""
    seen = []
    step = goengine.training.run.Run.train_step

    def record(run, batch):
        loss = step(run, batch)
        seen.append(float(loss.main) / len(batch.target))
        return loss

    monkeypatch.setattr(goengine.training.run.Run, "train_step", record)
    return seen


def weights(path):
    return load_checkpoint(path, TrainConfig).network


# Runs


def test_a_run_learns_and_writes_its_files(config, monkeypatch):
    seen = losses(monkeypatch)
    result = train(config, console=quiet())
    assert result.samples == config.positions
    assert result.validation is not None
    assert result.validation.samples == 50
    out = Path(config.out)
    assert {path.name for path in out.iterdir()} == {"best.pt", "checkpoint.pt", "stable.pt", "log.jsonl"}
    assert seen[0] == pytest.approx(4.394, abs=0.001)  # uniform over 81 points
    assert sum(seen[-5:]) < sum(seen[:5])
    entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert entries[-1]["validation_top1"] == pytest.approx(result.validation.top1, abs=1e-4)
    assert all(entry["step"] <= 20 for entry in entries)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_stopped_run_resumes_exactly(config, tmp_path, monkeypatch, precision):
    config = config.replace(precision=precision)
    seen = losses(monkeypatch)
    whole = train(config.replace(out=str(tmp_path / "whole")), console=quiet())
    uninterrupted, seen[:] = list(seen), []

    step = goengine.training.run.Run.train_step

    def stop_at_seventh(run, batch):
        if run.step == 6:
            os.kill(os.getpid(), signal.SIGINT)
        return step(run, batch)

    with monkeypatch.context() as patch:
        patch.setattr(goengine.training.run.Run, "train_step", stop_at_seventh)
        with pytest.raises(TrainingInterrupted, match=r"stopped after 112 positions and saved .*--resume"):
            train(config, console=quiet())
    assert len(seen) == 7

    checkpoint = Path(config.out) / "checkpoint.pt"
    rest = train(load_checkpoint(checkpoint, TrainConfig).config, checkpoint, quiet())
    assert seen == uninterrupted
    assert rest.validation == whole.validation
    for name, tensor in weights(whole.checkpoint).items():
        assert torch.equal(tensor, weights(checkpoint)[name]), name


def test_a_run_can_be_extended_from_its_stable_checkpoint(config, tmp_path, monkeypatch):
    """The stable phase of a short run is the beginning of a longer one."""
    config = config.replace(warmup_steps=2)  # not shortened by the length of either run
    longer = config.replace(positions=16 * 40, out=str(tmp_path / "longer"))
    seen = losses(monkeypatch)
    train(longer, console=quiet())
    expected, seen[:] = list(seen), []
    train(config, console=quiet())
    seen[:] = seen[:13]  # the stable phase of 20 steps, of which 35 % decay
    extended = longer.replace(out=str(tmp_path / "extended"))
    train(extended, Path(config.out) / "stable.pt", quiet())
    assert seen == expected


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends SIGKILL")
def test_a_killed_run_resumes_exactly(config, tmp_path):
    config = config.replace(positions=16 * 150)
    whole = train(config.replace(out=str(tmp_path / "whole"), checkpoint_minutes=5), console=quiet())
    changed = {name: value for name, value in vars(config).items() if value != getattr(TrainConfig(), name)}
    settings = [word for name, value in changed.items() for word in ("--set", f"{name}={value}")]
    process = subprocess.Popen([*GOENGINE, "train", *settings], stderr=subprocess.DEVNULL)
    checkpoint = Path(config.out) / "checkpoint.pt"
    deadline = time.monotonic() + 120
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert 0 < load_checkpoint(checkpoint, TrainConfig).step < 150
    rest = train(config.replace(checkpoint_minutes=5), checkpoint, quiet())
    assert rest.validation == whole.validation
    for name, tensor in weights(whole.checkpoint).items():
        assert torch.equal(tensor, weights(checkpoint)[name]), name


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_sessions_of_limited_time_make_one_run(config, tmp_path, average):
    config = config.replace(average=average)
    whole = train(config.replace(out=str(tmp_path / "whole")), console=quiet())
    result = train(config, console=quiet(), max_minutes=0)
    sessions = 1
    while not result.complete:
        assert result.samples == 16 * sessions  # one step per session
        assert result.validation is None
        result = train(config, result.checkpoint, quiet(), max_minutes=0)
        sessions += 1
    assert sessions == 20
    assert result.validation == whole.validation
    for kept, tensor in weights(whole.checkpoint).items():
        assert torch.equal(tensor, weights(result.checkpoint)[kept]), kept


def test_averaged_weights_are_validated_and_released(config):
    config = config.replace(average=0.9, precision="float32")
    result = train(config, console=quiet())
    checkpoint = load_checkpoint(result.checkpoint, TrainConfig)
    released = policy_network(checkpoint)
    assert checkpoint.average is not None
    learner = PolicyLearner(9, config)
    checkpoint.load_into(learner)
    last = fold(learner)
    checkpoint.load_into(learner, averaged=True)
    averaged = fold(learner)
    for name, tensor in released.state_dict().items():
        assert torch.equal(tensor, averaged[name])
        assert not torch.equal(tensor, last[name])
    assert PolicyTask.open(config).validate(learner, torch.float32) == result.validation


def test_a_resumed_run_can_start_an_average(config, tmp_path):
    train(config, console=quiet())
    longer = config.replace(positions=16 * 30, average=0.9, out=str(tmp_path / "longer"))
    result = train(longer, Path(config.out) / "stable.pt", quiet())
    average = load_checkpoint(result.checkpoint, TrainConfig).average
    assert average is not None
    assert average["steps"] == 30 - 13


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_other_optimizers_learn_and_resume(config, tmp_path, monkeypatch, optimizer):
    config = config.replace(optimizer=optimizer, adam_lr=0.01)
    seen = losses(monkeypatch)
    whole = train(config, console=quiet())
    assert sum(seen[-5:]) < sum(seen[:5])
    again = config.replace(out=str(tmp_path / "again"))
    rest = train(again, Path(config.out) / "stable.pt", quiet())
    for name, tensor in weights(whole.checkpoint).items():
        assert torch.equal(tensor, weights(rest.checkpoint)[name]), name


def test_the_ctrl_c_handler_is_restored_after_a_run(config):
    before = signal.getsignal(signal.SIGINT)
    train(config, console=quiet())
    assert signal.getsignal(signal.SIGINT) is before


def test_a_nan_loss_stops_the_run(config, monkeypatch):
    step = goengine.training.run.Run.train_step

    def poison(run, batch):
        if run.step == 5:
            with torch.no_grad():
                run.network.convolution2.weight.fill_(torch.nan)
        return step(run, batch)

    monkeypatch.setattr(goengine.training.run.Run, "train_step", poison)
    with pytest.raises(
        GoEngineError, match=r"the loss is nan at step 6, .*checkpoint.pt, saved before, is kept"
    ):
        train(config, console=quiet())
    kept = load_checkpoint(Path(config.out) / "checkpoint.pt", TrainConfig)
    assert kept.step == 5
    assert all(torch.isfinite(tensor).all() for tensor in kept.network.values())


def test_a_nan_loss_is_located_between_two_reports(config, monkeypatch):
    step = goengine.training.run.Run.train_step

    def poison(run, batch):
        loss = step(run, batch)
        return replace(loss, main=loss.main * torch.nan) if run.step == 5 else loss

    monkeypatch.setattr(goengine.training.run.Run, "train_step", poison)
    with pytest.raises(GoEngineError, match=r"the loss is nan between steps 1 and 20, .*nothing of it has"):
        train(config.replace(checkpoint_minutes=5, decay=0), console=quiet())


def test_nan_weights_are_not_saved(config, monkeypatch):
    """The last loss is finite: it was computed before the weights changed."""
    step = goengine.training.run.Run.train_step

    def poison(run, batch):
        seen = step(run, batch)
        if run.step == 6:
            with torch.no_grad():
                run.network.convolution2.weight.fill_(torch.nan)
        return seen

    monkeypatch.setattr(goengine.training.run.Run, "train_step", poison)
    with pytest.raises(GoEngineError, match=r"some weights are not finite after step 6, .*is kept"):
        train(config, console=quiet())
    assert load_checkpoint(Path(config.out) / "checkpoint.pt", TrainConfig).step == 5


def test_the_time_of_all_sessions_counts(config, tmp_path):
    train(config, console=quiet())
    first = load_checkpoint(Path(config.out) / "stable.pt", TrainConfig).seconds
    longer = config.replace(positions=16 * 30, out=str(tmp_path / "longer"))
    again = train(longer, Path(config.out) / "stable.pt", quiet())
    assert again.seconds > first > 0


def test_a_run_ends_after_its_minutes(config):
    result = train(config.replace(positions=0, minutes=0.02, checkpoint_minutes=5), console=quiet())
    assert 1.2 <= result.seconds < 5
    assert (Path(config.out) / "stable.pt").exists()


# Refused settings

REFUSED = [
    ({"table": ""}, "training needs a game table"),
    ({"out": ""}, "training needs a folder"),
    ({"positions": 0}, "training needs a limit"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_a_run_needs_a_table_a_folder_and_a_limit(config, changes, message):
    with pytest.raises(GoEngineError, match=message):
        train(config.replace(**changes), console=quiet())


@pytest.mark.parametrize("role", ["table", "validation"])
def test_an_error_in_a_game_names_the_table(config, tmp_path, role):
    path = tmp_path / "bad.parquet"
    pq.write_table(table_from_records([GameRecord(size=9, moves=(1, 1, 1))]), path)
    with pytest.raises(GoEngineError, match=r"bad\.parquet: game 0 has no legal position"):
        train(config.replace(**{role: str(path)}), console=quiet())


@pytest.mark.parametrize(
    "failure",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("can't allocate memory"),
    ],
)
def test_running_out_of_memory_is_explained(config, monkeypatch, failure):
    def step(_run, _batch):
        raise failure

    monkeypatch.setattr(goengine.training.run.Run, "train_step", step)
    with pytest.raises(
        GoEngineError, match="8 filters, 4 layers with batches of 16 positions does not fit in memory"
    ):
        train(config, console=quiet())


def test_validation_games_of_another_board_are_refused(config, tables):
    with pytest.raises(GoEngineError, match=r"5\.parquet has a 5x5 board, .*9\.parquet a 9x9 board"):
        train(config.replace(validation=str(tables / "5.parquet")), console=quiet())


def test_a_folder_with_a_run_is_not_overwritten(config):
    train(config, console=quiet())
    with pytest.raises(GoEngineError, match="already contains a run"):
        train(config, console=quiet())


CHANGES = [
    ({"filters": 9}, "cannot change its filters from 8 to 9"),
    ({"seed": 5}, "cannot change its seed"),
    ({"batch_size": 32}, "cannot change its batch_size"),
    ({}, "the run is complete"),
]


@pytest.mark.parametrize(("changes", "message"), CHANGES)
def test_a_resumed_run_cannot_change_fixed_settings(config, changes, message):
    result = train(config, console=quiet())
    with pytest.raises(GoEngineError, match=message):
        train(config.replace(**changes), result.checkpoint, quiet())


def test_resuming_on_another_board_is_refused(config, tables):
    result = train(config, console=quiet())
    other = config.replace(table=str(tables / "5.parquet"), validation="", positions=10_000)
    with pytest.raises(GoEngineError, match=r"the run has a 9x9 board, the table .* a 5x5 board"):
        train(other, result.checkpoint, quiet())


@pytest.mark.slow  # waits for a compiler
def test_a_compiled_network_learns_the_same(config, tmp_path, monkeypatch):
    seen = losses(monkeypatch)
    config = config.replace(precision="float32", optimizer="sgd")
    plain = train(config, console=quiet())
    expected, seen[:] = list(seen), []
    compiled = train(config.replace(out=str(tmp_path / "compiled"), compile="on"), console=quiet())
    assert seen == pytest.approx(expected, abs=1e-4)
    assert weights(compiled.checkpoint).keys() == weights(plain.checkpoint).keys()


# On a GPU

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no GPU here")


@GPU
@pytest.mark.parametrize("compiled", COMPILED)
@pytest.mark.parametrize("optimizer", ["muon", "adamw", "sgd"])
def test_a_run_on_a_gpu_learns(config, monkeypatch, optimizer, compiled):
    seen = losses(monkeypatch)
    train(config.replace(device="cuda", optimizer=optimizer, compile=compiled), console=quiet())
    assert sum(seen[-5:]) < sum(seen[:5])


@GPU
@pytest.mark.parametrize("devices", [("cpu", "cuda"), ("cuda", "cpu")])
@pytest.mark.parametrize("optimizer", ["muon", "adamw", "sgd"])
def test_a_run_resumes_on_another_device(config, tmp_path, monkeypatch, devices, optimizer):
    first, second = devices
    config = config.replace(precision="float32", optimizer=optimizer, average=0.9)
    seen = losses(monkeypatch)
    train(config.replace(device=first), console=quiet())
    expected, seen[:] = seen[13:], []
    other = config.replace(device=second, out=str(tmp_path / "other"))
    train(other, Path(config.out) / "stable.pt", quiet())
    assert seen == pytest.approx(expected, abs=0.02)

"""Runs on several processes, started by torchrun, compared with the same run on one process."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from rich.console import Console

from goengine.data.samples import SampleStream
from goengine.data.table.game_table import GameTable
from goengine.errors import GoEngineError
from goengine.policy.loading import load_network
from goengine.training.checkpoint import load_checkpoint
from goengine.training.config import TrainConfig
from goengine.training.policy.task import train_policy
from goengine.training.processes import Processes, joined_processes

STEPS, BATCH = 6, 15  # 15 samples are shared as 7 and 8


@pytest.fixture
def config(tables, tmp_path):
    """Plain gradient descent in float32, where processes change only the order of sums."""
    return TrainConfig(
        table=str(tables / "9.parquet"),
        validation=str(tables / "9-other.parquet"),
        out=str(tmp_path / "one"),
        filters=8,
        layers=4,
        batch_size=BATCH,
        positions=BATCH * STEPS,
        optimizer="sgd",
        normalised=False,  # each process normalises by its own share of a batch
        warmup_steps=2,
        decay=0.5,
        precision="float32",
        threads=1,
        checkpoint_minutes=0,  # every step is logged
        validation_positions=50,
    )


def torchrun(*words, processes=2):
    """Start torchrun with this number of processes on this machine."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [*command, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


def settings(config, out):
    """Return the config as command-line arguments."""
    changed = {name: value for name, value in vars(config).items() if value != getattr(TrainConfig(), name)}
    return [word for name, value in (changed | {"out": out}).items() for word in ("--set", f"{name}={value}")]


def logged(folder, figure="loss"):
    entries = [json.loads(line) for line in (Path(folder) / "log.jsonl").read_text().splitlines()]
    return [(entry["step"], entry[figure]) for entry in entries if figure in entry]


def assert_same_weights(path, other):
    weights = load_checkpoint(Path(other), TrainConfig).network
    for name, tensor in load_checkpoint(Path(path), TrainConfig).network.items():
        torch.testing.assert_close(tensor, weights[name], rtol=1e-5, atol=1e-6)


def quiet():
    return Console(quiet=True)


@pytest.mark.long
def test_two_processes_learn_the_same_as_one(config, tmp_path):
    script = Path(__file__).with_name("recorded_training.py")
    two = torchrun(script, tmp_path, "train", *settings(config, tmp_path / "two"))
    output, messages = two.communicate(timeout=300)
    assert two.returncode == 0, messages
    assert output.count("trained on 90 positions") == 1
    assert messages.count("2 processes, cpu, float32") == 1

    seen: dict[int, list] = {step: [] for step in range(STEPS)}
    for rank in (0, 1):
        for line in (tmp_path / f"{rank}.jsonl").read_text().splitlines():
            step, *rows = json.loads(line)
            if step < STEPS:  # batches drawn ahead are never used
                seen[step] += zip(*rows, strict=True)
    stream = SampleStream(GameTable.open(config.table).games, config.seed)
    for step, samples in seen.items():
        whole = stream.batch(step, BATCH)
        assert samples == list(
            zip(*(v.tolist() for v in (whole.game, whole.ply, whole.symmetry)), strict=True)
        )
    drawn = [(game, ply) for samples in seen.values() for game, ply, _ in samples]
    assert len(set(drawn)) == len(drawn) == BATCH * STEPS

    train_policy(config, console=quiet())
    one, two = Path(config.out), tmp_path / "two"
    assert [step for step, _ in logged(two)] == list(range(1, STEPS + 1))
    for figure in ("loss", "top1", "validation_loss"):
        assert logged(two, figure) == [(step, pytest.approx(v, abs=2e-4)) for step, v in logged(one, figure)]
    assert_same_weights(two / "checkpoint.pt", one / "checkpoint.pt")

    # One process resumes the run of two.
    train_policy(config.replace(out=str(tmp_path / "joined")), two / "stable.pt", quiet())
    assert_same_weights(tmp_path / "joined" / "checkpoint.pt", one / "checkpoint.pt")


@pytest.mark.long
def test_two_processes_resume_the_run_of_one(config, tmp_path):
    train_policy(config, console=quiet())
    out = tmp_path / "two"
    two = torchrun("-m", "goengine", "train", "--resume", tmp_path / "one" / "stable.pt", "--out", out)
    _, messages = two.communicate(timeout=300)
    assert two.returncode == 0, messages
    assert [step for step, _ in logged(out)] == [4, 5, 6]
    assert_same_weights(out / "checkpoint.pt", tmp_path / "one" / "checkpoint.pt")


ENDING = """
from pathlib import Path

import torch

from goengine.training.processes import joined_processes


def threads():
    return [file.read_text().strip() for file in Path("/proc/self/task").glob("*/comm")]


def work(processes):
    network = processes.parallel(torch.nn.Linear(2, 1), torch.device("cpu"))
    processes.backward(network(torch.ones(1, 2)).sum())
    assert processes.sums(1) == [2]
    assert any("gloo" in name for name in threads())


with joined_processes("cpu") as processes:
    work(processes)
assert not any("gloo" in name for name in threads()), threads()
"""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads the names of threads in /proc")
def test_a_process_groups_threads_end_with_it(tmp_path):
    """A thread that outlives the interpreter could abort the process."""
    script = tmp_path / "ending.py"
    script.write_text(ENDING)
    process = torchrun(script)
    _, messages = process.communicate(timeout=120)
    assert process.returncode == 0, messages


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_stops_all_processes_at_the_same_step(config, tmp_path):
    out = tmp_path / "two"
    process = torchrun("-m", "goengine", "train", *settings(config.replace(positions=10**9), out))
    deadline = time.monotonic() + 120
    while not (out / "checkpoint.pt").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)  # torchrun forwards it
    _, messages = process.communicate(timeout=120)
    assert process.returncode != 0
    assert messages.count("and saved") == 1
    assert "Segmentation" not in messages
    kept = load_checkpoint(out / "checkpoint.pt", TrainConfig)
    assert kept.step == logged(out)[-1][0]


def test_a_batch_smaller_than_the_processes_is_refused(config):
    with pytest.raises(GoEngineError, match="a batch of 15 samples is too small for 16 processes"):
        train_policy(config, console=quiet(), processes=Processes(0, 16, 0, 16))


def test_a_single_process_communicates_with_no_one(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined_processes("cpu") as processes:
        assert (processes.first, processes.world, processes.share(7)) == (True, 1, 7)
        assert processes.highest(1.0, 2.0) == processes.sums(1.0, 2.0) == [1.0, 2.0]


def test_shares_differ_by_at_most_one_sample():
    assert [Processes(rank, 4).share(15) for rank in range(4)] == [3, 4, 4, 4]


@pytest.mark.long
def test_two_processes_train_normalisations_and_heads(config, tmp_path):
    config = config.replace(normalised=True, value_weight=0.3, average=0.9, optimizer="muon")
    two = torchrun("-m", "goengine", "train", *settings(config, tmp_path / "two"))
    _, messages = two.communicate(timeout=300)
    assert two.returncode == 0, messages
    again = torchrun(
        *("-m", "goengine", "train", "--resume", tmp_path / "two" / "stable.pt"),
        *("--out", tmp_path / "again"),
    )
    _, messages = again.communicate(timeout=300)
    assert again.returncode == 0, messages
    assert_same_weights(tmp_path / "two" / "checkpoint.pt", tmp_path / "again" / "checkpoint.pt")
    assert load_network(tmp_path / "again" / "model").value_head is not None

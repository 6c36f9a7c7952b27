"""Reinforcement learning runs: their files, resuming, releases, and what they refuse."""

import json
import math
from pathlib import Path

import pytest
import torch

from goengine.errors import GoEngineError
from goengine.policy.loading import load_network
from goengine.training.checkpoint import CHECKPOINT
from goengine.training.reinforce.config import ReinforceConfig
from goengine.training.reinforce.loop import reinforce
from goengine.training.reinforce.release import draw_curve, release_reinforced
from goengine.training.reporting import LOG


def config(out: Path, **changes) -> ReinforceConfig:
    tiny = ReinforceConfig(
        size=5,
        filters=4,
        layers=3,
        games=6,
        pool_every=2,
        evaluation_games=4,
        steps=6,
        max_moves=20,
        precision="float32",
        threads=1,
        out=str(out),
    )
    return tiny.replace(**changes)


def entries(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / LOG).read_text().splitlines()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("whole")
    reinforce(config(out))
    return out


def test_a_run_writes_a_pool_a_log_and_a_checkpoint(run: Path) -> None:
    assert sorted(path.name for path in (run / "pool").iterdir()) == ["000000", "000002", "000004", "000006"]
    steps = [entry for entry in entries(run) if "win_rate" in entry]
    assert [entry["step"] for entry in steps] == [1, 2, 3, 4, 5, 6]
    assert all(entry["opponent"] <= entry["step"] and 0 <= entry["win_rate"] <= 1 for entry in steps)
    assert 0 <= entries(run)[-1]["against_start"] <= 1


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path) -> None:
    reinforce(config(tmp_path, steps=3, decay=0.0))
    whole = tmp_path / "whole"
    reinforce(config(whole, decay=0.0))
    result = reinforce(config(tmp_path, decay=0.0), resume=tmp_path / CHECKPOINT)
    assert (result.steps, result.games) == (6, 36)
    assert _weights(tmp_path) == _weights(whole)


def _weights(out: Path) -> list[float]:
    network = torch.load(out / CHECKPOINT, weights_only=True)["network"]
    return torch.cat([value.flatten() for value in network.values()]).tolist()


def test_a_time_limit_leaves_a_checkpoint_to_resume(tmp_path: Path) -> None:
    for minutes, steps in ((0, 1), (1e-6, 2)):
        resume = tmp_path / CHECKPOINT if steps > 1 else None
        result = reinforce(config(tmp_path, steps=10**6), resume, max_minutes=minutes)
        assert (result.steps, result.complete) == (steps, False)
    result = reinforce(config(tmp_path, steps=3), resume=result.checkpoint)
    assert (result.steps, result.complete) == (3, True)


def test_a_time_limit_after_an_evaluation_is_not_the_end(tmp_path: Path) -> None:
    first = reinforce(config(tmp_path, steps=1))
    assert (first.against_start is not None, first.complete) == (True, True)
    result = reinforce(config(tmp_path, steps=10**6), first.checkpoint, max_minutes=0)
    assert (result.steps, result.against_start, result.complete) == (2, first.against_start, False)


def test_a_complete_run_without_its_model_is_only_evaluated(tmp_path: Path) -> None:
    first = reinforce(config(tmp_path, steps=1))
    again = reinforce(config(tmp_path, steps=1), first.checkpoint)
    assert (again.steps, again.against_start, again.complete) == (1, first.against_start, True)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").touch()
    with pytest.raises(GoEngineError, match="is complete"):
        reinforce(config(tmp_path, steps=1), first.checkpoint)


def test_a_run_is_released_as_a_model_with_a_card(run: Path, tmp_path: Path) -> None:
    release_reinforced(run / CHECKPOINT, tmp_path / "model")
    assert load_network(tmp_path / "model").size == 5
    card = (tmp_path / "model" / "README.md").read_text()
    assert "36 games in 6 steps of 6" in card
    assert "random weights (seed 0)" in card
    assert draw_curve(run).read_bytes().startswith(b"\x89PNG")


def test_a_run_starts_from_a_model(run: Path, tmp_path: Path) -> None:
    release_reinforced(run / CHECKPOINT, tmp_path / "model")
    out = tmp_path / "further"
    reinforce(config(out, start=str(tmp_path / "model"), steps=1))
    first = load_network(out / "pool" / "000000").state_dict()
    assert all(
        torch.equal(value, first[name])
        for name, value in load_network(tmp_path / "model").state_dict().items()
    )


def test_bad_runs_are_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(GoEngineError, match="already contains a run"):
        reinforce(config(run))
    with pytest.raises(GoEngineError, match="is complete"):
        reinforce(config(run, steps=5), resume=run / CHECKPOINT)
    with pytest.raises(GoEngineError, match="cannot change its komi"):
        reinforce(config(run, komi=5.5, steps=9), resume=run / CHECKPOINT)
    with pytest.raises(GoEngineError, match="needs a limit"):
        reinforce(config(tmp_path, steps=0))
    with pytest.raises(GoEngineError, match="needs a folder"):
        reinforce(config(run).replace(out=""))
    with pytest.raises(GoEngineError, match="nothing"):
        reinforce(config(tmp_path / "new", start=str(tmp_path / "nothing")))
    for name, value in (("average", 0.9), ("compile", "on"), ("tensorboard", True)):
        with pytest.raises(GoEngineError, match=f"has no setting {name}"):
            config(tmp_path, **{name: value})
    with pytest.raises(GoEngineError, match="games is 1"):
        config(tmp_path, games=1)


def test_a_missing_snapshot_is_named(tmp_path: Path) -> None:
    reinforce(config(tmp_path, steps=2))
    for file in (tmp_path / "pool" / "000000").iterdir():
        file.unlink()
    (tmp_path / "pool" / "000000").rmdir()
    with pytest.raises(GoEngineError, match="000000"):
        reinforce(config(tmp_path), resume=tmp_path / CHECKPOINT)


def test_a_likelihood_of_nan_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.training.reinforce.loop.accumulate", lambda *_: (math.nan, 0.0))
    with pytest.raises(GoEngineError, match="at step 1, so the run stops"):
        reinforce(config(tmp_path))


@pytest.mark.slow
def test_a_run_learns(tmp_path: Path) -> None:
    """On 5x5 from random weights, in a few minutes at most."""
    result = reinforce(
        config(
            tmp_path,
            filters=16,
            layers=4,
            games=64,
            steps=60,
            max_moves=0,
            evaluation_games=400,
            adam_lr=0.003,
        )
    )
    assert result.against_start is not None
    assert result.against_start >= 0.7

"""From a checkpoint to a model folder that plays."""

import json

import pytest
import torch
from safetensors.torch import load_file

from goengine.backends import load_policy
from goengine.board import Board
from goengine.errors import GoEngineError
from goengine.network import PolicyNetwork
from training.checkpoint import Checkpoint, save_checkpoint
from training.config import TrainConfig
from training.metrics import Accuracy
from training.release import release

REPORT = {
    "model": "m",
    "games": "somewhere/test.sgf.bz2",
    "positions": 20_000,
    "seed": 0,
    "symmetries": 1,
    "top1": 0.4321,
    "top1_interval": [0.4252, 0.439],
    "top5": 0.78,
    "loss": 2.1,
}


@pytest.fixture
def checkpoint(tmp_path):
    config = TrainConfig(
        table="place/games.parquet", validation="place/other.parquet", filters=4, layers=3, minutes=30
    )
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    accuracy = Accuracy(samples=50, top1=0.25, top5=0.5, loss=3.0)
    path = tmp_path / "c.pt"
    save_checkpoint(
        path, Checkpoint(config, {"size": 9}, 1000, 128_000, 1800.0, network.state_dict(), [], accuracy)
    )
    return path


def test_the_released_model_plays(checkpoint, tmp_path):
    release(checkpoint, tmp_path / "model")
    assert load_policy(tmp_path / "model").policy(Board(9)).sum() == pytest.approx(1)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_weights_are_stored_as_asked(checkpoint, tmp_path, dtype):
    release(checkpoint, tmp_path / "model", dtype)
    stored = load_file(tmp_path / "model" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {getattr(torch, dtype)}


def test_the_card_states_the_run(checkpoint, tmp_path):
    release(checkpoint, tmp_path / "model")
    card = (tmp_path / "model" / "README.md").read_text()
    for fact in (
        "9x9",
        "3 convolution layers of 4 filters",
        "`games.parquet`",
        "128,000 positions in 1,000 steps of 128, 30 minutes",
        "decay over the last 35% of 30 minutes",
        "Top-1 25.00% on 50 positions of `other.parquet`",
    ):
        assert fact in card


def test_the_card_shows_evaluations(checkpoint, tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(REPORT))
    release(checkpoint, tmp_path / "model", reports=(tmp_path / "r.json",))
    card = (tmp_path / "model" / "README.md").read_text()
    assert "| test.sgf.bz2 | 20,000 (seed 0) | 1 | 43.21% | 42.52% to 43.90% | 78.00% | 2.100 |" in card


WRONG_TYPES = json.dumps(REPORT | {"top1_interval": 3, "top1": "high"})


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "not JSON"), *((text, "which holds games") for text in ("[]", '{"top1": 1}', WRONG_TYPES))],
)
def test_what_is_no_report_is_refused(checkpoint, tmp_path, content, message):
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(GoEngineError, match=message):
        release(checkpoint, tmp_path / "model", reports=(tmp_path / "r.json",))
    assert not (tmp_path / "model").exists()


def test_a_missing_report_is_refused(checkpoint, tmp_path):
    with pytest.raises(GoEngineError, match="cannot read the report"):
        release(checkpoint, tmp_path / "model", reports=(tmp_path / "none.json",))


def test_other_precisions_are_refused(checkpoint, tmp_path):
    with pytest.raises(GoEngineError, match="weights are stored as bfloat16, float16, float32, not int8"):
        release(checkpoint, tmp_path / "model", "int8")

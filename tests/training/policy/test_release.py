"""Releasing a checkpoint of a policy as a model folder."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.nn.network import PolicyNetwork, save_model
from goengine.policy.loading import load_network, load_policy
from goengine.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from goengine.training.config import TrainConfig
from goengine.training.metrics import Accuracy
from goengine.training.policy.release import network_of, release


@pytest.fixture
def checkpoint(tmp_path):
    config = TrainConfig(
        table="place/games.parquet",
        validation="place/other.parquet",
        filters=4,
        layers=3,
        normalised=False,
        reply_weight=0.0,
        minutes=30,
    )
    network = PolicyNetwork(9, 4, 3)
    torch.nn.init.normal_(network.convolution3.weight)
    accuracy = Accuracy(samples=50, top1=0.25, top5=0.5, loss=3.0)
    path = tmp_path / "c.pt"
    save_checkpoint(
        path, Checkpoint(config, {"size": 9}, 1000, 128_000, 1800.0, network.state_dict(), [], accuracy)
    )
    return path


def test_a_released_model_can_be_loaded(checkpoint, tmp_path):
    release(checkpoint, tmp_path / "model")
    assert load_policy(tmp_path / "model").policy(Board(9)).sum() == pytest.approx(1)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_weights_have_the_requested_precision(checkpoint, tmp_path, dtype):
    release(checkpoint, tmp_path / "model", dtype)
    stored = load_file(tmp_path / "model" / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {getattr(torch, dtype)}


def test_a_released_model_has_a_card(checkpoint, tmp_path):
    release(checkpoint, tmp_path / "model", data="11 games of the club")
    card = (tmp_path / "model" / "README.md").read_text()
    assert "- data: 11 games of the club, each position" in card
    assert load_network(str(tmp_path / "model")).card == card


def test_averaged_weights_are_released(checkpoint, tmp_path):
    run = load_checkpoint(checkpoint, TrainConfig)
    average = {name: torch.full_like(tensor, 0.5) for name, tensor in run.network.items()}
    save_checkpoint(checkpoint, replace(run, average={"steps": 9, "weights": average}))
    release(checkpoint, tmp_path / "model")
    for network in (load_network(str(tmp_path / "model")), network_of(str(checkpoint))):
        assert all(bool((tensor == 0.5).all()) for tensor in network.state_dict().values())
    assert "the weights are a moving average" in (tmp_path / "model" / "README.md").read_text()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_192_filters_take_less_than_8_megabytes(tmp_path, dtype):
    save_model(PolicyNetwork(19, 192), tmp_path, getattr(torch, dtype), "card")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 8_000_000


def test_weights_too_large_for_float16_are_not_written(checkpoint, tmp_path):
    run = load_checkpoint(checkpoint, TrainConfig)
    run.network["convolution1.bias"][0] = 1e6
    save_checkpoint(checkpoint, run)
    with pytest.raises(GoEngineError, match=r"convolution1\.bias is not finite in float16"):
        release(checkpoint, tmp_path / "model", "float16")
    assert not (tmp_path / "model").exists()


def test_network_of_reads_runs_checkpoints_and_models(checkpoint, tmp_path):
    checkpoint.rename(tmp_path / "checkpoint.pt")
    save_model(network_of(str(tmp_path)), tmp_path / "model", torch.float32, "")
    weights = [
        network_of(str(source)).state_dict()
        for source in (tmp_path, tmp_path / "checkpoint.pt", tmp_path / "model")
    ]
    for name, tensor in weights[0].items():
        assert all(torch.equal(tensor, other[name]) for other in weights[1:])
    with pytest.raises(GoEngineError, match="nowhere does not exist"):
        network_of("nowhere")


def test_unknown_precisions_are_refused(checkpoint, tmp_path):
    with pytest.raises(
        GoEngineError, match="unknown precision 'int8'; expected one of bfloat16, float16, float32"
    ):
        release(checkpoint, tmp_path / "model", "int8")

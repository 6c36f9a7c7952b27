"""ONNX files that agree with PyTorch are written, others are not."""

import numpy as np
import pytest
import torch
from support.networks import small_network

from goengine import Board, load_policy
from goengine.errors import GoEngineError
from goengine.policy.base import Policy
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.policy import onnx_export
from goengine.training.policy.onnx_export import compare, export_onnx


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_it_is_written_with_what_it_was_compared_on(tmp_path, dtype):
    agreement = export_onnx(small_network(), tmp_path / "m.onnx", dtype)
    assert (agreement.positions, agreement.games) == (512, "games that the policy played with itself")
    assert 0 < agreement.difference < 1e-5
    assert load_policy(tmp_path / "m.onnx", "onnx").policy(Board(9)).sum() == pytest.approx(1)


def test_policies_for_19x19_are_compared_on_the_games_that_come_with_goengine(tmp_path):
    agreement = export_onnx(small_network(19, 2, 2), tmp_path / "m.onnx")
    assert (agreement.positions, agreement.games) == (512, "the games that come with goengine")


class Shifted(Policy):
    """A policy a little off another one at one point of one position."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        self.name, self.size, self._policy = "shifted", policy.size, policy

    @property
    def arithmetic(self) -> str:
        return "for tests"

    def _average(self, packed, symmetries):
        probabilities = self._policy.raw_policies(packed, symmetries)
        probabilities[-1, -1] += 0.01
        return probabilities


def test_the_largest_difference_is_found():
    policy = TorchPolicy(small_network(), "right", torch.float32)
    assert compare(Shifted(policy), policy).difference == pytest.approx(0.01, abs=1e-6)
    assert compare(policy, policy).difference == 0


def test_what_does_not_agree_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_export, "OnnxPolicy", lambda *_: Shifted(TorchPolicy(small_network(), "x")))
    (tmp_path / "m.onnx").write_text("as before")
    with pytest.raises(GoEngineError, match=r"was not written: .* up to 0\.01\d* away"):
        export_onnx(small_network(), tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_text() == "as before"


def test_weights_that_are_no_numbers_are_not_written(tmp_path):
    network = small_network()
    network.position_bias1.bias.data[:] = np.nan
    with pytest.raises(GoEngineError, match=r"was not written: .* up to nan"):
        export_onnx(network, tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("name", "message"), [("m.bin", "ends in .onnx"), ("no/m.onnx", "there is no folder")]
)
def test_names_that_cannot_be_written_are_refused(tmp_path, name, message):
    with pytest.raises(GoEngineError, match=message):
        export_onnx(small_network(), tmp_path / name)

"""An ONNX file is written only if ONNX Runtime agrees with PyTorch."""

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
def test_an_exported_file_agrees_with_pytorch(tmp_path, dtype):
    agreement = export_onnx(small_network(), tmp_path / "m.onnx", dtype)
    assert (agreement.positions, agreement.games) == (512, "games of the policy against itself")
    assert 0 < agreement.difference < 1e-5
    assert load_policy(tmp_path / "m.onnx", "onnx").policy(Board(9)).sum() == pytest.approx(1)


def test_policies_for_19x19_are_compared_on_bundled_games(tmp_path):
    agreement = export_onnx(small_network(19, 2, 2), tmp_path / "m.onnx")
    assert (agreement.positions, agreement.games) == (512, "the bundled games")


class Shifted(Policy):
    """A policy that differs from another one at one point of one position."""

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


def test_the_largest_difference_is_reported():
    policy = TorchPolicy(small_network(), "right", torch.float32)
    assert compare(Shifted(policy), policy).difference == pytest.approx(0.01, abs=1e-6)
    assert compare(policy, policy).difference == 0


def test_a_file_that_disagrees_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_export, "OnnxPolicy", lambda *_: Shifted(TorchPolicy(small_network(), "x")))
    (tmp_path / "m.onnx").write_text("an earlier file")
    with pytest.raises(GoEngineError, match=r"was not written: .* differ by up to 0\.01\d* on"):
        export_onnx(small_network(), tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_text() == "an earlier file"


def test_nan_weights_are_not_written(tmp_path):
    network = small_network()
    network.position_bias1.bias.data[:] = np.nan
    with pytest.raises(GoEngineError, match=r"was not written: .* up to nan"):
        export_onnx(network, tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("name", "message"), [("m.bin", "ends in .onnx"), ("no/m.onnx", "there is no folder")]
)
def test_bad_file_names_are_refused(tmp_path, name, message):
    with pytest.raises(GoEngineError, match=message):
        export_onnx(small_network(), tmp_path / name)

"""ONNX models: written files, agreement with PyTorch, and refused files."""

import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper
from support.example_records import random_record
from support.networks import small_network

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.planes import encode
from goengine.nn.network import PolicyNetwork, save_model
from goengine.nn.onnx import build_onnx
from goengine.policy.loading import load_policy
from goengine.policy.onnx_policy import OnnxPolicy
from goengine.policy.torch_policy import TorchPolicy

STORED = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}


def model_of(network: PolicyNetwork, dtype: str = "float32") -> bytes:
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return build_onnx(network.config, weights, dtype).SerializeToString()


def boards(size: int, count: int) -> list[Board]:
    result = [Board(size)]
    for seed in range(count - 1):
        board = Board(size)
        for move in random_record(seed, size).moves:
            board.play(move)
        result.append(board)
    return result


@pytest.mark.parametrize("symmetries", [1, 8])
@pytest.mark.parametrize("size", [5, 9, 19])
def test_onnx_agrees_with_pytorch(size, symmetries):
    network = small_network(size)
    ours = OnnxPolicy(model_of(network), "ours")
    theirs = TorchPolicy(network, "theirs", torch.float32)
    asked = boards(size, 12)
    assert ours.size == size
    np.testing.assert_allclose(
        ours.policies(asked, symmetries), theirs.policies(asked, symmetries), atol=1e-6
    )


@pytest.mark.parametrize("dtype", STORED)
def test_stored_precision_does_not_change_computation(dtype):
    network = small_network()
    model = model_of(network, dtype)
    assert {tensor.data_type for tensor in onnx.load_from_string(model).graph.initializer} == {STORED[dtype]}
    rounded = TorchPolicy(network.to(getattr(torch, dtype)).float(), "rounded", torch.float32)
    ours = OnnxPolicy(model).policy(Board(9))
    np.testing.assert_allclose(ours, rounded.policy(Board(9)), atol=1e-6)


def test_large_and_empty_batches_are_computed():
    policy = OnnxPolicy(model_of(small_network(5)), threads=1)
    asked = boards(5, 3) * 50
    together = policy.policies(asked, symmetries=8)
    np.testing.assert_allclose(together[-3:], policy.policies(asked[:3], symmetries=8), atol=1e-6)
    assert policy.raw_policies(np.empty((0, 152), np.uint8)).shape == (0, 25)


def test_onnx_runtime_runs_the_file_without_goengine():
    board = boards(9, 2)[1]
    session = onnxruntime.InferenceSession(model_of(small_network()))
    (probabilities,) = session.run(None, {"planes": encode(board)[None]})
    assert probabilities.shape == (1, 81)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    metadata = session.get_modelmeta().custom_metadata_map
    assert metadata["board_size"] == "9"
    assert "own stone" in metadata["plane_names"]


def test_the_onnx_backend_does_not_import_pytorch(tmp_path):
    save_model(small_network(), tmp_path, torch.bfloat16, "")
    (tmp_path / "model.onnx").write_bytes(model_of(small_network()))
    program = (
        "import sys; from goengine import Board, Player, load_policy\n"
        "for model in sys.argv[1:]:\n"
        "    Player(load_policy(model, 'onnx'), symmetries=8).choose(Board(9))\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path, tmp_path / "model.onnx"], check=True)


def test_folders_files_and_the_bundled_model_load(tmp_path):
    network = small_network()
    save_model(network, tmp_path, torch.float16, "")
    (tmp_path / "mine.onnx").write_bytes(model_of(network, "float16"))
    folder, file = load_policy(tmp_path, "onnx"), load_policy(tmp_path / "mine.onnx", "onnx")
    assert repr(file) == "<OnnxPolicy mine.onnx: 9x9, 8 filters, ONNX Runtime, float32 on cpu>"
    assert (file.name, file.size) == ("mine.onnx", 9)
    np.testing.assert_array_equal(folder.policy(Board(9)), file.policy(Board(9)))
    assert load_policy(backend="onnx").size == 19


# Faults


def graph(inputs, outputs, nodes):
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(
        helper.make_graph(nodes, "other", inputs, outputs), opset_imports=opsets, ir_version=8
    ).SerializeToString()


def _identity(kind, shape):
    values = [helper.make_tensor_value_info(name, kind, shape) for name in ("planes", "probabilities")]
    return graph(values[:1], values[1:], [helper.make_node("Identity", ["planes"], ["probabilities"])])


FOREIGN = [
    ("empty", lambda: b"", "damaged or not an ONNX model"),
    ("text", lambda: b"not a model at all", "damaged or not an ONNX model"),
    ("half a model", lambda: model_of(small_network())[:5000], "damaged or not an ONNX model"),
    ("images", lambda: _identity(TensorProto.FLOAT, ["b", 3, 227, 227]), "but not a policy for a Go board"),
    ("rows", lambda: _identity(TensorProto.FLOAT, ["b", 784]), "but not a policy for a Go board"),
    ("scalar", lambda: _identity(TensorProto.FLOAT, []), "but not a policy for a Go board"),
    (
        "other values",
        lambda: _identity(TensorProto.FLOAT, ["b", 48, 9, 9]),
        "but not a policy written by goengine",
    ),
    ("any size", lambda: _identity(TensorProto.UINT8, ["b", 48, "s", "s"]), "but not a policy for a Go"),
    (
        "no output",
        lambda: _identity(TensorProto.UINT8, ["b", 48, 9, 9]),
        "but not a policy written by goengine",
    ),
    ("12 planes", lambda: model_of(PolicyNetwork(9, 4, 3, planes=12)), r"uint8\) \[12, 9, 9\]"),
]


@pytest.mark.parametrize(("name", "content", "message"), FOREIGN, ids=[row[0] for row in FOREIGN])
def test_foreign_files_are_refused_with_one_sentence(tmp_path, name, content, message):  # noqa: ARG001
    (tmp_path / "x.onnx").write_bytes(content())
    with pytest.raises(GoEngineError, match=message) as caught:
        load_policy(tmp_path / "x.onnx", "onnx")
    assert str(caught.value).startswith("x.onnx is ")
    assert "\n" not in str(caught.value)


def test_names_that_do_not_fit_the_backend_are_refused(tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"")
    with pytest.raises(GoEngineError, match=r"unknown backend .tpu.; expected one of torch, onnx"):
        load_policy(backend="tpu")
    with pytest.raises(GoEngineError, match=r"x\.onnx is an ONNX model, which needs the backend onnx"):
        load_policy(tmp_path / "x.onnx")
    with pytest.raises(GoEngineError, match=r"the ONNX model .*none\.onnx does not exist"):
        load_policy(tmp_path / "none.onnx", "onnx")


def test_folders_with_other_planes_are_refused(tmp_path):
    save_model(PolicyNetwork(9, 4, 3, planes=12), tmp_path, torch.float32, "")
    with pytest.raises(GoEngineError, match="takes 12 planes; expected 48"):
        load_policy(tmp_path, "onnx")


@pytest.mark.parametrize(("package", "module"), [("onnxruntime", "policy.onnx_policy"), ("onnx", "nn.onnx")])
def test_missing_packages_are_named(monkeypatch, package, module):
    monkeypatch.delitem(sys.modules, f"goengine.{module}")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        GoEngineError, match=rf"^{package} is not installed .* pip install 'goengine\[onnx\]'"
    ):
        load_policy(backend="onnx")


def test_weights_beyond_float16_are_refused():
    network = small_network()
    network.convolution1.bias.data[0] = 1e6
    with pytest.raises(GoEngineError, match=r"convolution1\.bias are too large for float16"):
        model_of(network, "float16")
    with pytest.raises(
        GoEngineError, match="unknown precision 'int8'; expected one of float32, float16, bfloat16"
    ):
        model_of(network, "int8")

"""Loading a policy by name, computed by PyTorch or by ONNX Runtime."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from goengine.errors import GoEngineError
from goengine.game.planes import NUM_PLANES
from goengine.nn.model_folder import (
    PolicyConfig,
    check_name,
    find_model,
    folder_hash,
    read_config,
    read_weights,
)
from goengine.nn.resizing import resize
from goengine.policy.base import Policy

if TYPE_CHECKING:
    from goengine.nn.network import PolicyNetwork

BACKENDS = ("torch", "onnx")


def check_model(name_or_path: str | Path, backend: str = "torch") -> None:
    """Check a model's name and backend before anything is loaded or downloaded.

    Raises:
        GoEngineError: If the backend is unknown, or the name cannot be that of a model for it.
    """
    if backend not in BACKENDS:
        raise GoEngineError(f"unknown backend {backend!r}; expected one of {', '.join(BACKENDS)}")
    if not is_onnx_file(name_or_path):
        check_name(name_or_path)
    elif backend != "onnx":
        raise GoEngineError(f"{name_or_path} is an ONNX model, which needs the backend onnx, not {backend}")
    elif not Path(name_or_path).is_file():
        raise GoEngineError(f"the ONNX model {name_or_path} does not exist")


def is_onnx_file(name_or_path: str | Path) -> bool:
    """Return whether a model's name is that of an ONNX file, judged by its ending; folders do not count."""
    return Path(name_or_path).suffix.lower() == ".onnx" and not Path(name_or_path).is_dir()


def has_onnx() -> bool:
    """Return whether the packages of the backend onnx are installed."""
    return all(find_spec(package) for package in ("onnx", "onnxruntime"))


def load_policy(name_or_path: str | Path = "default", backend: str = "torch") -> Policy:
    """Load a policy.

    >>> load_policy("default")
    <TorchPolicy default: 19x19, 64 filters, PyTorch, ... on ...>

    Args:
        name_or_path: "default" for the policy that comes with goengine, a model folder, or the id of a model
            on the Hugging Face hub ("owner/name").
        backend: "torch" computes with PyTorch, on the GPU if there is one; "onnx" with ONNX Runtime on the
            CPU, without importing PyTorch. It also loads .onnx files.

    Raises:
        GoEngineError: If there is no such model or backend, or the model is damaged or not a policy network.
    """
    check_model(name_or_path, backend)
    name = Path(name_or_path).name
    if backend == "onnx":
        return _load_onnx_policy(name_or_path, name)
    import torch

    from goengine.policy.torch_policy import TorchPolicy

    network = load_network(name_or_path)
    return TorchPolicy(network.to("cuda" if torch.cuda.is_available() else "cpu"), name)


def model_hash(name_or_path: str | Path = "default") -> str:
    """Return the hash of a model's weights, or of the file if it is an ONNX file.

    Raises:
        GoEngineError: If there is no such model, or it is damaged.
    """
    if is_onnx_file(name_or_path):
        return hashlib.sha256(Path(name_or_path).read_bytes()).hexdigest()[:16]
    return folder_hash(find_model(name_or_path))


def load_network(name_or_path: str | Path = "default") -> "PolicyNetwork":
    """Load the PyTorch network of a policy, float32 on the CPU.

    Args:
        name_or_path: As for `load_policy`.

    Raises:
        GoEngineError: If there is no such model, or it is damaged or not a policy network.
    """
    from goengine.nn.network import PolicyNetwork

    network = PolicyNetwork.from_pretrained(find_model(name_or_path))
    _check_planes(name_or_path, network.input.channels)
    return network


def _load_onnx_policy(name_or_path: str | Path, name: str) -> Policy:
    from goengine.policy.onnx_policy import OnnxPolicy

    if is_onnx_file(name_or_path):
        try:
            return OnnxPolicy(Path(name_or_path).read_bytes(), name)
        except OSError as error:
            raise GoEngineError(f"cannot read the ONNX model {name_or_path}: {error.strerror}") from error
    from goengine.nn.onnx import build_onnx

    folder = find_model(name_or_path)
    config = read_config(folder, PolicyConfig)
    _check_planes(name_or_path, config.planes)
    weights = read_weights(folder, config.place())

    def resized(size: int) -> bytes:
        return bytes(build_onnx(*resize(config, weights, size)).SerializeToString())

    return OnnxPolicy(build_onnx(config, weights).SerializeToString(), name, resized=resized)


def _check_planes(name_or_path: str | Path, planes: int) -> None:
    if planes != NUM_PLANES:
        raise GoEngineError(f"the model {name_or_path} takes {planes} planes; expected {NUM_PLANES}")

"""Loading a policy by name, to be computed by PyTorch or by ONNX Runtime."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from goengine.errors import GoEngineError
from goengine.game.planes import NUM_PLANES
from goengine.nn.model_folder import check_name, find_model, folder_hash, read_config, read_weights
from goengine.nn.resizing import resize
from goengine.policy.base import Policy

if TYPE_CHECKING:
    from goengine.nn.network import PolicyNetwork

BACKENDS = ("torch", "onnx")


def check_model(name_or_path: str | Path, backend: str = "torch") -> None:
    """What can be said before anything is loaded or fetched.

    Raises GoEngineError if there is no such backend, or the name can be no model of it.
    """
    if backend not in BACKENDS:
        raise GoEngineError(f"there is no backend {backend}; expected {' or '.join(BACKENDS)}")
    if not is_onnx_file(name_or_path):
        check_name(name_or_path)
    elif backend != "onnx":
        raise GoEngineError(f"{name_or_path} is an ONNX model, which the backend onnx plays, not {backend}")
    elif not Path(name_or_path).is_file():
        raise GoEngineError(f"the ONNX model {name_or_path} does not exist")


def is_onnx_file(name_or_path: str | Path) -> bool:
    """Whether a model's name is that of an ONNX file, by its ending; a folder is none."""
    return Path(name_or_path).suffix.lower() == ".onnx" and not Path(name_or_path).is_dir()


def has_onnx() -> bool:
    """Whether the packages of the backend onnx are installed."""
    return all(find_spec(package) for package in ("onnx", "onnxruntime"))


def load_policy(name_or_path: str | Path = "default", backend: str = "torch") -> Policy:
    """Load the policy that comes with goengine ("default"), a model folder, or a model of the hub by its id.

    backend: "torch" computes with PyTorch, on the GPU where there is one; "onnx" with ONNX Runtime on the
        CPU, takes a .onnx file too, and imports no PyTorch.

    Raises GoEngineError if there is no such model or backend, or the model is no sound policy network.
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
    """Return the hash of a model's weights; of an ONNX file, that of the file.

    Raises GoEngineError if there is no such model, or it is damaged.
    """
    if is_onnx_file(name_or_path):
        return hashlib.sha256(Path(name_or_path).read_bytes()).hexdigest()[:16]
    return folder_hash(find_model(name_or_path))


def load_network(name_or_path: str | Path = "default") -> "PolicyNetwork":
    """The PyTorch network of `load_policy`, float32 on the CPU. Raises the same."""
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
            raise GoEngineError(f"cannot read the ONNX model {name_or_path}: {error.strerror}") from None
    from goengine.nn.onnx import build_onnx

    folder = find_model(name_or_path)
    config = read_config(folder)
    _check_planes(name_or_path, config.planes)
    weights = read_weights(folder, config.place())

    def resized(size: int) -> bytes:
        return build_onnx(*resize(config, weights, size)).SerializeToString()

    return OnnxPolicy(build_onnx(config, weights).SerializeToString(), name, resized=resized)


def _check_planes(name_or_path: str | Path, planes: int) -> None:
    if planes != NUM_PLANES:
        raise GoEngineError(f"the model {name_or_path} sees {planes} planes; a board has {NUM_PLANES}")

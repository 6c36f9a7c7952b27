"""Model folders: what network one describes, and its weights as arrays, checked before anything is built.

A folder holds config.json (what to build), model.safetensors (its weights, in any precision), README.md (the
model card) and, where the policy has a value head, value.safetensors (that head's weights). Nothing here
needs PyTorch, so that a player without it starts fast.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, deserialize

from goengine.errors import GoEngineError
from goengine.nn.architectures import policy_layers
from goengine.nn.layers import (
    BatchNormalisation,
    Convolution,
    FullyConnected,
    PositionBias,
    Shape,
    Subsampling,
)
from goengine.nn.placement import Layer, place
from goengine.points import MAX_SIZE, MIN_SIZE

BUNDLED = Path(__file__).parents[1] / "bundled" / "policy"
CONFIG_FILE, WEIGHTS_FILE, CARD_FILE = "config.json", "model.safetensors", "README.md"
VALUE_FILE = "value.safetensors"

VALUE_PREFIX = "value_head."
"""Of the value head's tensors in a policy's state."""

VALUE_CHANNELS, VALUE_UNITS = 16, 32
"""Of a value head: channels of its first convolution, hidden units (see `goengine.nn.value_head`)."""

_RANGES = {"size": (MIN_SIZE, MAX_SIZE), "filters": (1, 4096), "layers": (2, 100), "planes": (1, 1024)}


@dataclass(frozen=True)
class ModelConfig:
    """Which policy network to build: board size, filters a layer, convolution layers, input planes."""

    size: int
    filters: int
    layers: int
    planes: int

    def place(self) -> list[Layer]:
        """The network's layers."""
        return place(policy_layers(self.filters, self.layers), Shape(self.planes, self.size, self.size))


def find_model(name_or_path: str | Path) -> Path:
    """The folder of a model: the bundled one for "default", a folder's own path, or where a model of the
    Hugging Face hub lies once it has been fetched by its id, "owner/name".

    Raises GoEngineError if it is none of these, or cannot be fetched.
    """
    if str(name_or_path) == "default":
        return BUNDLED
    path = Path(name_or_path)
    if path.is_dir():
        return path
    check_name(name_or_path)
    return fetch_model(str(name_or_path))


def check_name(name_or_path: str | Path) -> None:
    """What can be said of a model's name before anything is fetched.

    Raises GoEngineError unless it is "default", a folder, or may be the id of a model on the hub.
    """
    path = Path(name_or_path)
    if str(name_or_path) == "default" or path.is_dir():
        return
    if path.exists():
        raise GoEngineError(f"the model {path} is a file, not a model folder; expected a model's folder")
    if not _may_be_hub_id(str(name_or_path)):
        raise GoEngineError(
            f"the model {name_or_path} does not exist; expected a model's folder, default, "
            "or the id of a model on the Hugging Face hub, as owner/name"
        )


def _may_be_hub_id(name: str) -> bool:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return name.count("/") == 1


def fetch_model(hub_id: str, **options: Any) -> Path:
    """Fetch a model of the Hugging Face hub, or what has changed of it. Returns the folder of its copy.

    Progress goes to stderr. Options are those of `huggingface_hub.hf_hub_download`: revision, token, ...

    Raises GoEngineError if there is no such model, or it cannot be fetched.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        for name in (CARD_FILE, VALUE_FILE):
            with contextlib.suppress(EntryNotFoundError):  # a model plays without a card or a value head
                hf_hub_download(hub_id, name, **options)
        for name in (CONFIG_FILE, WEIGHTS_FILE):
            path = Path(hf_hub_download(hub_id, name, **options))
    except RepositoryNotFoundError:
        reason = "there is no such model on the hub, nor a folder of that name, or you may not read it"
    except RevisionNotFoundError:
        reason = f"it has no revision {options['revision']}"
    except LocalEntryNotFoundError:
        reason = "the hub cannot be reached, and no copy is kept here; nor is there a folder of that name"
    except EntryNotFoundError:
        reason = f"it has no file {name}"
    except (HfHubHTTPError, OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0][:200] or type(error).__name__
    else:
        return path.parent
    raise GoEngineError(f"the model {hub_id} cannot be fetched from the Hugging Face hub: {reason}")


def read_config(folder: Path) -> ModelConfig:
    """Raises GoEngineError unless config.json says, in full and nothing else, which network to build."""
    path = folder / CONFIG_FILE
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GoEngineError(f"{folder} is no model folder: {path.name}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise GoEngineError(f"the model config {path} is damaged: it is not JSON") from None
    if not isinstance(config, dict) or set(config) != set(_RANGES):
        raise GoEngineError(
            f"{path} is not the config of a policy network: expected {', '.join(sorted(_RANGES))}"
        )
    for name, (low, high) in _RANGES.items():
        value = config[name]
        if type(value) is not int or not low <= value <= high:
            raise GoEngineError(
                f"the model config {path} sets {name} to {str(value)[:40]}; "
                f"it has to be a whole number from {low} to {high}"
            )
    return ModelConfig(**config)


def read_card(folder: Path) -> str | None:
    """The model card, if there is one."""
    path = folder / CARD_FILE
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def parameter_shapes(layers: list[Layer]) -> dict[str, tuple[int, ...]]:
    """The names and shapes of a network's tensors, as PyTorch has them."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in layers:
        match layer.spec:
            case Convolution(filters=K, extent=F, bias=bias, groups=groups):
                shapes[f"{layer.name}.weight"] = (K, layer.input.channels // groups, F, F)
                if bias:
                    shapes[f"{layer.name}.bias"] = (K,)
            case FullyConnected(units=units):
                shapes[f"{layer.name}.weight"] = (units, layer.input.values)
                shapes[f"{layer.name}.bias"] = (units,)
            case BatchNormalisation():
                for tensor in ("weight", "bias", "running_mean", "running_var"):
                    shapes[f"{layer.name}.{tensor}"] = (layer.output.channels,)
            case PositionBias():
                shapes[f"{layer.name}.bias"] = tuple(layer.input)
            case Subsampling():
                shapes[f"{layer.name}.weight"] = shapes[f"{layer.name}.bias"] = (layer.input.channels,)
    return shapes


def value_head_shapes(filters: int) -> dict[str, tuple[int, ...]]:
    """The names and shapes of the tensors of a value head on that number of filters."""
    C, H = VALUE_CHANNELS, VALUE_UNITS
    return {
        "reduce.weight": (C, filters, 1, 1),
        "reduce.bias": (C,),
        "owner.weight": (1, 2 * C, 1, 1),
        "owner.bias": (1,),
        "hidden.weight": (H, 2 * C),
        "hidden.bias": (H,),
        "score.weight": (4, H),
        "score.bias": (4,),
    }


def read_value_head(folder: Path, config: ModelConfig) -> dict[str, NDArray[np.float32]] | None:
    """The tensors of a model folder's value head as float32 arrays; None if the folder holds none.

    Raises GoEngineError unless they are exactly those of a value head on the config's filters, and finite.
    """
    path = folder / VALUE_FILE
    return _read_tensors(path, value_head_shapes(config.filters)) if path.is_file() else None


def read_weights(folder: Path, layers: list[Layer]) -> dict[str, NDArray[np.float32]]:
    """The tensors of a model folder as float32 arrays.

    Raises GoEngineError unless they are exactly those of the layers in name and shape, and finite.
    """
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise GoEngineError(f"{folder} is no model folder: {path.name} is missing")
    return _read_tensors(path, parameter_shapes(layers))


def weights_hash(weights: Mapping[str, NDArray[np.float32]]) -> str:
    """Return a hash of weights, which are the same if and only if their names, shapes and values are.

    Sixteen hexadecimal digits of SHA-256 over the tensors in the order of their names, as float32. Figures
    carry it, so that they are not taken for those of another model.
    """
    digest = hashlib.sha256()
    for name in sorted(weights):
        values = np.ascontiguousarray(weights[name], "<f4")
        digest.update(f"{name} {list(values.shape)}\n".encode())
        digest.update(values.data)
    return digest.hexdigest()[:16]


def folder_hash(folder: Path) -> str:
    """Return the hash of a model folder's weights, its value head's included.

    Raises what `read_config` and `read_weights` do.
    """
    config = read_config(folder)
    head = read_value_head(folder, config) or {}
    weights = read_weights(folder, config.place())
    return weights_hash(weights | {VALUE_PREFIX + name: values for name, values in head.items()})


def _read_tensors(path: Path, expected: dict[str, tuple[int, ...]]) -> dict[str, NDArray[np.float32]]:
    try:
        stored = dict(deserialize(path.read_bytes()))
    except SafetensorError as error:
        raise GoEngineError(f"{path} is damaged, or no safetensors file: {error}") from None
    if missing := sorted(set(expected) - set(stored)):
        raise GoEngineError(f"{path} lacks {_some(missing)}, which its config.json calls for")
    if extra := sorted(set(stored) - set(expected)):
        raise GoEngineError(f"{path} holds {_some(extra)}, for which its config.json has no place")
    weights = {}
    for name, shape in expected.items():
        tensor = stored[name]
        if tuple(tensor["shape"]) != shape:
            raise GoEngineError(
                f"{path} holds {name} of shape {list(tensor['shape'])}; "
                f"its config.json calls for {list(shape)}"
            )
        values = _float32(tensor["dtype"], tensor["data"])
        if values is None or not np.isfinite(values).all():
            raise GoEngineError(f"{path} holds values in {name} that are no finite floating-point numbers")
        weights[name] = values.reshape(shape)
    return weights


def _float32(dtype: str, data: bytes) -> NDArray[np.float32] | None:
    """A tensor's bytes as a flat array of its own; None if they are no floating-point numbers."""
    match dtype:
        case "F32" | "F16" | "F64":
            with np.errstate(over="ignore"):  # an infinity is found out
                return np.frombuffer(data, f"<f{int(dtype[1:]) // 8}").astype(np.float32)
        case "BF16":  # the upper half of a float32
            return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    return None


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more tensors" if len(names) > 3 else "")

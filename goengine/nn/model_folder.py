"""Model folders: the config and the weights, read and checked before a network is built.

A folder holds config.json (what to build), model.safetensors (the weights, in any precision), README.md (the
model card) and, if the policy has a value head, value.safetensors (that head's weights). This module does not
import PyTorch, so that a player without it starts fast.
"""

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
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
"""The prefix of the value head's tensors in a policy's state."""

VALUE_CHANNELS, VALUE_UNITS = 16, 32
"""The channels of a value head's first convolution, and its hidden units (see `goengine.nn.value_head`)."""


@dataclass(frozen=True)
class ModelConfig:
    """The base of the configs of all kinds of networks; the fields' annotations say what is allowed.

    Attributes:
        title: The kind of network, for messages.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    title: ClassVar[str]


C = TypeVar("C", bound=ModelConfig)


@dataclass(frozen=True)
class PolicyConfig(ModelConfig):
    """The config of a policy network.

    Attributes:
        size: The board size.
        filters: The number of filters of each layer.
        layers: The number of convolution layers.
        planes: The number of input planes.
    """

    title = "a policy network"

    size: Annotated[int, Field(strict=True, ge=MIN_SIZE, le=MAX_SIZE)]
    filters: Annotated[int, Field(strict=True, ge=1, le=4096)]
    layers: Annotated[int, Field(strict=True, ge=2, le=100)]
    planes: Annotated[int, Field(strict=True, ge=1, le=1024)]

    def place(self) -> list[Layer]:
        """Return the network's layers."""
        return place(policy_layers(self.filters, self.layers), Shape(self.planes, self.size, self.size))


def find_model(name_or_path: str | Path) -> Path:
    """Return the folder of a model; download it first if it is on the Hugging Face hub.

    Args:
        name_or_path: "default" for the bundled model, a folder, or the id of a model on the hub
            ("owner/name").

    Raises:
        GoEngineError: If there is no such model, or it cannot be downloaded.
    """
    if str(name_or_path) == "default":
        return BUNDLED
    path = Path(name_or_path)
    if path.is_dir():
        return path
    check_name(name_or_path)
    return fetch_model(str(name_or_path))


def check_name(name_or_path: str | Path) -> None:
    """Check a model's name before anything is downloaded.

    Raises:
        GoEngineError: Unless it is "default", a folder, or a possible id of a model on the hub.
    """
    path = Path(name_or_path)
    if str(name_or_path) == "default" or path.is_dir():
        return
    if path.exists():
        raise GoEngineError(f"the model {path} is a file; expected a model folder")
    if not _may_be_hub_id(str(name_or_path)):
        raise GoEngineError(
            f"the model {name_or_path} does not exist; expected a model folder, default, "
            "or the id of a model on the Hugging Face hub (owner/name)"
        )


def _may_be_hub_id(name: str) -> bool:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(name)
    except HFValidationError:
        return False
    return name.count("/") == 1


def fetch_model(hub_id: str, **options: Any) -> Path:
    """Download a model of the Hugging Face hub, or what has changed since, and return the folder of its copy.

    Progress goes to stderr.

    Args:
        hub_id: The model's id, "owner/name".
        **options: Those of `huggingface_hub.hf_hub_download`, such as revision and token.

    Raises:
        GoEngineError: If there is no such model, or it cannot be downloaded.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import (
        EntryNotFoundError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    cause: Exception
    try:
        for name in (CARD_FILE, VALUE_FILE):
            with contextlib.suppress(EntryNotFoundError):  # a model plays without a card or a value head
                hf_hub_download(hub_id, name, **options)
        for name in (CONFIG_FILE, WEIGHTS_FILE):
            path = Path(hf_hub_download(hub_id, name, **options))
    except RepositoryNotFoundError as error:
        cause, reason = error, "there is no such model that you may read, nor a folder of that name"
    except RevisionNotFoundError as error:
        cause, reason = error, f"it has no revision {options['revision']}"
    except LocalEntryNotFoundError as error:
        cause, reason = error, "the hub cannot be reached and no copy is stored; nor does such a folder exist"
    except EntryNotFoundError as error:
        cause, reason = error, f"it has no file {name}"
    except (HfHubHTTPError, OSError, ValueError) as error:
        cause, reason = error, str(error).strip().partition("\n")[0][:200] or type(error).__name__
    else:
        return path.parent
    raise GoEngineError(
        f"the model {hub_id} cannot be downloaded from the Hugging Face hub: {reason}"
    ) from cause


def read_fields(folder: Path) -> dict[str, Any]:
    """Read config.json without judging what it says.

    Raises:
        GoEngineError: If the file is missing, or not a JSON object.
    """
    path = folder / CONFIG_FILE
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GoEngineError(f"{folder} is not a model folder: {path.name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise GoEngineError(f"the model config {path} is damaged: it is not JSON") from error
    if not isinstance(fields, dict):
        raise GoEngineError(f"the model config {path} is damaged: it is not a JSON object")
    return fields


def read_config(folder: Path, kind: type[C]) -> C:
    """Read config.json as the config of one kind of network.

    Args:
        folder: The model folder.
        kind: The class of the config.

    Raises:
        GoEngineError: If the file is missing or damaged, lacks a field, has an unknown one, or a value is out
            of range.
    """
    path = folder / CONFIG_FILE
    fields = read_fields(folder)
    try:
        return TypeAdapter(kind).validate_python(fields)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        if problem["type"] in ("missing", "unexpected_keyword_argument") and len(problem["loc"]) == 1:
            names = ", ".join(field.name for field in dataclasses.fields(kind))
            raise GoEngineError(f"{path} is not the config of {kind.title}; expected {names}") from error
        name = ".".join(map(str, problem["loc"]))
        message = problem["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        setting = f" sets {name} to {str(problem['input'])[:40]}; " if name else ": "
        raise GoEngineError(f"the model config {path}{setting}{message}") from error


def read_card(folder: Path) -> str | None:
    """Return the model card, None if there is none."""
    path = folder / CARD_FILE
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None


def parameter_shapes(layers: list[Layer]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a network's tensors by their names in PyTorch."""
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
    """Return the shapes, by name, of the tensors of a value head on that number of filters."""
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


def read_value_head(folder: Path, config: PolicyConfig) -> dict[str, NDArray[np.float32]] | None:
    """Return the tensors of a model folder's value head as float32 arrays; None if the folder has none.

    Raises:
        GoEngineError: Unless names and shapes are those of a value head for the config, and all values
            finite.
    """
    path = folder / VALUE_FILE
    return _read_tensors(path, value_head_shapes(config.filters)) if path.is_file() else None


def read_weights(folder: Path, layers: list[Layer]) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a model folder as float32 arrays.

    Raises:
        GoEngineError: Unless names and shapes are those of the layers, and all values are finite.
    """
    path = folder / WEIGHTS_FILE
    if not path.is_file():
        raise GoEngineError(f"{folder} is not a model folder: {path.name} is missing")
    return _read_tensors(path, parameter_shapes(layers))


def weights_hash(weights: Mapping[str, NDArray[np.float32]]) -> str:
    """Return a hash of weights, which identifies the model that a figure was measured with.

    Returns:
        Sixteen hexadecimal digits of the SHA-256 of names, shapes and float32 values, in order of the names.
    """
    digest = hashlib.sha256()
    for name in sorted(weights):
        values = np.ascontiguousarray(weights[name], "<f4")
        digest.update(f"{name} {list(values.shape)}\n".encode())
        digest.update(values.data)
    return digest.hexdigest()[:16]


def folder_hash(folder: Path) -> str:
    """Return the hash of a model folder's weights, including its value head's.

    Raises:
        GoEngineError: As `read_config` and `read_weights` do.
    """
    config = read_config(folder, PolicyConfig)
    head = read_value_head(folder, config) or {}
    weights = read_weights(folder, config.place())
    return weights_hash(weights | {VALUE_PREFIX + name: values for name, values in head.items()})


def _read_tensors(path: Path, expected: dict[str, tuple[int, ...]]) -> dict[str, NDArray[np.float32]]:
    try:
        stored = dict(deserialize(path.read_bytes()))  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        raise GoEngineError(f"{path} is damaged or not a safetensors file: {error}") from error
    if missing := sorted(set(expected) - set(stored)):
        raise GoEngineError(f"{path} lacks {_some(missing)}, which its config.json asks for")
    if extra := sorted(set(stored) - set(expected)):
        raise GoEngineError(f"{path} holds {_some(extra)}, which its config.json does not ask for")
    weights = {}
    for name, shape in expected.items():
        tensor = stored[name]
        if tuple(tensor["shape"]) != shape:
            raise GoEngineError(
                f"{path} holds {name} of shape {list(tensor['shape'])}; "
                f"its config.json asks for {list(shape)}"
            )
        values = _float32(tensor["dtype"], tensor["data"])
        if values is None or not np.isfinite(values).all():
            raise GoEngineError(f"{path} holds values in {name} that are not finite floating-point numbers")
        weights[name] = values.reshape(shape)
    return weights


def _float32(dtype: str, data: bytes) -> NDArray[np.float32] | None:
    """Return a tensor's bytes as a flat array, None if they are not floating-point numbers."""
    match dtype:
        case "F32" | "F16" | "F64":
            with np.errstate(over="ignore"):  # the caller refuses infinities
                return np.frombuffer(data, f"<f{int(dtype[1:]) // 8}").astype(np.float32)
        case "BF16":  # the upper half of a float32
            return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    return None


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more tensors" if len(names) > 3 else "")

"""Image classifiers: networks of named architectures or patterns, and their model folders."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from goengine.errors import GoEngineError
from goengine.nn.architectures import ARCHITECTURES
from goengine.nn.images import FITS
from goengine.nn.layers import FullyConnected, RadialBasis, Shape, Softmax, Spec
from goengine.nn.model_folder import CONFIG_FILE, read_card, read_weights
from goengine.nn.network import SavedNetwork
from goengine.nn.patterns import is_pattern, pattern_layers

_LARGEST_BATCH = 256  # images a pass


def classifier_layers(network: str, shape: Shape, classes: int) -> list[Spec]:
    """The specs of a named network or a pattern, whose last layer before the softmax is cut to the classes.

    Raises GoEngineError if there is no such network, it does not take such inputs, or gives no classes.
    """
    if network in ARCHITECTURES:
        specs = ARCHITECTURES[network].build()
    elif is_pattern(network):
        specs = pattern_layers(network, shape)
    else:
        raise GoEngineError(f"{network} is no network ({', '.join(ARCHITECTURES)}) and no pattern")
    match specs[-2:]:
        case [FullyConnected(), Softmax()]:
            return [*specs[:-2], FullyConnected(classes), Softmax()]
        case [RadialBasis(units=units), Softmax()] if units == classes:
            return specs
        case [RadialBasis(units=units), Softmax()]:
            raise GoEngineError(f"the network {network} tells {units} classes apart, not {classes}")
    raise GoEngineError(
        f"the network {network} gives no classes: it has to end in a fully connected layer and a softmax"
    )


class ImageClassifier(
    SavedNetwork,
    library_name="goengine",
    license="apache-2.0",
    tags=["image-classification"],
):
    """An image classifier: standardised images [B, channels, height, width] to logits [B, classes].

    Public attributes, beside `ConvolutionNetwork`'s:
      network -- the name or pattern that it was built from
      classes -- the classes' names
      fit -- how images come to its input's size, see `goengine.nn.images.fit_image`

    Raises GoEngineError if there is no such network, or it does not take such inputs.
    """

    _mean: Tensor
    _deviation: Tensor

    def __init__(
        self,
        network: str,
        input_shape: Sequence[int],
        classes: Sequence[str],
        mean: Sequence[float],
        deviation: Sequence[float],
        fit: str = "scale",
    ):
        """mean, deviation: of each channel's values, from 0 to 1, in the images that it learns from."""
        shape = Shape(*input_shape)
        super().__init__(classifier_layers(network, shape, len(classes)), shape)
        self.network = network
        self.classes = tuple(classes)
        self.fit = fit
        # Tensors that are no weights: they go where the network goes, and are kept in the config.
        self.register_buffer("_mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("_deviation", torch.tensor(deviation).view(-1, 1, 1), persistent=False)

    def standardise(self, images: Tensor) -> Tensor:
        """What `forward` takes, from float32 [B, channels, height, width] of 0 to 1, on its device."""
        x = (images - self._mean) / self._deviation
        return x.contiguous(memory_format=torch.channels_last)

    def probabilities(
        self, images: NDArray[np.uint8], dtype: torch.dtype = torch.float32
    ) -> NDArray[np.float32]:
        """float32 [B, classes], from uint8 [B, channels, height, width] as `fit_image` gives them.

        dtype: the precision of the layers up to the last non-linear one.
        """
        device = next(self.parameters()).device
        infer = self.for_inference(dtype)
        parts = []
        with torch.inference_mode():
            for part in torch.from_numpy(images).split(_LARGEST_BATCH):
                x = self.standardise(part.to(device).float() / 255)
                parts.append(torch.softmax(infer(x.to(dtype)), dim=1).cpu())
        return torch.cat(parts).numpy() if parts else np.empty((0, len(self.classes)), np.float32)

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> "ImageClassifier":  # type: ignore[override]
        """Load a model folder, as float32 in evaluation mode.

        Raises GoEngineError if a file of the folder is missing or damaged, it is another kind of model, or a
        tensor is missing, unknown, of another shape, or not finite.
        """
        folder = Path(folder)
        network = cls(**_read_config(folder))
        weights = read_weights(folder, network.layers)
        network.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
        network.card = read_card(folder)
        return network.eval()


_SETTINGS = {
    "network": "a text",
    "input_shape": "three whole numbers",
    "classes": "a list of texts",
    "mean": "a number for each channel",
    "deviation": "a positive number for each channel",
    "fit": f"one of {', '.join(FITS)}",
}


def is_classifier(folder: Path) -> bool:
    """Whether a model folder is a classifier's; what is wrong with it is left for loading to say."""
    try:
        config = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(config, dict) and "classes" in config


def _read_config(folder: Path) -> dict[str, Any]:
    """Raises GoEngineError unless config.json says, in full and nothing else, which classifier to build."""
    path = folder / CONFIG_FILE
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GoEngineError(f"{folder} is no model folder: {path.name}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise GoEngineError(f"the model config {path} is damaged: it is not JSON") from None
    if not isinstance(config, dict) or set(config) != set(_SETTINGS):
        raise GoEngineError(
            f"{path} is not the config of an image classifier: expected {', '.join(_SETTINGS)}"
        )
    for name, expected in _SETTINGS.items():
        if not _sound(name, config):
            raise GoEngineError(
                f"the model config {path} sets {name} to {str(config[name])[:40]}; it has to be {expected}"
            )
    return config


def _sound(name: str, config: dict[str, Any]) -> bool:
    value = config[name]
    match name:
        case "network":
            return isinstance(value, str)
        case "fit":
            return value in FITS
        case "classes":
            return isinstance(value, list) and len(value) > 0 and all(isinstance(v, str) for v in value)
        case "input_shape":
            return (
                isinstance(value, list) and len(value) == 3 and all(type(v) is int and v > 0 for v in value)
            )
    numbers = isinstance(value, list) and all(type(v) in (int, float) and math.isfinite(v) for v in value)
    return numbers and len(value) == config["input_shape"][0] and (name == "mean" or min(value) > 0)

"""Image classifiers: networks of named architectures or patterns, and their model folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from goengine.errors import GoEngineError
from goengine.nn.architectures import ARCHITECTURES
from goengine.nn.images import Fit
from goengine.nn.layers import FullyConnected, RadialBasis, Shape, Softmax, Spec
from goengine.nn.model_folder import ModelConfig, read_card, read_config, read_fields, read_weights
from goengine.nn.network import SavedNetwork
from goengine.nn.patterns import is_pattern, pattern_layers

_LARGEST_BATCH = 256  # images

_Side = Annotated[int, Field(strict=True, gt=0)]
_Mean = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Deviation = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]


@dataclass(frozen=True)
class ClassifierConfig(ModelConfig):
    """The config of an image classifier.

    Attributes:
        network: The name of an architecture, or a pattern.
        input_shape: Channels, height and width of the input.
        classes: The names of the classes.
        mean: The mean of each channel's values, from 0 to 1, in the training images.
        deviation: The standard deviation of each channel's values.
        fit: How images are brought to the input's size, see `goengine.nn.images.fit_image`.
    """

    title = "an image classifier"

    network: str
    input_shape: tuple[_Side, _Side, _Side]
    classes: Annotated[list[str], Field(min_length=1)]
    mean: list[_Mean]
    deviation: list[_Deviation]
    fit: Fit

    def __post_init__(self) -> None:
        channels = self.input_shape[0]
        for name in ("mean", "deviation"):
            if len(getattr(self, name)) != channels:
                raise GoEngineError(f"{name} should have a number for each of the {channels} channels")


def classifier_layers(network: str, shape: Shape, classes: int) -> list[Spec]:
    """Return the layer specs of a classifier: those of a network with one output per class.

    Args:
        network: The name of an architecture, or a pattern.
        shape: The shape of the input.
        classes: The number of classes.

    Raises:
        GoEngineError: If there is no such network, it does not take such inputs, or is not a classifier.
    """
    if network in ARCHITECTURES:
        specs = ARCHITECTURES[network].build()
    elif is_pattern(network):
        specs = pattern_layers(network, shape)
    else:
        names = ", ".join(ARCHITECTURES)
        raise GoEngineError(f"unknown network {network!r}; expected one of {names}, or a pattern")
    match specs[-2:]:
        case [FullyConnected(), Softmax()]:
            return [*specs[:-2], FullyConnected(classes), Softmax()]
        case [RadialBasis(units=units), Softmax()] if units == classes:
            return specs
        case [RadialBasis(units=units), Softmax()]:
            raise GoEngineError(f"the network {network} has {units} classes, not {classes}")
    raise GoEngineError(
        f"the network {network} is not a classifier: it does not end in a fully connected layer and a softmax"
    )


class ImageClassifier(
    SavedNetwork,
    library_name="goengine",
    license="apache-2.0",
    tags=["image-classification"],
):
    """An image classifier: standardised images [B, channels, height, width] to logits [B, classes].

    Attributes:
        network: The name of the architecture, or the pattern, that it was built from.
        classes: The names of the classes.
        fit: How images are brought to the input's size, see `goengine.nn.images.fit_image`.
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
    ) -> None:
        """Build a classifier with fresh weights. The arguments are the fields of `ClassifierConfig`.

        Raises:
            GoEngineError: If there is no such network, it does not take such inputs, or is not a classifier.
        """
        shape = Shape(*input_shape)
        super().__init__(classifier_layers(network, shape, len(classes)), shape)
        self.network = network
        self.classes = tuple(classes)
        self.fit = fit
        # Buffers follow the network to its device; the config stores them, so the weights file does not.
        self.register_buffer("_mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("_deviation", torch.tensor(deviation).view(-1, 1, 1), persistent=False)

    def standardise(self, images: Tensor) -> Tensor:
        """Standardise images from 0 to 1, float32 [B, channels, height, width], for `forward`."""
        x = (images - self._mean) / self._deviation
        return x.contiguous(memory_format=torch.channels_last)

    def probabilities(
        self, images: NDArray[np.uint8], dtype: torch.dtype = torch.float32
    ) -> NDArray[np.float32]:
        """Return the probability of each class: float32 [B, classes].

        Args:
            images: uint8 [B, channels, height, width], from `goengine.nn.images.fit_image`.
            dtype: The precision of the layers up to the last non-linear one.
        """
        device = next(self.parameters()).device
        infer = self.for_inference(dtype)
        parts = []
        with torch.inference_mode():
            for part in torch.split(torch.from_numpy(images), _LARGEST_BATCH):
                x = self.standardise(part.to(device).float() / 255)
                parts.append(torch.softmax(infer(x.to(dtype)), dim=1).cpu())
        return torch.cat(parts).numpy() if parts else np.empty((0, len(self.classes)), np.float32)

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> "ImageClassifier":  # type: ignore[override]
        """Load a model folder, as float32 in evaluation mode.

        Raises:
            GoEngineError: If a file of the folder is missing or damaged, it is another kind of model, or a
                tensor is missing, unknown, of another shape, or not finite.
        """
        folder = Path(folder)
        network = cls(**vars(read_config(folder, ClassifierConfig)))
        weights = read_weights(folder, network.layers)
        network.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
        network.card = read_card(folder)
        return network.eval()


def is_classifier(folder: Path) -> bool:
    """Return whether a model folder is a classifier's, damaged or not."""
    try:
        return "classes" in read_fields(folder)
    except GoEngineError:
        return False

"""The training task of an image classifier, and its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor

from goengine.data.table.sampling import draw, mix
from goengine.errors import GoEngineError
from goengine.nn.architectures import ARCHITECTURES
from goengine.nn.classifier import ImageClassifier
from goengine.nn.layers import Shape, parse_shape
from goengine.nn.network import ConvolutionNetwork
from goengine.training.checkpoint import Checkpoint
from goengine.training.classify.augmentation import DRAWS, Augmentation
from goengine.training.classify.config import ClassifierConfig
from goengine.training.classify.evaluation import classify
from goengine.training.classify.image_set import ArrayPictures, FittedImages, ImageSet, load_images
from goengine.training.device import to_device
from goengine.training.loop import TrainResult, train
from goengine.training.metrics import Accuracy
from goengine.training.processes import Processes
from goengine.training.task import Loss, cross_entropy_loss

_MEASURED_IMAGES = 2000  # for the mean and the standard deviation of pixels


@dataclass(frozen=True, slots=True)
class ImageBatch:
    """A batch of images.

    Attributes:
        images: float32 [B, channels, height, width] from 0 to 1.
        target: Their classes, int64 [B].
    """

    images: Tensor
    target: NDArray[np.int64]


class ClassifierTask:
    """The task of an image classifier; see `goengine.training.task.Task`."""

    command = "goengine classify train"
    unit = "images"

    def __init__(
        self, config: ClassifierConfig, images: ImageSet, validation: ImageSet | None = None
    ) -> None:
        """Prepare to train on images.

        Args:
            config: The settings.
            images: The training images.
            validation: The held-out images, or None.

        Raises:
            GoEngineError: If all images are of one class, the network cannot be built or does not accept
                them, or the validation images are of other classes.
        """
        if len(images.classes) < 2:
            raise GoEngineError(f"{images.name}: all images are of one class; expected at least two classes")
        if validation is not None:
            check_classes(validation, images.classes)
        shape = input_shape(config, images)
        self._config = config
        self._images = FittedImages(images, shape, config.fit)
        self._validation = FittedImages(validation, shape, config.fit) if validation is not None else None
        self._augmentation = Augmentation(config.crop, config.flip, config.colour)
        self._key = np.uint64(mix(np.uint64(config.seed % 2**64)))
        mean, deviation = _mean_and_deviation(self._images)
        self.available = len(images)
        self.limit = config.epochs * len(images)
        self.facts: dict[str, Any] = {
            "input_shape": list(shape),
            "classes": list(images.classes),
            "mean": mean,
            "deviation": deviation,
        }
        self.network()

    @classmethod
    def open(cls, config: ClassifierConfig) -> Self:
        """Return the task of the config's data.

        Raises:
            GoEngineError: If the data cannot be read, or for the reasons of the constructor.
        """
        validation = load_images(config.validation) if config.validation else None
        return cls(config, load_images(config.data), validation)

    def network(self) -> ImageClassifier:
        """Return the network with its initial weights."""
        network = ImageClassifier(self._config.network, fit=self._config.fit, **self.facts)
        network.reset_parameters(torch.Generator().manual_seed(self._config.seed))
        return network

    def check(self, facts: dict[str, Any]) -> None:
        """Check that a run with these facts can continue with this task's data."""
        if facts != self.facts:
            raise GoEngineError(f"the images {self._config.data} are not those that the run began with")

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1) -> ImageBatch:
        """Return a process's share of the batch of a step."""
        begin, end = batch_size * rank // world, batch_size * (rank + 1) // world
        rows = np.empty(end - begin, np.int64)
        draw(step * batch_size + begin, self.available, self._key, rows, np.empty(len(rows), np.uint8))
        draws = np.random.default_rng((self._config.seed, step)).random((batch_size, DRAWS))
        pixels = self._images.read(rows)
        return ImageBatch(
            self._augmentation.apply(pixels, draws[begin:end]), self._images.images.labels[rows]
        )

    def inputs(self, batch: ImageBatch, device: torch.device, dtype: torch.dtype) -> Tensor:
        """Return the standardised images on the device."""
        mean, deviation = (
            torch.tensor(self.facts[name], device=device).view(-1, 1, 1) for name in ("mean", "deviation")
        )
        x = (batch.images.to(device, non_blocking=True) - mean) / deviation
        return x.to(dtype).contiguous(memory_format=torch.channels_last)

    def begin(self, network: ConvolutionNetwork) -> None:
        """Do nothing: `network` has initialised the weights."""

    def loss(self, outputs: Tensor, batch: ImageBatch, device: torch.device) -> Loss:
        """Return the cross-entropy of logits."""
        return cross_entropy_loss(outputs, to_device(batch.target, device))

    def validate(self, network: ConvolutionNetwork, dtype: torch.dtype) -> Accuracy | None:
        """Return the accuracy on the held-out images, or None if there are none."""
        if self._validation is None:
            return None
        assert isinstance(network, ImageClassifier)
        return classify(network, self._validation, dtype).accuracy

    def describe(self) -> str:
        """Return the name of the network."""
        return self._config.network


def train_classifier(
    config: ClassifierConfig,
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """Train a classifier; the arguments are those of `goengine.training.loop.train`.

    Raises:
        GoEngineError: If the images cannot be read or do not fit the network, or for the reasons of `train`.
        TrainingInterrupted: If the user stops the run, which is saved first.
    """
    if not config.data:
        raise GoEngineError("training needs images: the setting data is empty")
    return train(config, ClassifierTask.open, resume, console, max_minutes, processes)


def classifier_network(checkpoint: Checkpoint[ClassifierConfig]) -> ImageClassifier:
    """Return the network that a checkpoint releases, on the CPU.

    Raises:
        GoEngineError: If the weights do not fit the network of its settings.
    """
    network = ImageClassifier(checkpoint.config.network, fit=checkpoint.config.fit, **checkpoint.facts)
    checkpoint.load_into(network, averaged=True)
    return network


def check_classes(images: ImageSet, classes: Sequence[str]) -> None:
    """Check that images have the same classes as the training images, or the first of them.

    Raises:
        GoEngineError: If they have others.
    """
    if len(images.classes) > len(classes) or images.classes != tuple(classes[: len(images.classes)]):
        raise GoEngineError(
            f"{images.name}: unknown classes {_abbreviate(images.classes)}; expected those of the training "
            f"images, {_abbreviate(classes)}"
        )


def input_shape(config: ClassifierConfig, images: ImageSet) -> Shape:
    """Return the input shape of the config's network.

    Raises:
        GoEngineError: If the setting `input` is malformed, or missing for a pattern on image files.
    """
    if config.input:
        return parse_shape(config.input)
    if config.network in ARCHITECTURES:
        return ARCHITECTURES[config.network].input
    if isinstance(images.pictures, ArrayPictures):
        return Shape(1, *images.pictures.pixels.shape[1:])
    raise GoEngineError("a pattern on image files needs the setting input: CxHxW, such as 3x64x64")


def _mean_and_deviation(images: FittedImages) -> tuple[list[float], list[float]]:
    """Return the mean and the standard deviation of each channel's pixels, from 0 to 1, in some images."""
    count = len(images.images)
    rows = np.unique(np.linspace(0, count - 1, min(count, _MEASURED_IMAGES)).astype(np.int64))
    values = images.read(rows).transpose(1, 0, 2, 3).reshape(images.shape.channels, -1) / 255
    deviation = np.maximum(values.std(axis=1), 1 / 255)  # avoids a division by zero for a constant channel
    return values.mean(axis=1).tolist(), deviation.tolist()


def _abbreviate(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")

"""Learning the classes of images: the classifier's task, and its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor

from goengine.data.table.permutation import draw, mix
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

_MEASURED_IMAGES = 2000  # for the mean and the deviation of their values


@dataclass(frozen=True, slots=True)
class ImageBatch:
    """images -- float32 [B, channels, height, width] of 0 to 1; target -- int64 [B], their classes."""

    images: Tensor
    target: NDArray[np.int64]


class ClassifierTask:
    """The task of an image classifier; see `goengine.training.task.Task`."""

    command = "goengine classify train"
    unit = "images"

    def __init__(
        self, config: ClassifierConfig, images: ImageSet, validation: ImageSet | None = None
    ) -> None:
        """Learns from `images`.

        Raises GoEngineError if they are of one class alone, the network cannot be built or does not take
        them, or the validation images are of other classes.
        """
        if len(images.classes) < 2:
            raise GoEngineError(f"{images.name}: all images are of one class, so there is nothing to learn")
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
        """The task of the config's data.

        Raises GoEngineError if there is no such data, or it cannot be read, and what the constructor raises.
        """
        validation = load_images(config.validation) if config.validation else None
        return cls(config, load_images(config.data), validation)

    def network(self) -> ImageClassifier:
        network = ImageClassifier(self._config.network, fit=self._config.fit, **self.facts)
        network.reset_parameters(torch.Generator().manual_seed(self._config.seed))
        return network

    def check(self, facts: dict[str, Any]) -> None:
        if facts != self.facts:
            raise GoEngineError(f"the images {self._config.data} are not those that the run began with")

    def batch(self, step: int, batch_size: int, rank: int = 0, world: int = 1) -> ImageBatch:
        begin, end = batch_size * rank // world, batch_size * (rank + 1) // world
        rows = np.empty(end - begin, np.int64)
        draw(step * batch_size + begin, self.available, self._key, rows, np.empty(len(rows), np.uint8))
        draws = np.random.default_rng((self._config.seed, step)).random((batch_size, DRAWS))
        pixels = self._images.read(rows)
        return ImageBatch(
            self._augmentation.apply(pixels, draws[begin:end]), self._images.images.labels[rows]
        )

    def inputs(self, batch: ImageBatch, device: torch.device, dtype: torch.dtype) -> Tensor:
        mean, deviation = (
            torch.tensor(self.facts[name], device=device).view(-1, 1, 1) for name in ("mean", "deviation")
        )
        x = (batch.images.to(device, non_blocking=True) - mean) / deviation
        return x.to(dtype).contiguous(memory_format=torch.channels_last)

    def begin(self, network: ConvolutionNetwork) -> None:
        """Nothing: the weights are drawn by `network`."""

    def loss(self, outputs: Tensor, batch: ImageBatch, device: torch.device) -> Loss:
        return cross_entropy_loss(outputs, to_device(batch.target, device))

    def validate(self, network: ConvolutionNetwork, dtype: torch.dtype) -> Accuracy | None:
        if self._validation is None:
            return None
        assert isinstance(network, ImageClassifier)
        return classify(network, self._validation, dtype).accuracy

    def describe(self) -> str:
        return self._config.network


def train_classifier(
    config: ClassifierConfig,
    resume: Path | None = None,
    console: Console | None = None,
    max_minutes: float | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """`goengine.training.loop.train` of a classifier.

    Raises GoEngineError for images that are missing or cannot be read, or do not fit the network, too.
    """
    if not config.data:
        raise GoEngineError("training needs images")
    return train(config, ClassifierTask.open, resume, console, max_minutes, processes)


def classifier_network(checkpoint: Checkpoint[ClassifierConfig]) -> ImageClassifier:
    """The network that a checkpoint releases, on the CPU.

    Raises GoEngineError if the weights are not those of a network of its settings.
    """
    network = ImageClassifier(checkpoint.config.network, fit=checkpoint.config.fit, **checkpoint.facts)
    checkpoint.load_into(network, averaged=True)
    return network


def check_classes(images: ImageSet, classes: Sequence[str]) -> None:
    """Raises GoEngineError if images are of another class than these."""
    if len(images.classes) > len(classes) or images.classes != tuple(classes[: len(images.classes)]):
        raise GoEngineError(
            f"{images.name}: the classes {_some(images.classes)} are not those of the training images, "
            f"{_some(classes)}"
        )


def input_shape(config: ClassifierConfig, images: ImageSet) -> Shape:
    """The input of the config's network.

    Raises GoEngineError if the config's text is no shape, or a pattern on files of many sizes lacks it.
    """
    if config.input:
        return parse_shape(config.input)
    if config.network in ARCHITECTURES:
        return ARCHITECTURES[config.network].input
    if isinstance(images.pictures, ArrayPictures):
        return Shape(1, *images.pictures.pixels.shape[1:])
    raise GoEngineError("a pattern needs to know its input: set input to CxHxW, such as 3x64x64")


def _mean_and_deviation(images: FittedImages) -> tuple[list[float], list[float]]:
    """Of each channel's values, from 0 to 1, in some of the images."""
    count = len(images.images)
    rows = np.unique(np.linspace(0, count - 1, min(count, _MEASURED_IMAGES)).astype(np.int64))
    values = images.read(rows).transpose(1, 0, 2, 3).reshape(images.shape.channels, -1) / 255
    deviation = np.maximum(values.std(axis=1), 1 / 255)  # of one colour only: nothing is to be stretched
    return values.mean(axis=1).tolist(), deviation.tolist()


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")

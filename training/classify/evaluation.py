"""How well a classifier tells images apart."""

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from goengine.nn.classifier import ImageClassifier
from goengine.training.classify.image_set import FittedImages, ImageSet
from goengine.training.metrics import Accuracy
from goengine.util.statistics import wilson_interval

_CHUNK = 512  # images read at a time
TOP = 5
"""How many of the likeliest classes are looked at for the right one."""


@dataclass(frozen=True, eq=False)
class Classification:
    """What a classifier said of N images.

    Public attributes:
      probabilities -- float32 [N, classes]
      labels -- int64 [N], the right classes
      seconds -- what it took, reading the images included
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]
    seconds: float

    @property
    def guesses(self) -> NDArray[np.int64]:
        """The likeliest classes, int64 [N]; of equally likely ones the first."""
        return self.probabilities.argmax(axis=1)

    @property
    def accuracy(self) -> Accuracy:
        right = self.probabilities[np.arange(len(self.labels)), self.labels]
        likelier = (self.probabilities > right[:, None]).sum(axis=1)
        # A class that float32 holds impossible counts as its smallest number: 87 nats.
        loss = -np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean(dtype=np.float64)
        hits = self.guesses == self.labels
        return Accuracy(len(hits), float(hits.mean()), float((likelier < TOP).mean()), float(loss))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of top-1, Wilson's."""
        return wilson_interval(self.accuracy.top1, len(self.labels))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """int64 [classes, classes]: how many images of a row's class were taken for a column's."""
        classes = self.probabilities.shape[1]
        return np.bincount(self.labels * classes + self.guesses, minlength=classes**2).reshape(classes, -1)

    def worst(self, count: int) -> NDArray[np.int64]:
        """The rows of up to so many wrong guesses, the surest first."""
        wrong = np.flatnonzero(self.guesses != self.labels)
        return wrong[np.argsort(-self.probabilities[wrong].max(axis=1), kind="stable")][:count]


@dataclass(frozen=True)
class Measured:
    """What was measured: the model as the user named it, the images, what the model said of them."""

    model: str
    classes: tuple[str, ...]
    images: ImageSet
    said: Classification
    precision: str
    device: str


def classify(network: ImageClassifier, images: FittedImages, dtype: torch.dtype) -> Classification:
    """Show all images to a classifier, computing in `dtype`. Raises GoEngineError if one cannot be read."""
    begin = time.perf_counter()
    rows = np.arange(len(images.images))
    parts = [
        network.probabilities(images.read(rows[start : start + _CHUNK]), dtype)
        for start in range(0, len(rows), _CHUNK)
    ]
    return Classification(np.concatenate(parts), images.images.labels, time.perf_counter() - begin)

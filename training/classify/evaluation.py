"""Measuring a classifier on labelled images."""

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
_TOP = 5  # the k of top-k accuracy


@dataclass(frozen=True, eq=False)
class Classification:
    """The result of a classifier for N images.

    Attributes:
        probabilities: float32 [N, classes].
        labels: The true classes, int64 [N].
        seconds: The time taken, including reading the images.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]
    seconds: float

    @property
    def guesses(self) -> NDArray[np.int64]:
        """The likeliest classes, int64 [N]; of equally likely classes the first."""
        guesses: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return guesses

    @property
    def accuracy(self) -> Accuracy:
        """Top-1 and top-5 accuracy, and the loss."""
        right = self.probabilities[np.arange(len(self.labels)), self.labels]
        likelier = (self.probabilities > right[:, None]).sum(axis=1)
        # A probability of zero counts as float32's smallest normal number: 87 nats.
        loss = -np.log(np.maximum(right, np.finfo(np.float32).tiny)).mean(dtype=np.float64)
        hits = self.guesses == self.labels
        return Accuracy(len(hits), float(hits.mean()), float((likelier < _TOP).mean()), float(loss))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % confidence interval of top-1 accuracy (Wilson)."""
        return wilson_interval(self.accuracy.top1, len(self.labels))

    @property
    def confusion(self) -> NDArray[np.int64]:
        """The number of images of each row's class classified as each column's, int64 [classes, classes]."""
        classes = self.probabilities.shape[1]
        return np.bincount(self.labels * classes + self.guesses, minlength=classes**2).reshape(classes, -1)

    def worst(self, count: int) -> NDArray[np.int64]:
        """Return the indices of up to `count` wrong guesses, the most confident first."""
        wrong = np.flatnonzero(self.guesses != self.labels)
        return wrong[np.argsort(-self.probabilities[wrong].max(axis=1), kind="stable")][:count]


@dataclass(frozen=True)
class Measured:
    """A measurement of a classifier.

    Attributes:
        model: The model as the user named it.
        classes: The names of its classes.
        images: The images.
        result: Its result for them.
        precision: The precision of the computation.
        device: The device of the computation.
    """

    model: str
    classes: tuple[str, ...]
    images: ImageSet
    result: Classification
    precision: str
    device: str


def classify(network: ImageClassifier, images: FittedImages, dtype: torch.dtype) -> Classification:
    """Classify all images of a set, computing in `dtype`.

    Raises:
        GoEngineError: If an image cannot be read.
    """
    begin = time.perf_counter()
    rows = np.arange(len(images.images))
    parts = [
        network.probabilities(images.read(rows[start : start + _CHUNK]), dtype)
        for start in range(0, len(rows), _CHUNK)
    ]
    return Classification(np.concatenate(parts), images.images.labels, time.perf_counter() - begin)

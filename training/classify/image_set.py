"""Labelled images: IDX files, folders of images by class, and the digits of scikit-learn.

An image set has a name: `digits`, an IDX file of images, a folder that contains one, or a folder with a
folder of images for each class. A part can follow in brackets: `[:8000]` is the first 8,000 images and
`[8000:]` the others; `[train]` and `[test]` are a fixed random four fifths and a fifth.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from goengine.errors import GoEngineError
from goengine.nn.images import fit_image, pixels_image, read_image
from goengine.nn.layers import Shape
from goengine.training.classify.idx import find_labels, is_idx_name, read_idx

DIGITS = "digits"
"""The name of the digits of scikit-learn."""

TEST_SHARE = 0.2
"""The share of the part [test]."""

_SPLIT_SEED = 0


class Pictures(Protocol):
    """A source of images, which are read one at a time, and again at each use."""

    def image(self, number: int) -> Image.Image:
        """Return an image.

        Raises:
            GoEngineError: If it cannot be read.
        """

    def describe(self, number: int) -> str:
        """Return the file of an image, or its number in words."""


@dataclass(frozen=True)
class ArrayPictures:
    """Grey images in memory, uint8 [N, height, width]."""

    pixels: NDArray[np.uint8]

    def image(self, number: int) -> Image.Image:
        """Return an image."""
        return pixels_image(self.pixels[number][None])

    def describe(self, number: int) -> str:
        """Return the number of an image in words."""
        return f"image {number}"


@dataclass(frozen=True)
class FilePictures:
    """Image files of any format that Pillow reads."""

    paths: Sequence[Path]

    def image(self, number: int) -> Image.Image:
        """Return an image.

        Raises:
            GoEngineError: If it cannot be read.
        """
        return read_image(self.paths[number])

    def describe(self, number: int) -> str:
        """Return the path of an image."""
        return str(self.paths[number])


@dataclass(frozen=True, eq=False)
class ImageSet:
    """N images and their classes.

    Attributes:
        name: The name given by the user.
        classes: The names of the classes.
        labels: The class of each image, int64 [N].
        pictures: The source of the images.
        numbers: The number of each image in the source, int64 [N].
    """

    name: str
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    pictures: Pictures
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def image(self, row: int) -> Image.Image:
        """Return an image.

        Raises:
            GoEngineError: If it cannot be read.
        """
        return self.pictures.image(int(self.numbers[row]))

    def describe(self, row: int) -> str:
        """Return the file of an image, or its number in words."""
        return self.pictures.describe(int(self.numbers[row]))

    def part(self, rows: NDArray[np.int64], name: str) -> "ImageSet":
        """Return some of the images as a set with another name."""
        return ImageSet(name, self.classes, self.labels[rows], self.pictures, self.numbers[rows])


@dataclass(frozen=True, eq=False)
class FittedImages:
    """The images of a set, resized for a network; images in memory are resized once.

    Attributes:
        images: The images.
        shape: The input of the network.
        fit: The way of resizing, see `goengine.nn.images.FITS`.
    """

    images: ImageSet
    shape: Shape
    fit: str

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return some images, uint8 [B, channels, height, width].

        Raises:
            GoEngineError: If an image cannot be read or does not fit.
        """
        if isinstance(self.images.pictures, ArrayPictures):
            return self._all[rows]
        return self._read(rows)

    @cached_property
    def _all(self) -> NDArray[np.uint8]:
        return self._read(np.arange(len(self.images)))

    def _read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        fitted = np.empty((len(rows), *self.shape), np.uint8)
        for index, row in enumerate(rows.tolist()):
            try:
                fitted[index] = fit_image(self.images.image(row), self.shape, self.fit)
            except GoEngineError as error:
                name = self.images.describe(row)
                raise GoEngineError(str(error) if name in str(error) else f"{name}: {error}") from error
        return fitted


def load_images(name: str) -> ImageSet:
    """Load the images of a name; see the module's docstring.

    Raises:
        GoEngineError: If there are no such images, they cannot be read, or the part is empty or malformed.
    """
    source, part = name, None
    if not Path(name).exists() and (match := re.fullmatch(r"(.+)\[([^\[\]]*)\]", name)):
        source, part = match[1], match[2]
    images = _digits() if source == DIGITS else _load(Path(source))
    if part is not None:
        images = images.part(_rows(name, part, len(images)), name)
    if not len(images):
        raise GoEngineError(f"{name}: there is no image")
    return images


def _rows(name: str, part: str, count: int) -> NDArray[np.int64]:
    if part in ("train", "test"):
        shuffled = np.random.default_rng(_SPLIT_SEED).permutation(count)
        test_count = round(TEST_SHARE * count)
        return np.sort(shuffled[:test_count] if part == "test" else shuffled[test_count:])
    if (match := re.fullmatch(r"(-?\d{1,18})?:(-?\d{1,18})?", part)) is None:
        raise GoEngineError(
            f"{name}: unknown part [{part}] of the images; expected [train], [test], or numbers such as "
            "[:8000] or [8000:]"
        )
    first, last = (None if text is None else int(text) for text in match.groups())
    return np.arange(count)[first:last]


def _digits() -> ImageSet:
    """Return scikit-learn's 1,797 handwritten digits of 8x8 pixels (UCI, Alpaydin and Kaynak)."""
    from sklearn.datasets import load_digits  # takes a second

    data = load_digits()
    pixels = np.round(data.images * (255 / 16)).astype(np.uint8)  # values are from 0 to 16
    return _of_arrays(DIGITS, pixels, data.target.astype(np.int64))


def _load(path: Path) -> ImageSet:
    if path.is_file():
        return _idx(path)
    if not path.is_dir():
        raise GoEngineError(f"{path}: no such images; expected {DIGITS}, an IDX file, or a folder of folders")
    files = sorted(entry for entry in path.iterdir() if entry.is_file() and is_idx_name(entry))
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise GoEngineError(f"{path}: the folder has several IDX files of images ({names}); name one of them")
    return _idx(files[0]) if files else _folder(path)


def _idx(path: Path) -> ImageSet:
    pixels = read_idx(path, axes=3)
    labels_path = find_labels(path)
    labels = read_idx(labels_path, axes=1)
    if len(labels) != len(pixels):
        raise GoEngineError(f"{path}: {len(pixels):,} images, but {labels_path} has {len(labels):,} labels")
    if not len(pixels):
        raise GoEngineError(f"{path}: there is no image")
    return _of_arrays(str(path), pixels, labels.astype(np.int64))


def _of_arrays(name: str, pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> ImageSet:
    classes = tuple(str(number) for number in range(int(labels.max()) + 1))
    return ImageSet(name, classes, labels, ArrayPictures(pixels), np.arange(len(labels)))


def _folder(path: Path) -> ImageSet:
    """Return the images of a folder of folders, whose names are the classes, in alphabetical order."""
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    by_class = {folder.name: files for folder in folders if (files := image_files(folder))}
    if len(by_class) < 2:
        raise GoEngineError(
            f"{path}: expected a folder of images for each of at least two classes, found {len(by_class)}"
        )
    labels = np.repeat(np.arange(len(by_class)), [len(files) for files in by_class.values()])
    paths = [file for files in by_class.values() for file in files]
    names = tuple(by_class)
    return ImageSet(str(path), names, labels, FilePictures(paths), np.arange(len(paths)))


def image_files(folder: Path) -> list[Path]:
    """Return the files in and below a folder whose suffix is of an image format that Pillow reads, sorted."""
    known = {suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in known and path.is_file() and not path.name.startswith(".")
    )

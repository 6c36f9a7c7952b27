"""Labelled images: IDX files, folders of images by class, and the digits that come with scikit-learn.

Data is named in one word: `digits`, a file of images in IDX format, a folder that holds one, or a folder of
folders of images, one for each class. Behind it a part may be named in brackets: `[:8000]` and `[8000:]` are
the first 8,000 and the others, `[train]` and `[test]` four fifths and a fifth, drawn once and for all.
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
TEST_SHARE = 0.2
_SPLIT_SEED = 0


class Pictures(Protocol):
    """Where images come from: they are read one by one, as often as they are asked for."""

    def image(self, number: int) -> Image.Image:
        """Raises GoEngineError if it cannot be read."""

    def describe(self, number: int) -> str:
        """Which image it is, for people: its file, or its number."""


@dataclass(frozen=True)
class ArrayPictures:
    """uint8 [N, height, width], grey."""

    pixels: NDArray[np.uint8]

    def image(self, number: int) -> Image.Image:
        return pixels_image(self.pixels[number][None])

    def describe(self, number: int) -> str:
        return f"image {number}"


@dataclass(frozen=True)
class FilePictures:
    """Files of any kind that Pillow reads."""

    paths: Sequence[Path]

    def image(self, number: int) -> Image.Image:
        return read_image(self.paths[number])

    def describe(self, number: int) -> str:
        return str(self.paths[number])


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images and their classes.

    Public attributes:
      name -- as the user named it
      classes -- the classes' names
      labels -- int64 [N], numbers of classes
      numbers -- int64 [N], which of the pictures
    """

    name: str
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    pictures: Pictures
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def image(self, row: int) -> Image.Image:
        """Raises GoEngineError if it cannot be read."""
        return self.pictures.image(int(self.numbers[row]))

    def describe(self, row: int) -> str:
        """Which image it is, for people."""
        return self.pictures.describe(int(self.numbers[row]))

    def part(self, rows: NDArray[np.int64], name: str) -> "ImageSet":
        return ImageSet(name, self.classes, self.labels[rows], self.pictures, self.numbers[rows])


@dataclass(frozen=True, eq=False)
class FittedImages:
    """The images of a set as a network sees them; those that lie in memory anyway are fitted once."""

    images: ImageSet
    shape: Shape
    fit: str

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 [B, channels, height, width]. Raises GoEngineError if one cannot be read or does not fit."""
        if isinstance(self.images.pictures, ArrayPictures):
            return self._all[rows]
        return self._read(rows)

    @cached_property
    def _all(self) -> NDArray[np.uint8]:
        return self._read(np.arange(len(self.images)))

    def _read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        fitted = np.empty((len(rows), *self.shape), np.uint8)
        for place, row in enumerate(rows.tolist()):
            try:
                fitted[place] = fit_image(self.images.image(row), self.shape, self.fit)
            except GoEngineError as error:
                where = self.images.describe(row)
                raise GoEngineError(str(error) if where in str(error) else f"{where}: {error}") from None
        return fitted


def load_images(name: str) -> ImageSet:
    """The images of that name; see the module's docstring.

    Raises GoEngineError if there are none, they cannot be read, or the part is empty or cannot be understood.
    """
    source, part = name, None
    if not Path(name).exists() and (match := re.fullmatch(r"(.+)\[([^\[\]]*)\]", name)):
        source, part = match[1], match[2]
    found = _digits() if source == DIGITS else _load(Path(source))
    if part is not None:
        found = found.part(_rows(name, part, len(found)), name)
    if not len(found):
        raise GoEngineError(f"{name}: there is no image")
    return found


def _rows(name: str, part: str, count: int) -> NDArray[np.int64]:
    if part in ("train", "test"):
        shuffled = np.random.default_rng(_SPLIT_SEED).permutation(count)
        tested = round(TEST_SHARE * count)
        return np.sort(shuffled[:tested] if part == "test" else shuffled[tested:])
    if (match := re.fullmatch(r"(-?\d{1,18})?:(-?\d{1,18})?", part)) is None:
        raise GoEngineError(
            f"{name}: the part [{part}] of the images cannot be understood; expected [train], [test], or "
            "numbers such as [:8000] or [8000:]"
        )
    first, last = (None if text is None else int(text) for text in match.groups())
    return np.arange(count)[first:last]


def _digits() -> ImageSet:
    """1,797 handwritten digits of 8x8 (UCI, Alpaydin and Kaynak), which come with scikit-learn."""
    from sklearn.datasets import load_digits  # takes a second

    data = load_digits()
    pixels = np.round(data.images * (255 / 16)).astype(np.uint8)  # values are from 0 to 16
    return _of_arrays(DIGITS, pixels, data.target.astype(np.int64))


def _load(path: Path) -> ImageSet:
    if path.is_file():
        return _idx(path)
    if not path.is_dir():
        raise GoEngineError(
            f"{path}: there are no such images; expected {DIGITS}, an IDX file, or a folder of folders"
        )
    files = sorted(entry for entry in path.iterdir() if entry.is_file() and is_idx_name(entry))
    if len(files) > 1:
        names = ", ".join(file.name for file in files)
        raise GoEngineError(f"{path}: the folder holds several IDX files of images ({names}); name one")
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
    """A folder of folders: the inner ones' names are the classes, in alphabetical order."""
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    found = [(folder.name, image_files(folder)) for folder in folders]
    found = [(name, files) for name, files in found if files]
    if len(found) < 2:
        raise GoEngineError(
            f"{path}: expected a folder of images for each of at least two classes, found {len(found)}"
        )
    labels = np.repeat(np.arange(len(found)), [len(files) for _, files in found])
    paths = [file for _, files in found for file in files]
    names = tuple(name for name, _ in found)
    return ImageSet(str(path), names, labels, FilePictures(paths), np.arange(len(paths)))


def image_files(folder: Path) -> list[Path]:
    """The files in and below a folder that are named as images that Pillow reads, in order."""
    known = {suffix for suffix, kind in Image.registered_extensions().items() if kind in Image.OPEN}
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in known and path.is_file() and not path.name.startswith(".")
    )

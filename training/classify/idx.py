"""IDX files, the format of MNIST: an array of bytes behind a header, gzip-compressed or not.

The header is two zero bytes, the type of the values (8: unsigned bytes), the number of axes, and the length
of each axis as four bytes, the highest first (LeCun, Cortes and Burges, "The MNIST database").
"""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError

_UNSIGNED_BYTES = 8


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """The array of a file, of so many axes.

    Raises GoEngineError if the file is missing, no IDX file of bytes, of other axes, or cut off.
    """
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise GoEngineError(f"{path}: the IDX file cannot be read ({reason})") from None
    if len(content) < 4 or content[:3] != bytes((0, 0, _UNSIGNED_BYTES)):
        raise GoEngineError(f"{path}: not an IDX file of unsigned bytes")
    begin = 4 + 4 * content[3]
    if content[3] != axes or len(content) < begin:
        raise GoEngineError(f"{path}: an IDX file of {content[3]} axes, {axes} were expected")
    lengths = struct.unpack(f">{axes}I", content[4:begin])
    if len(content) != begin + math.prod(lengths):
        raise GoEngineError(
            f"{path}: the IDX file holds {len(content) - begin:,} values, its header says "
            f"{math.prod(lengths):,}"
        )
    return np.frombuffer(content, np.uint8, offset=begin).reshape(lengths)


def find_labels(images: Path) -> Path:
    """The file of labels beside a file of images: train-labels-idx1-ubyte beside train-images-idx3-ubyte.

    Raises GoEngineError if there is none.
    """
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for candidate in (images.with_name(name), images.with_name(f"{name}.gz")):
        if candidate != images and candidate.is_file():
            return candidate
    raise GoEngineError(f"{images}: there is no file of labels {name} or {name}.gz beside the images")


def is_idx_name(path: Path) -> bool:
    """Whether a file is named as a file of images in this format is."""
    return "images" in path.name and "idx3" in path.name

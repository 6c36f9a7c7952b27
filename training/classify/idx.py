"""Reading IDX files, the format of MNIST: a header and an array of bytes, possibly compressed by gzip.

The header is two zero bytes, the type of the values (8: unsigned bytes), the number of axes, and the length
of each axis as a big-endian integer of four bytes (LeCun, Cortes and Burges, "The MNIST database").
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
    """Return the array of an IDX file.

    Args:
        path: The file.
        axes: The expected number of axes.

    Raises:
        GoEngineError: If the file is missing, damaged, not an IDX file of bytes, or has other axes.
    """
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise GoEngineError(f"{path}: the IDX file cannot be read ({reason})") from error
    if len(content) < 4 or content[:3] != bytes((0, 0, _UNSIGNED_BYTES)):
        raise GoEngineError(f"{path}: not an IDX file of unsigned bytes")
    begin = 4 + 4 * content[3]
    if len(content) < begin:
        raise GoEngineError(f"{path}: the header of the IDX file is incomplete")
    if content[3] != axes:
        raise GoEngineError(f"{path}: an IDX file with {content[3]} axes; expected {axes}")
    lengths = struct.unpack(f">{axes}I", content[4:begin])
    if len(content) != begin + math.prod(lengths):
        raise GoEngineError(
            f"{path}: the IDX file has {len(content) - begin:,} values; expected {math.prod(lengths):,} "
            "from its header"
        )
    return np.frombuffer(content, np.uint8, offset=begin).reshape(lengths)


def find_labels(images: Path) -> Path:
    """Return the file of labels of a file of images, such as train-labels-idx1-ubyte.

    Args:
        images: The file of images, such as train-images-idx3-ubyte; the labels are in the same folder.

    Raises:
        GoEngineError: If there is no such file.
    """
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for candidate in (images.with_name(name), images.with_name(f"{name}.gz")):
        if candidate != images and candidate.is_file():
            return candidate
    raise GoEngineError(f"{images}: the file of labels {name} or {name}.gz is missing from the same folder")


def is_idx_name(path: Path) -> bool:
    """Return whether a file has the name of an IDX file of images."""
    return "images" in path.name and "idx3" in path.name

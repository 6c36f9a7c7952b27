"""Images as arrays, read from files and fitted to the size of a network's input."""

import warnings
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from goengine.errors import GoEngineError
from goengine.nn.layers import Shape

Fit = Literal["scale", "pad"]
FITS = get_args(Fit)
"""How an image is fitted to a network's size: scaled and cropped to the centre, or padded with black."""


def read_image(path: Path) -> Image.Image:
    """Read an image file of any kind that Pillow reads, rotated as its metadata says.

    Raises:
        GoEngineError: If there is no such file, or it is damaged, not an image, or far too large.
    """
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image.load()
            return ImageOps.exif_transpose(image)
    except UnidentifiedImageError as error:
        raise GoEngineError(f"{path}: not an image of a known kind") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        reason = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0][:200]
        raise GoEngineError(f"{path}: the image cannot be read ({reason})") from error


def fit_image(image: Image.Image, shape: Shape, fit: str = "scale") -> NDArray[np.uint8]:
    """Fit an image to a network's input: uint8 [channels, height, width].

    Args:
        image: The image.
        shape: The input. One channel is grey (ITU-R 601-2 luma), three are red, green and blue.
        fit: "scale" resizes the image bilinearly until it just covers the size, and crops to the centre;
            "pad" keeps its pixels and puts it in the centre of black.

    Raises:
        GoEngineError: If the network takes neither 1 nor 3 channels, or the image to be padded is larger.
    """
    if shape.channels not in (1, 3):
        raise GoEngineError(f"an image has 1 or 3 channels, the network takes {shape.channels}")
    image = image.convert("L" if shape.channels == 1 else "RGB")
    size = (shape.width, shape.height)
    if fit == "pad":
        left, top = (shape.width - image.width) // 2, (shape.height - image.height) // 2
        if left < 0 or top < 0:
            raise GoEngineError(
                f"an image of {image.height}x{image.width} cannot be padded to {shape.height}x{shape.width}"
            )
        canvas = Image.new(image.mode, size)
        canvas.paste(image, (left, top))
        image = canvas
    elif image.size != size:
        image = ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    return pixels[None] if shape.channels == 1 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def pixels_image(pixels: NDArray[np.uint8]) -> Image.Image:
    """Return uint8 [1 or 3, height, width] as an image."""
    return Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))

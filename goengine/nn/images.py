"""Images as arrays: read from files and brought to the size that a network takes."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from goengine.errors import GoEngineError
from goengine.nn.layers import Shape

FITS = ("scale", "pad")
"""How an image comes to a network's size: scaled and its middle cut out, or laid on black as it is."""


def read_image(path: Path) -> Image.Image:
    """An image file of any kind that Pillow reads, turned as its camera noted.

    Raises GoEngineError if there is no such file, or it is no image, damaged, or monstrously large.
    """
    try:
        with warnings.catch_warnings(), Image.open(path) as image:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image.load()
            return ImageOps.exif_transpose(image)
    except UnidentifiedImageError:
        raise GoEngineError(f"{path}: not an image of a kind that can be read") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
        reason = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0][:200]
        raise GoEngineError(f"{path}: the image cannot be read ({reason})") from None


def fit_image(image: Image.Image, shape: Shape, fit: str = "scale") -> NDArray[np.uint8]:
    """The image as a network of that input sees it: uint8 [channels, height, width].

    channels: 1 turns colours into grey (ITU-R 601-2 luma), 3 gives red, green and blue. fit: "scale" makes
    the image just cover the size, bilinearly and with all its pixels, and cuts out the middle; "pad" keeps
    its pixels and lays it in the middle of black.

    Raises GoEngineError if the network takes neither 1 nor 3 channels, or the image to be padded is larger.
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
    """The other way: uint8 [1 or 3, height, width] as an image."""
    return Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0))

"""Augmentation of images: random crops, mirror images and colours.

Crops follow GoogLeNet (Szegedy et al., "Going deeper with convolutions", 2015): a random share of the area,
with an aspect ratio between 3:4 and 4:3, anywhere in the image, resized to the size of the image. Brightness,
contrast and saturation are multiplied by random factors around 1, in this order.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

DRAWS = 8
"""The random numbers for an image."""

_GREY = (0.299, 0.587, 0.114)  # ITU-R 601-2 luma
_MAX_STRETCH = math.log(4 / 3)


@dataclass(frozen=True)
class Augmentation:
    """The settings of augmentation.

    Attributes:
        crop: The smallest share of an image's area that a crop keeps; 1 for no crops.
        flip: Whether to mirror half of the images.
        colour: The largest relative change of brightness, contrast and saturation, 0 to 1.
    """

    crop: float = 1.0
    flip: bool = False
    colour: float = 0.0

    def apply(self, images: NDArray[np.uint8], draws: NDArray[np.float64]) -> Tensor:
        """Return augmented images, float32 [B, channels, height, width] from 0 to 1.

        Args:
            images: The images, uint8 of the same shape.
            draws: Uniform random numbers in [0, 1), float64 [B, DRAWS].
        """
        x = torch.from_numpy(images).float() / 255
        u = torch.from_numpy(draws).float()
        if self.crop < 1 or self.flip:
            x = self._crop(x, u)
        if self.colour:
            x = self._change_colours(x, u)
        return x

    def _crop(self, x: Tensor, u: Tensor) -> Tensor:
        share = self.crop + (1 - self.crop) * u[:, 0]
        stretch = torch.exp((2 * u[:, 1] - 1) * _MAX_STRETCH / 2) if self.crop < 1 else torch.ones(len(u))
        width = (share.sqrt() * stretch).clamp(max=1)
        height = (share.sqrt() / stretch).clamp(max=1)
        # In the coordinates of affine_grid an image extends from -1 to 1.
        x_shift, y_shift = (1 - width) * (2 * u[:, 2] - 1), (1 - height) * (2 * u[:, 3] - 1)
        if self.flip:
            width = torch.where(u[:, 4] < 0.5, -width, width)
        zero = torch.zeros(len(u))
        rows = torch.stack([width, zero, x_shift, zero, height, y_shift], dim=1).view(-1, 2, 3)
        grid = affine_grid(rows, list(x.shape), align_corners=False)
        cropped: Tensor = grid_sample(x, grid, padding_mode="border", align_corners=False)
        return cropped

    def _change_colours(self, x: Tensor, u: Tensor) -> Tensor:
        brightness, contrast, saturation = (1 + self.colour * (2 * u[:, 5:8] - 1)).T.view(3, -1, 1, 1, 1)
        x = (x * brightness).clamp(0, 1)
        mean = _grey(x).mean(dim=(2, 3), keepdim=True)
        x = (mean + (x - mean) * contrast).clamp(0, 1)
        grey = _grey(x)
        changed: Tensor = (grey + (x - grey) * saturation).clamp(0, 1)
        return changed


def _grey(x: Tensor) -> Tensor:
    """Return the luma of images, [B, 1, height, width]."""
    if x.shape[1] == 1:
        return x
    luma: Tensor = (x * torch.tensor(_GREY).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    return luma

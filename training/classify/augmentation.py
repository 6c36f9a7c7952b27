"""Random crops, mirror images and colours: the usual ways to see more in a photograph.

Crops are GoogLeNet's (Szegedy et al., "Going deeper with convolutions", 2015): a share of the area, an aspect
ratio between 3:4 and 4:3, anywhere in the image, stretched to its size. Brightness, contrast and saturation
are each multiplied by a factor around 1, one after the other.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

DRAWS = 8  # random numbers an image
_GREY = (0.299, 0.587, 0.114)  # ITU-R 601-2 luma
_MOST_STRETCH = math.log(4 / 3)


@dataclass(frozen=True)
class Augmentation:
    """crop: the smallest share of an image's area that is kept, 1 for no crops. flip: every other image is
    mirrored. colour: how far brightness, contrast and saturation may be from 1 times what they were."""

    crop: float = 1.0
    flip: bool = False
    colour: float = 0.0

    def apply(self, images: NDArray[np.uint8], draws: NDArray[np.float64]) -> Tensor:
        """float32 [B, channels, height, width] of 0 to 1, from uint8 images of that shape.

        draws: float64 [B, DRAWS] from 0 up to 1, on which everything random depends.
        """
        x = torch.from_numpy(images).float() / 255
        u = torch.from_numpy(draws).float()
        if self.crop < 1 or self.flip:
            x = self._cropped(x, u)
        if self.colour:
            x = self._coloured(x, u)
        return x

    def _cropped(self, x: Tensor, u: Tensor) -> Tensor:
        share = self.crop + (1 - self.crop) * u[:, 0]
        stretch = torch.exp((2 * u[:, 1] - 1) * _MOST_STRETCH / 2) if self.crop < 1 else torch.ones(len(u))
        width = (share.sqrt() * stretch).clamp(max=1)
        height = (share.sqrt() / stretch).clamp(max=1)
        # In affine_grid's coordinates an image reaches from -1 to 1.
        left, top = (1 - width) * (2 * u[:, 2] - 1), (1 - height) * (2 * u[:, 3] - 1)
        if self.flip:
            width = torch.where(u[:, 4] < 0.5, -width, width)
        zero = torch.zeros(len(u))
        rows = torch.stack([width, zero, left, zero, height, top], dim=1).view(-1, 2, 3)
        grid = affine_grid(rows, list(x.shape), align_corners=False)
        return grid_sample(x, grid, padding_mode="border", align_corners=False)

    def _coloured(self, x: Tensor, u: Tensor) -> Tensor:
        brightness, contrast, saturation = (1 + self.colour * (2 * u[:, 5:8] - 1)).T.view(3, -1, 1, 1, 1)
        x = (x * brightness).clamp(0, 1)
        mean = _grey(x).mean(dim=(2, 3), keepdim=True)
        x = (mean + (x - mean) * contrast).clamp(0, 1)
        grey = _grey(x)
        return (grey + (x - grey) * saturation).clamp(0, 1)


def _grey(x: Tensor) -> Tensor:
    """[B, 1, height, width]"""
    if x.shape[1] == 1:
        return x
    return (x * torch.tensor(_GREY).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)

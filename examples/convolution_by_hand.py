"""Convolution by hand: a 6x6 image, two 3x3 filters and max pooling, compared with goengine.

    python examples/convolution_by_hand.py

Plain loops compute every value of every feature map; then `ConvolutionNetwork` computes the same, and the
example fails if they differ.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.nn.layers import Convolution, MaxPooling, Shape, Spec
from goengine.nn.network import ConvolutionNetwork

IMAGE = np.array(
    [
        [1, 0, 0, 0, 0, 1],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 1, 0, 0],
        [1, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 0, 1, 0],
    ]
)
FILTERS = np.array(
    [
        [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]],  # a line from the upper left to the lower right
        [[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]],  # a vertical line
    ]
)


def convolve(image: NDArray, kernel: NDArray, stride: int = 1, padding: int = 0) -> NDArray:
    """Return the sum of products of the filter and each part of the image.

    image [H, W], kernel [F, F] -> [H2, W2] with H2 = (H - F + 2P)/S + 1.
    """
    image = np.pad(image, padding)
    extent = len(kernel)
    rows = (image.shape[0] - extent) // stride + 1
    columns = (image.shape[1] - extent) // stride + 1
    out = np.zeros((rows, columns), int)
    for row in range(rows):
        for column in range(columns):
            for i in range(extent):
                for j in range(extent):
                    out[row, column] += image[row * stride + i, column * stride + j] * kernel[i, j]
    return out


def max_pool(image: NDArray, extent: int = 2) -> NDArray:
    """Return the largest value of each square of extent x extent; the squares do not overlap."""
    rows, columns = image.shape[0] // extent, image.shape[1] // extent
    return np.array(
        [
            [
                image[r * extent : (r + 1) * extent, c * extent : (c + 1) * extent].max()
                for c in range(columns)
            ]
            for r in range(rows)
        ]
    )


def by_goengine(image: NDArray, stride: int = 1, padding: int = 0, pooled: bool = False) -> NDArray:
    """Return the feature maps of an image [H, W] computed by goengine: [2, H2, W2].

    Raises:
        GoEngineError: If the filters do not fit the image exactly.
    """
    specs: list[Spec] = [Convolution(len(FILTERS), extent=3, stride=stride, padding=padding, bias=False)]
    if pooled:
        specs.append(MaxPooling(2))
    network = ConvolutionNetwork(specs, Shape(1, *image.shape))
    network.load_state_dict({"convolution1.weight": torch.from_numpy(FILTERS[:, None]).float()})
    with torch.inference_mode():
        return network(torch.from_numpy(image[None, None]).float())[0].numpy().astype(int)


def main() -> None:
    """Print and compare all feature maps."""
    print("The image:", as_text(IMAGE), sep="\n")
    for number, kernel in enumerate(FILTERS, start=1):
        print(f"\nFilter {number}:", as_text(kernel), sep="\n")
    show("Stride 1: (6 - 3)/1 + 1 = 4", [convolve(IMAGE, k) for k in FILTERS], by_goengine(IMAGE))

    print("\nStride 2 on 6x6: (6 - 3)/2 + 1 is not a whole number, so goengine refuses it:")
    try:
        by_goengine(IMAGE, stride=2)
    except GoEngineError as error:
        print(f"  {error}")
    part = IMAGE[:5, :5]  # all that a filter with stride 2 covers; other programs ignore the rest silently
    show(
        "Stride 2 on the first 5x5: (5 - 3)/2 + 1 = 2",
        [convolve(part, k, stride=2) for k in FILTERS],
        by_goengine(part, stride=2),
    )
    show(
        "Stride 1, zero padding 1: (6 - 3 + 2)/1 + 1 = 6, the image keeps its size",
        [convolve(IMAGE, k, padding=1) for k in FILTERS],
        by_goengine(IMAGE, padding=1),
    )
    show(
        "Stride 1, then 2x2 max pooling",
        [max_pool(convolve(IMAGE, k)) for k in FILTERS],
        by_goengine(IMAGE, pooled=True),
    )


def show(title: str, by_hand: list[NDArray], core: NDArray) -> None:
    """Print feature maps side by side.

    Raises:
        ValueError: If goengine computes others.
    """
    print(f"\n{title}")
    for lines in zip(*(as_text(feature_map).splitlines() for feature_map in by_hand), strict=True):
        print("    ".join(lines))
    if not np.array_equal(np.stack(by_hand), core):
        raise ValueError(f"goengine computes {core.tolist()}")
    print("  (goengine computes the same)")


def as_text(values: NDArray) -> str:
    """Return a matrix as aligned columns."""
    return "\n".join("  " + " ".join(f"{value:2}" for value in row) for row in values)


if __name__ == "__main__":
    main()

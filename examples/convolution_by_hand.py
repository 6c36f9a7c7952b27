"""Convolution by hand: a 6x6 image, two 3x3 filters, max pooling, and the same from goengine's core.

    python examples/convolution_by_hand.py

Every number of every feature map is computed here by a loop that anybody can follow with a pencil; then
`ConvolutionNetwork` computes it, and the two have to be equal.
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
        [[1, -1, -1], [-1, 1, -1], [-1, -1, 1]],  # a stroke from the upper left to the lower right
        [[-1, 1, -1], [-1, 1, -1], [-1, 1, -1]],  # an upright stroke
    ]
)


def convolve(image: NDArray, kernel: NDArray, stride: int = 1, padding: int = 0) -> NDArray:
    """Lay the filter on the image, multiply what lies on each other, add up, step on.

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
    """The largest number of each square of extent x extent; the squares lie side by side."""
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


def from_the_core(image: NDArray, stride: int = 1, padding: int = 0, pooled: bool = False) -> NDArray:
    """The feature maps of an image [H, W] by goengine's layers: [2, H2, W2].

    Raises GoEngineError if the filters do not fit the image exactly.
    """
    specs: list[Spec] = [Convolution(len(FILTERS), extent=3, stride=stride, padding=padding, bias=False)]
    if pooled:
        specs.append(MaxPooling(2))
    network = ConvolutionNetwork(specs, Shape(1, *image.shape))
    network.load_state_dict({"convolution1.weight": torch.from_numpy(FILTERS[:, None]).float()})
    with torch.inference_mode():
        return network(torch.from_numpy(image[None, None]).float())[0].numpy().astype(int)


def main() -> None:
    print("The image:", as_text(IMAGE), sep="\n")
    for number, kernel in enumerate(FILTERS, start=1):
        print(f"\nFilter {number}:", as_text(kernel), sep="\n")
    show("Stride 1: (6 - 3)/1 + 1 = 4", [convolve(IMAGE, k) for k in FILTERS], from_the_core(IMAGE))

    print("\nStride 2 on 6x6: (6 - 3)/2 + 1 is no whole number, so the core refuses it:")
    try:
        from_the_core(IMAGE, stride=2)
    except GoEngineError as error:
        print(f"  {error}")
    seen = IMAGE[
        :5, :5
    ]  # what a filter in steps of 2 gets to see; other programs leave the rest out silently
    show(
        "Stride 2 on the first 5x5: (5 - 3)/2 + 1 = 2",
        [convolve(seen, k, stride=2) for k in FILTERS],
        from_the_core(seen, stride=2),
    )
    show(
        "Stride 1, zero padding 1: (6 - 3 + 2)/1 + 1 = 6, the image keeps its size",
        [convolve(IMAGE, k, padding=1) for k in FILTERS],
        from_the_core(IMAGE, padding=1),
    )
    show(
        "Stride 1, then 2x2 max pooling",
        [max_pool(convolve(IMAGE, k)) for k in FILTERS],
        from_the_core(IMAGE, pooled=True),
    )


def show(title: str, by_hand: list[NDArray], core: NDArray) -> None:
    """Print feature maps side by side. Raises ValueError if the core has others."""
    print(f"\n{title}")
    for lines in zip(*(as_text(feature_map).splitlines() for feature_map in by_hand), strict=True):
        print("    ".join(lines))
    if not np.array_equal(np.stack(by_hand), core):
        raise ValueError(f"the core computes something else: {core.tolist()}")
    print("  (the core computes the same)")


def as_text(values: NDArray) -> str:
    return "\n".join("  " + " ".join(f"{value:2}" for value in row) for row in values)


if __name__ == "__main__":
    main()

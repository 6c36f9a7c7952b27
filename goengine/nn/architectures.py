"""Named network architectures, each a list of layer specs."""

from collections.abc import Callable
from dataclasses import dataclass

from goengine.errors import GoEngineError
from goengine.nn.layers import (
    AveragePooling,
    BatchNormalisation,
    Convolution,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalisation,
    MaxPooling,
    PositionBias,
    RadialBasis,
    ReLU,
    ScaledTanh,
    Shape,
    Softmax,
    Spec,
    Subsampling,
)


def policy_layers(filters: int = 192, layers: int = 13, normalised: bool = False) -> list[Spec]:
    """Return the policy network of Silver et al., Nature 529:484 (2016), Methods.

    Layer 1 is 5x5 on the planes, the layers from 2 are 3x3, the last is 1x1 with a bias for every point, then
    the softmax over the points. There is no pooling and no fully connected layer.

    Args:
        filters: The number of filters of each layer but the last.
        layers: The number of convolutions.
        normalised: Whether to put a batch normalisation before each ReLU, to train with. The paper's network
            has none; `goengine.nn.folding.fold` removes them.

    Raises:
        GoEngineError: If there are fewer than 2 layers, or no filters.
    """
    if layers < 2 or filters < 1:
        raise GoEngineError(
            f"a policy network has at least 2 layers and 1 filter, not {layers} and {filters}"
        )
    between: list[Spec] = [BatchNormalisation(), ReLU()] if normalised else [ReLU()]
    bias = not normalised  # a normalisation has its own
    specs: list[Spec] = [Convolution(filters, extent=5, padding=2, bias=bias), *between]
    for _ in range(layers - 2):
        specs += [Convolution(filters, extent=3, padding=1, bias=bias), *between]
    return [*specs, Convolution(1, extent=1, bias=False), PositionBias(), Flatten(), Softmax()]


def lenet5_layers() -> list[Spec]:
    """Return a modern LeNet-5.

    After LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998).
    It has the paper's layer sizes: C1, S2, C3, S4, C5, F6 and the ten outputs. Differences: ReLU instead of
    the scaled tanh; S2 and S4 are plain means, without a trainable coefficient and bias for each map; each
    map of C3 sees all six of S2, where the paper's table I leaves some out (2,416 parameters instead of
    1,516); a softmax replaces the distances to fixed code words (RBF). `lenet5_1998_layers` is the network as
    published.
    """
    return [
        *(Convolution(6, extent=5), ReLU(), AveragePooling(2, stride=2)),
        *(Convolution(16, extent=5), ReLU(), AveragePooling(2, stride=2)),
        *(Convolution(120, extent=5), ReLU(), Flatten()),
        *(FullyConnected(84), ReLU()),
        *(FullyConnected(10), Softmax()),
    ]


_C3_CONNECTIONS = (  # table I of the paper: the maps of S2 that each map of C3 sees
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)


def lenet5_1998_layers() -> list[Spec]:
    """Return LeNet-5 as LeCun et al. published it in 1998, with 60,000 trainable parameters.

    It has trainable subsampling, the scaled tanh, table I's connections of C3, and outputs that compare F6
    with pictures of the digits (`goengine.nn.layers.RadialBasis`).
    """
    return [
        *(Convolution(6, extent=5), ScaledTanh(), Subsampling(2, stride=2), ScaledTanh()),
        *(Convolution(16, extent=5, connections=_C3_CONNECTIONS), ScaledTanh()),
        *(Subsampling(2, stride=2), ScaledTanh()),
        *(Convolution(120, extent=5), ScaledTanh(), Flatten()),
        *(FullyConnected(84), ScaledTanh()),
        *(RadialBasis(10), Softmax()),
    ]


def keras_cnn_layers() -> list[Spec]:
    """Return the small digit classifier of Keras courses: 3x3 filters and 2x2 max pooling, twice; 100 units.

    The second pooling crops: 11 rows and columns give 5, and the last ones are ignored.
    """
    return [
        *(Convolution(25, extent=3), ReLU(), MaxPooling(2, stride=2)),
        *(Convolution(50, extent=3), ReLU(), MaxPooling(2, stride=2, crop=True)),
        *(Flatten(), FullyConnected(100), ReLU()),
        *(FullyConnected(10), Softmax()),
    ]


AlexNetGroups = tuple[int, int, int, int, int]
PUBLISHED: AlexNetGroups = (1, 2, 1, 2, 2)
UNGROUPED: AlexNetGroups = (1, 1, 1, 1, 1)
LECTURE: AlexNetGroups = (1, 2, 1, 1, 2)


def alexnet_layers(groups: AlexNetGroups = PUBLISHED) -> list[Spec]:
    """Return AlexNet.

    After Krizhevsky et al., "ImageNet Classification with Deep Convolutional Neural Networks" (2012).

    Inputs are 227x227, the size at which the paper's layers fit, not the 224x224 that it prints.

    Args:
        groups: The groups of the five convolutions. In PUBLISHED, the paper's, the second, fourth and fifth
            see only the channels on their own GPU. UNGROUPED has no groups. LECTURE leaves the fourth
            ungrouped, which gives the costs for each layer that lectures print.
    """
    pooling = MaxPooling(3, stride=2)
    normalisation = LocalResponseNormalisation(5, alpha=1e-4, beta=0.75, k=2)
    g1, g2, g3, g4, g5 = groups
    return [
        *(Convolution(96, extent=11, stride=4, groups=g1), ReLU(), normalisation, pooling),
        *(Convolution(256, extent=5, padding=2, groups=g2), ReLU(), normalisation, pooling),
        *(Convolution(384, extent=3, padding=1, groups=g3), ReLU()),
        *(Convolution(384, extent=3, padding=1, groups=g4), ReLU()),
        *(Convolution(256, extent=3, padding=1, groups=g5), ReLU(), pooling),
        *(Flatten(), FullyConnected(4096), ReLU(), Dropout(0.5)),
        *(FullyConnected(4096), ReLU(), Dropout(0.5)),
        *(FullyConnected(1000), Softmax()),
    ]


def alexnet_2014_layers() -> list[Spec]:
    """Return the AlexNet of torchvision, without groups (Krizhevsky, "One weird trick ...", 2014).

    It differs from `alexnet_layers` in the numbers of filters and the padding, and has no normalisation.
    Inputs are 227x227, on which the first layer fits; torchvision's 224x224 drop columns.
    """
    return [
        *(Convolution(64, extent=11, stride=4, padding=2), ReLU(), MaxPooling(3, stride=2, crop=True)),
        *(Convolution(192, extent=5, padding=2), ReLU(), MaxPooling(3, stride=2)),
        *(Convolution(384, extent=3, padding=1), ReLU()),
        *(Convolution(256, extent=3, padding=1), ReLU()),
        *(Convolution(256, extent=3, padding=1), ReLU(), MaxPooling(3, stride=2), Flatten()),
        *(Dropout(0.5), FullyConnected(4096), ReLU()),
        *(Dropout(0.5), FullyConnected(4096), ReLU()),
        *(FullyConnected(1000), Softmax()),
    ]


@dataclass(frozen=True)
class Architecture:
    """A named network.

    Attributes:
        title: A description in one line.
        input: The input that it was made for.
        build: Returns its layer specs.
    """

    title: str
    input: Shape
    build: Callable[[], list[Spec]]


ARCHITECTURES = {
    "policy": Architecture("AlphaGo's policy network, 192 filters (2016)", Shape(48, 19, 19), policy_layers),
    "lenet5": Architecture("LeNet-5 (1998), modern reading", Shape(1, 32, 32), lenet5_layers),
    "lenet5-1998": Architecture("LeNet-5 (1998), as published", Shape(1, 32, 32), lenet5_1998_layers),
    "alexnet": Architecture("AlexNet (2012), grouped as published", Shape(3, 227, 227), alexnet_layers),
    "alexnet-ungrouped": Architecture(
        "AlexNet without groups", Shape(3, 227, 227), lambda: alexnet_layers(UNGROUPED)
    ),
    "alexnet-lecture": Architecture(
        "AlexNet as lectures count it, the fourth convolution ungrouped",
        Shape(3, 227, 227),
        lambda: alexnet_layers(LECTURE),
    ),
    "alexnet-2014": Architecture(
        "AlexNet of 2014, as in torchvision, without groups", Shape(3, 227, 227), alexnet_2014_layers
    ),
    "keras-cnn": Architecture("Keras-style digit classifier", Shape(1, 28, 28), keras_cnn_layers),
}

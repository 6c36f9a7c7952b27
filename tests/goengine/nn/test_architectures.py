"""The named networks, compared with their papers' figures and with PyTorch's own layers."""

import numpy as np
import pytest
import torch
from torch import nn

from goengine.errors import GoEngineError
from goengine.nn.architectures import ARCHITECTURES, LECTURE, alexnet_layers, policy_layers
from goengine.nn.layers import Convolution, ReLU, Shape
from goengine.nn.modules import digit_code_words
from goengine.nn.network import ConvolutionNetwork
from goengine.nn.placement import place


def lenet5(side: int) -> nn.Sequential:
    assert side == 32
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Conv2d(16, 120, 5), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def keras_cnn(side: int) -> nn.Sequential:
    assert side == 28
    return nn.Sequential(
        *(nn.Conv2d(1, 25, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(25, 50, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(1250, 100), nn.ReLU(), nn.Linear(100, 10)),
    )


def alexnet(side: int, g2: int = 2, g4: int = 2, g5: int = 2) -> nn.Sequential:
    rows = {227: 6, 67: 1}[side]  # of the last pooling
    return nn.Sequential(
        *(nn.Conv2d(3, 96, 11, 4), nn.ReLU(), nn.LocalResponseNorm(5, 5e-4, 0.75, 2), nn.MaxPool2d(3, 2)),
        nn.Conv2d(96, 256, 5, padding=2, groups=g2),
        *(nn.ReLU(), nn.LocalResponseNorm(5, 5e-4, 0.75, 2), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 384, 3, padding=1, groups=g4), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1, groups=g5), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Flatten(), nn.Linear(256 * rows * rows, 4096), nn.ReLU(), nn.Dropout()),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 1000)),
    )


def alexnet_2014(side: int) -> nn.Sequential:
    rows = {227: 6, 67: 1}[side]  # of the last pooling
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten()),
        *(nn.Dropout(), nn.Linear(256 * rows * rows, 4096), nn.ReLU()),
        *(nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)),
    )


REFERENCES = {
    "lenet5": lenet5,
    "keras-cnn": keras_cnn,
    "alexnet": alexnet,
    "alexnet-ungrouped": lambda side: alexnet(side, 1, 1, 1),
    "alexnet-2014": alexnet_2014,
    "alexnet-lecture": lambda side: alexnet(side, 2, 1, 2),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_shapes_and_parameters_equal_pytorchs(name):
    architecture = ARCHITECTURES[name]
    layers = place(architecture.build(), architecture.input)[:-1]  # without the softmax
    with torch.device("meta"):  # shapes without the arithmetic
        reference = REFERENCES[name](architecture.input.width)
        x = torch.empty(1, *architecture.input)
        for layer, module in zip(layers, reference, strict=True):
            x = module(x)
            assert tuple(x.shape[1:]) == ((layer.output.values,) if layer.flat else layer.output), layer.name
            assert layer.parameters == sum(p.numel() for p in module.parameters()), layer.name


@pytest.mark.parametrize("name", REFERENCES)
def test_outputs_equal_pytorchs(name):
    """Return AlexNet for 67x67, where its last pooling gives one value: a tenth of the time."""
    architecture = ARCHITECTURES[name]
    side = 67 if name.startswith("alexnet") else architecture.input.width
    shape = Shape(architecture.input.channels, side, side)
    network = ConvolutionNetwork(architecture.build(), shape).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(-0.05, 0.08, generator=generator)
    with torch.device("meta"):
        reference = REFERENCES[name](side).eval()
    weights = zip(reference.state_dict(), network.state_dict().values(), strict=True)
    reference.load_state_dict(dict(weights), assign=True)
    x = torch.rand(1, *shape, generator=generator)
    with torch.inference_mode():
        expected = reference(x)
        assert expected.std() > 0
        torch.testing.assert_close(network(x), expected)
        infer = network.for_inference(torch.float32)
        torch.testing.assert_close(infer(x.contiguous(memory_format=torch.channels_last)), expected)


def test_dropout_acts_in_training_only():
    network = ConvolutionNetwork(alexnet_layers(), Shape(3, 67, 67))
    dropout = network.get_submodule("dropout1")
    assert isinstance(dropout, nn.Dropout)
    assert dropout.p == 0.5
    ones = torch.ones(1, 4096)
    assert set(dropout(ones).unique().tolist()) == {0.0, 2.0}
    assert torch.equal(dropout.eval()(ones), ones)


def shapes(name: str) -> list[str]:
    """Return the shapes of the input and of the layers that change the shape."""
    architecture = ARCHITECTURES[name]
    shapes = [str(architecture.input)]
    for layer in place(architecture.build(), architecture.input):
        text = str(layer.output.values) if layer.flat else str(layer.output)
        if text != shapes[-1]:
            shapes.append(text)
    return shapes


def test_lenet5_has_the_papers_shapes_and_parameters():
    assert shapes("lenet5") == [
        *("1x32x32", "6x28x28", "6x14x14", "16x10x10", "16x5x5", "120x1x1", "120", "84", "10"),
    ]
    layers = place(ARCHITECTURES["lenet5"].build(), ARCHITECTURES["lenet5"].input)
    # C1, C5 and F6 as printed; C3 in full, where the paper has 1,516.
    assert [layer.parameters for layer in layers if layer.parameters] == [156, 2_416, 48_120, 10_164, 850]


def test_published_lenet5_has_the_papers_parameters():
    layers = place(ARCHITECTURES["lenet5-1998"].build(), ARCHITECTURES["lenet5-1998"].input)
    # C1, S2, C3, S4, C5 and F6 as printed, 60,000 in all; the outputs' 840 are fixed.
    counts = [layer.parameters for layer in layers if layer.parameters]
    assert counts == [156, 12, 1_516, 32, 48_120, 10_164]
    assert sum(counts) == 60_000


def test_published_lenet5_computes_the_papers_formulas():
    network = ConvolutionNetwork(ARCHITECTURES["lenet5-1998"].build(), Shape(1, 32, 32)).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(-0.2, 0.3, generator=generator)
    w = network.state_dict()
    image = torch.rand(3, 1, 32, 32, generator=generator)

    def squash(x):
        return 1.7159 * torch.tanh(2 / 3 * x)

    def subsample(x, name):
        sums = 4 * torch.nn.functional.avg_pool2d(x, 2)
        return squash(sums * w[f"{name}.weight"].view(-1, 1, 1) + w[f"{name}.bias"].view(-1, 1, 1))

    s2 = subsample(
        squash(torch.conv2d(image, w["convolution1.weight"], w["convolution1.bias"])), "subsampling1"
    )
    # Table I of the paper, a row for each map of S2: an X where a map of C3 sees it.
    table = """
        X . . . X X X . . X X X X . X X
        X X . . . X X X . . X X X X . X
        X X X . . . X X X . . X . X X X
        . X X X . . X X X X . . X . X X
        . . X X X . . X X X X . X X . X
        . . . X X X . . X X X X . X X X
    """
    seen = torch.tensor([[sign == "X" for sign in row.split()] for row in table.strip().splitlines()]).T
    assert seen.sum() == 60
    maps = [torch.conv2d(s2[:, seen[k]], w["convolution2.weight"][k : k + 1][:, seen[k]]) for k in range(16)]
    c3 = squash(torch.cat(maps, dim=1) + w["convolution2.bias"].view(-1, 1, 1))
    s4 = subsample(c3, "subsampling2")
    c5 = squash(torch.conv2d(s4, w["convolution3.weight"], w["convolution3.bias"])).flatten(1)
    f6 = squash(c5 @ w["fully_connected1.weight"].T + w["fully_connected1.bias"])
    distances = torch.cdist(f6, torch.from_numpy(digit_code_words())) ** 2
    with torch.inference_mode():
        torch.testing.assert_close(network(image), -distances, rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(
            network.for_inference(torch.float32)(image), -distances, rtol=1e-4, atol=1e-3
        )


def test_code_words_are_ten_different_pictures():
    words = digit_code_words()
    assert words.shape == (10, 84)
    assert set(words.ravel()) == {-1.0, 1.0}
    differing = (words[:, None] != words).sum(axis=2) + 84 * np.eye(10, dtype=int)
    assert differing.min() >= 5


def test_keras_cnn_has_the_lectures_shapes_and_weights():
    assert shapes("keras-cnn") == [
        *("1x28x28", "25x26x26", "25x13x13", "50x11x11", "50x5x5", "1250", "100", "10"),
    ]
    layers = place(ARCHITECTURES["keras-cnn"].build(), ARCHITECTURES["keras-cnn"].input)
    convolutions = [layer for layer in layers if isinstance(layer.spec, Convolution)]
    assert [layer.weights // layer.output.channels for layer in convolutions] == [9, 225]


# Parameters and multiply-adds of the variants of AlexNet on 227x227x3.
ALEXNETS = [
    ("alexnet", 60_965_224, 724_406_816),
    ("alexnet-ungrouped", 62_378_344, 1_135_256_096),
    ("alexnet-lecture", 61_628_776, 836_547_104),
]


@pytest.mark.parametrize(("name", "parameters", "multiply_adds"), ALEXNETS)
def test_alexnets_costs(name, parameters, multiply_adds):
    layers = place(ARCHITECTURES[name].build(), Shape(3, 227, 227))
    assert sum(layer.parameters for layer in layers) == parameters
    assert sum(layer.multiply_adds for layer in layers) == multiply_adds


def test_the_lectures_832_million_are_rounded_down_by_layer():
    layers = place(alexnet_layers(LECTURE), Shape(3, 227, 227))
    millions = [layer.multiply_adds // 1_000_000 for layer in layers if layer.multiply_adds]
    assert millions == [105, 223, 149, 224, 74, 37, 16, 4]
    assert sum(millions) == 832


def test_alexnet_does_not_fit_the_printed_224x224():
    with pytest.raises(GoEngineError, match=r"layer convolution1: .*224 high.*no padding up to 10 would fit"):
        place(alexnet_layers(), Shape(3, 224, 224))


def test_the_policy_network_has_the_papers_layers():
    layers = place(policy_layers(), Shape(48, 19, 19))
    convolutions = [layer.spec for layer in layers if isinstance(layer.spec, Convolution)]
    assert [(c.filters, c.extent, c.stride, c.padding) for c in convolutions] == [
        (192, 5, 1, 2),
        *[(192, 3, 1, 1)] * 11,
        (1, 1, 1, 0),
    ]
    assert layers[-1].output == Shape(361, 1, 1)
    # 230,592 in the first, 11 x 331,968, 192 in the last, and a bias for each point.
    assert sum(layer.parameters for layer in layers) == 3_882_793
    # Every point of the board lies in the field of the middle: 5 + 11 x 2.
    assert layers[-2].receptive_field == 27
    assert all(layer.in_place for layer in layers if isinstance(layer.spec, ReLU))


@pytest.mark.parametrize(("filters", "layers"), [(0, 13), (64, 1)])
def test_a_policy_needs_filters_and_layers(filters, layers):
    with pytest.raises(GoEngineError, match="at least 2 layers and 1 filter"):
        policy_layers(filters, layers)


def test_alexnet_2014_equals_torchvisions():
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    reference = models.alexnet(weights=None).eval()
    network = ConvolutionNetwork(ARCHITECTURES["alexnet-2014"].build(), Shape(3, 227, 227)).eval()
    weights = zip(network.state_dict(), reference.state_dict().values(), strict=True)
    network.load_state_dict(dict(weights))
    x = torch.rand(2, 3, 227, 227)
    with torch.inference_mode():
        torch.testing.assert_close(network(x), reference(x))

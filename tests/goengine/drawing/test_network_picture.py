"""Networks as blocks: which layers have one, and the text above it."""

from goengine.drawing.network_picture import network_blocks
from goengine.nn.architectures import ARCHITECTURES
from goengine.nn.placement import place


def blocks(name):
    architecture = ARCHITECTURES[name]
    return network_blocks(architecture.input, place(architecture.build(), architecture.input))


def test_the_blocks_of_the_keras_style_network():
    result = blocks("keras-cnn")
    shapes = [f"{b.shape.values:,}" if b.flat else str(b.shape) for b in result]
    assert shapes == ["1x28x28", "25x26x26", "25x13x13", "50x11x11", "50x5x5", "1,250", "100", "10"]
    assert result[1].lines == ("convolution1", "25 filters of 3x3x1", "+ relu")
    assert result[4].lines == ("max_pooling2", "2x2", "stride 2", "cropped")
    assert result[-1].lines == ("fully_connected2", "10 units", "of 100 weights", "+ softmax")


def test_every_convolution_of_the_policy_has_a_block():
    names = [block.lines[0] for block in blocks("policy")]
    assert [name for name in names if name.startswith("convolution")] == [
        f"convolution{n}" for n in range(1, 14)
    ]

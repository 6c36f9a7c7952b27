"""Networks as blocks: which layers have one, and what stands above it."""

from goengine.drawing.network_picture import network_blocks
from goengine.nn.architectures import ARCHITECTURES
from goengine.nn.placement import place


def blocks(name):
    architecture = ARCHITECTURES[name]
    return network_blocks(architecture.input, place(architecture.build(), architecture.input))


def test_the_keras_style_network_is_drawn_as_the_lecture_writes_it():
    found = blocks("keras-cnn")
    shapes = [f"{b.shape.values:,}" if b.flat else str(b.shape) for b in found]
    assert shapes == ["1x28x28", "25x26x26", "25x13x13", "50x11x11", "50x5x5", "1,250", "100", "10"]
    assert found[1].lines == ("convolution1", "25 filters of 3x3x1", "+ relu")
    assert found[4].lines == ("max_pooling2", "2x2", "stride 2", "cropped")
    assert found[-1].lines == ("fully_connected2", "10 units", "of 100 weights", "+ softmax")


def test_every_convolution_of_the_policy_has_a_block():
    names = [block.lines[0] for block in blocks("policy")]
    assert [name for name in names if name.startswith("convolution")] == [
        f"convolution{n}" for n in range(1, 14)
    ]

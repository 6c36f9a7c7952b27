"""Patterns, compared with specs written by hand."""

import pytest

from goengine.errors import GoEngineError
from goengine.nn.layers import Convolution, Flatten, FullyConnected, MaxPooling, ReLU, Shape, Softmax
from goengine.nn.patterns import EXAMPLE, is_pattern, pattern_layers


def conv(filters: int, extent: int = 3) -> Convolution:
    return Convolution(filters, extent, padding=extent // 2)


WRITTEN_OUT = [
    ("CONV", (3, 9, 9), [conv(32)]),
    ("CONV10x5", (3, 32, 32), [conv(10, 5)]),
    ("CONVx7-RELU", (3, 9, 9), [conv(32, 7), ReLU()]),
    ("(CONV-RELU)*2", (3, 9, 9), [conv(32), ReLU(), conv(32), ReLU()]),
    (
        "[(CONV-RELU)*1-POOL]*2-(FC-RELU)*1,SOFTMAX",
        (3, 8, 8),
        [
            *(conv(32), ReLU(), MaxPooling(), conv(64), ReLU(), MaxPooling()),
            *(Flatten(), FullyConnected(128), ReLU(), FullyConnected(10), Softmax()),
        ],
    ),
    ("[CONV8-POOL?]*3", (1, 12, 12), [conv(8), MaxPooling(), conv(8), MaxPooling(), conv(8)]),
    ("CONV-POOL?-CONV", (1, 8, 9), [conv(32), conv(32)]),
    ("POOL-CONV-POOL-CONV", (1, 8, 8), [MaxPooling(), conv(64), MaxPooling(), conv(128)]),
    ("(FC-RELU)*0,SOFTMAX", (1, 4, 4), [Flatten(), FullyConnected(10), Softmax()]),
    ("FC20,SOFTMAX5", (1, 4, 4), [Flatten(), FullyConnected(20), FullyConnected(5), Softmax()]),
    ("CONV4-((RELU)*2-CONV4)*2", (1, 4, 4), [conv(4), *[ReLU(), ReLU(), conv(4)] * 2]),
    (" [ CONV4 - RELU ] * 2 ", (1, 4, 4), [conv(4), ReLU()] * 2),
]


@pytest.mark.parametrize(("pattern", "shape", "specs"), WRITTEN_OUT)
def test_patterns_expand_to_specs(pattern, shape, specs):
    assert is_pattern(pattern)
    assert pattern_layers(pattern, Shape(*shape)) == specs


def test_the_example_ends_in_ten_classes():
    specs = pattern_layers(EXAMPLE, Shape(3, 28, 28))
    assert specs[-2:] == [FullyConnected(10), Softmax()]
    assert sum(isinstance(spec, MaxPooling) for spec in specs) == 2  # 28, 14, 7


REFUSED = [
    ("[(CONV-RELU)*N-POOL?]*3", r"malformed at '\*N-POOL\?\]\*3'; expected .*\* and a number"),
    ("(CONV-RELU", "at its end; expected \\)"),
    ("(CONV-RELU]", "at '\\]'; expected - or , or \\)"),
    ("CONV-", "at its end; expected a layer"),
    ("-CONV", "expected a layer or an opening bracket"),
    ("CONV--RELU", "expected a layer or an opening bracket"),
    ("CONV*2", "at '\\*2'; expected \\* only after a bracket"),
    ("(CONV)*2*2", "expected \\* only after a bracket"),
    ("()*3", "expected a layer or an opening bracket"),
    ("CONV)", "expected - or ,"),
    ("CONVRELU", "malformed at 'CONVRELU'"),
    ("RELU64", "malformed at 'RELU64'"),
    ("CONV?", r"malformed at 'CONV\?'"),
    ("POOL3", "malformed at 'POOL3'"),
    ("CONV10x4", "CONV10x4 of the pattern: expected an odd extent"),
    ("CONV0", "a convolution layer's filters is at least 1, not 0"),
    ("(CONV)*1001", "more than 1,000 layers"),
    ("((CONV)*500)*500", "more than 1,000 layers"),
    ("(" * 11 + "CONV", "malformed at '\\(CONV'"),
    ("(CONV)*0", "has no layers"),
    ("(CONV-POOL)*3", "on 3x12x12: layer max_pooling3: .* does not fit an input 3 high"),
    ("FC-CONV", "layer convolution1: its input of 128 values is flattened"),
    ("FC-POOL?", "layer max_pooling1: its input of 128 values is flattened"),
    ("SOFTMAX-RELU", "layer relu1: it follows the softmax"),
]


@pytest.mark.parametrize(("pattern", "message"), REFUSED)
def test_malformed_patterns_are_refused(pattern, message):
    with pytest.raises(GoEngineError, match=message) as caught:
        pattern_layers(pattern, Shape(3, 12, 12))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["policy", "lenet5", "runs/mine/model", "", "conv"])
def test_names_and_folders_are_not_patterns(name):
    assert not is_pattern(name)

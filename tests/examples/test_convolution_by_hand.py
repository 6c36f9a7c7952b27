"""The lecture's 6x6 image and its feature maps, as printed on its slides."""

import importlib.util
from pathlib import Path

import pytest

from goengine.errors import GoEngineError

PATH = Path(__file__).parents[2] / "examples" / "convolution_by_hand.py"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("convolution_by_hand", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FIRST = [[3, -1, -3, -1], [-3, 1, 0, -3], [-3, -3, 0, 1], [3, -2, -2, -1]]
SECOND = [[-1, -1, -1, -1], [-1, -1, -2, 1], [-1, -1, -2, 1], [-1, 0, -4, 3]]


def test_the_feature_maps_are_the_lectures(example):
    assert [example.convolve(example.IMAGE, kernel).tolist() for kernel in example.FILTERS] == [FIRST, SECOND]
    assert example.from_the_core(example.IMAGE).tolist() == [FIRST, SECOND]


def test_stride_2_steps_over_every_other_place(example):
    seen = example.IMAGE[:5, :5]
    expected = [[row[::2] for row in feature_map[::2]] for feature_map in (FIRST, SECOND)]
    assert expected[0] == [[3, -3], [-3, 0]]
    assert example.from_the_core(seen, stride=2).tolist() == expected
    assert [example.convolve(seen, kernel, stride=2).tolist() for kernel in example.FILTERS] == expected
    with pytest.raises(GoEngineError, match="with stride 2 and padding 0 does not fit an input 6 high"):
        example.from_the_core(example.IMAGE, stride=2)


def test_padding_keeps_the_size_and_the_middle(example):
    padded = example.from_the_core(example.IMAGE, padding=1)
    assert padded.shape == (2, 6, 6)
    assert padded[:, 1:-1, 1:-1].tolist() == [FIRST, SECOND]
    assert padded[0, 0].tolist() == [2, -2, -1, 1, -2, 0]


def test_max_pooling_keeps_the_largest_of_four(example):
    pooled = [[[3, 0], [3, 1]], [[-1, 1], [0, 3]]]
    assert example.from_the_core(example.IMAGE, pooled=True).tolist() == pooled
    assert [
        example.max_pool(example.convolve(example.IMAGE, kernel)).tolist() for kernel in example.FILTERS
    ] == pooled


def test_the_example_runs(example, capsys):
    example.main()
    out = capsys.readouterr().out
    assert out.count("(the core computes the same)") == 4
    assert "  3 -1 -3 -1      -1 -1 -1 -1" in out

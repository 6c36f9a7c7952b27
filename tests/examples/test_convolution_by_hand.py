"""The feature maps of a 6x6 image, compared with a lecture's slides."""

import pytest
from support.example_scripts import load_example

from goengine.errors import GoEngineError


@pytest.fixture(scope="module")
def example():
    return load_example("convolution_by_hand")


FIRST = [[3, -1, -3, -1], [-3, 1, 0, -3], [-3, -3, 0, 1], [3, -2, -2, -1]]
SECOND = [[-1, -1, -1, -1], [-1, -1, -2, 1], [-1, -1, -2, 1], [-1, 0, -4, 3]]


def test_the_feature_maps_equal_the_slides(example):
    assert [example.convolve(example.IMAGE, kernel).tolist() for kernel in example.FILTERS] == [FIRST, SECOND]
    assert example.by_goengine(example.IMAGE).tolist() == [FIRST, SECOND]


def test_stride_2_computes_every_other_value(example):
    part = example.IMAGE[:5, :5]
    expected = [[row[::2] for row in feature_map[::2]] for feature_map in (FIRST, SECOND)]
    assert expected[0] == [[3, -3], [-3, 0]]
    assert example.by_goengine(part, stride=2).tolist() == expected
    assert [example.convolve(part, kernel, stride=2).tolist() for kernel in example.FILTERS] == expected
    with pytest.raises(GoEngineError, match="with stride 2 and padding 0 does not fit an input 6 high"):
        example.by_goengine(example.IMAGE, stride=2)


def test_padding_keeps_the_size_and_the_inner_values(example):
    padded = example.by_goengine(example.IMAGE, padding=1)
    assert padded.shape == (2, 6, 6)
    assert padded[:, 1:-1, 1:-1].tolist() == [FIRST, SECOND]
    assert padded[0, 0].tolist() == [2, -2, -1, 1, -2, 0]


def test_max_pooling_keeps_the_largest_of_four(example):
    pooled = [[[3, 0], [3, 1]], [[-1, 1], [0, 3]]]
    assert example.by_goengine(example.IMAGE, pooled=True).tolist() == pooled
    assert [
        example.max_pool(example.convolve(example.IMAGE, kernel)).tolist() for kernel in example.FILTERS
    ] == pooled


def test_the_example_runs(example, capsys):
    example.main()
    out = capsys.readouterr().out
    assert out.count("(goengine computes the same)") == 4
    assert "  3 -1 -3 -1      -1 -1 -1 -1" in out

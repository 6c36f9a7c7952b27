"""The settings of classifiers, and the bundled configs."""

from pathlib import Path
from typing import get_args

import pytest

import goengine.training.classify
from goengine.errors import GoEngineError
from goengine.nn.classifier import classifier_layers
from goengine.nn.images import FITS
from goengine.nn.layers import Shape
from goengine.training.classify.config import ClassifierConfig
from goengine.training.config import read_config

CONFIGS = sorted((Path(goengine.training.classify.__file__).parent / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=[path.name for path in CONFIGS])
def test_bundled_configs_are_valid(path):
    config = read_config(path, ClassifierConfig)
    shape = Shape(3, 227, 227) if config.network == "alexnet" else Shape(1, 8, 8)
    assert classifier_layers(config.network, shape, 10)


def test_the_bundled_configs_are_these():
    assert [path.name for path in CONFIGS] == ["pattern.toml", "photographs.toml"]


BAD = [
    ({"crop": 0}, "crop is 0; expected a number from 0.01 to 1"),
    ({"fit": "stretch"}, "fit is 'stretch'; expected one of scale, pad"),
    ({"filters": 3}, "unknown training setting 'filters'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_bad_settings_are_refused(changes, message):
    with pytest.raises(GoEngineError, match=message):
        ClassifierConfig().replace(**changes)


def test_every_way_of_fitting_images_is_a_choice():
    assert get_args(ClassifierConfig.model_fields["fit"].annotation) == FITS

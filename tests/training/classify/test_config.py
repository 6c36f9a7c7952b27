"""The configs that come with the classifiers."""

from pathlib import Path

import pytest

import goengine.training.classify
from goengine.errors import GoEngineError
from goengine.nn.classifier import classifier_layers
from goengine.nn.layers import Shape
from goengine.training.classify.config import ClassifierConfig
from goengine.training.config import read_config

CONFIGS = sorted((Path(goengine.training.classify.__file__).parent / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=[path.name for path in CONFIGS])
def test_they_are_sound(path):
    config = read_config(path, ClassifierConfig)
    shape = Shape(3, 227, 227) if config.network == "alexnet" else Shape(1, 8, 8)
    assert classifier_layers(config.network, shape, 10)


def test_there_are_some():
    assert [path.name for path in CONFIGS] == ["pattern.toml", "photographs.toml"]


BAD = [
    ({"crop": 0}, "crop is 0.0; it has to be from 0.01 to 1"),
    ({"fit": "stretch"}, "fit is 'stretch'; it has to be one of scale, pad"),
    ({"filters": 3}, "no training setting 'filters'"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_settings_that_cannot_be_are_refused(changes, message):
    with pytest.raises(GoEngineError, match=message):
        ClassifierConfig().replace(**changes)

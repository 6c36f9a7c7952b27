"""Classifiers: built from names and patterns, saved, loaded, and refused if damaged."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from goengine.errors import GoEngineError
from goengine.nn.classifier import ImageClassifier, classifier_layers
from goengine.nn.layers import FullyConnected, Shape


def make(network="CONV4-RELU-POOL-(FC16-RELU)*1,SOFTMAX"):
    classifier = ImageClassifier(network, [3, 8, 8], ["cat", "dog", "owl"], [0.5, 0.4, 0.3], [0.2, 0.2, 0.1])
    torch.manual_seed(0)
    for parameter in classifier.parameters():
        nn.init.normal_(parameter, std=0.3)
    return classifier.eval()


PIXELS = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), np.uint8)


def test_the_last_layer_has_one_output_per_class():
    for network, shape in (("lenet5", (1, 32, 32)), ("alexnet", (3, 227, 227)), ("FC8-SOFTMAX", (1, 4, 4))):
        layers = classifier_layers(network, Shape(*shape), 7)
        assert layers[-2] == FullyConnected(7)
    assert len(classifier_layers("lenet5-1998", Shape(1, 32, 32), 10)) == 15


def test_published_lenet5_has_ten_classes_only():
    with pytest.raises(GoEngineError, match="the network lenet5-1998 has 10 classes, not 3"):
        classifier_layers("lenet5-1998", Shape(1, 32, 32), 3)


def test_probabilities_are_the_softmax_of_standardised_images():
    classifier = make()
    x = torch.from_numpy(PIXELS / np.float32(255))
    x = (x - torch.tensor([0.5, 0.4, 0.3]).view(3, 1, 1)) / torch.tensor([0.2, 0.2, 0.1]).view(3, 1, 1)
    with torch.inference_mode():
        expected = torch.softmax(classifier(x), dim=1)
    np.testing.assert_allclose(classifier.probabilities(PIXELS), expected, atol=1e-6)
    assert classifier.probabilities(PIXELS[:0]).shape == (0, 3)


def test_a_saved_classifier_loads_unchanged(tmp_path):
    classifier = make()
    classifier.save_pretrained(tmp_path)
    loaded = ImageClassifier.from_pretrained(tmp_path)
    assert (loaded.classes, loaded.input, loaded.fit) == (("cat", "dog", "owl"), (3, 8, 8), "scale")
    assert (loaded.probabilities(PIXELS) == classifier.probabilities(PIXELS)).all()
    assert not loaded.training


CONFIGS = [
    ({"classes": None}, "is not the config of an image classifier"),
    ({"filters": 3}, "is not the config of an image classifier"),
    ({"network": 3}, "sets network to 3; it should be a valid string"),
    ({"network": "resnet"}, "unknown network .resnet.; expected one of policy, lenet5"),
    ({"classes": [1, 2]}, "sets classes"),
    ({"classes": []}, "sets classes"),
    ({"input_shape": [3, 8]}, r"sets input_shape\.2 to .*Field required"),
    ({"input_shape": [3, 0, 8]}, r"sets input_shape\.1 to 0; it should be greater than 0"),
    ({"mean": [0.5]}, "mean should have a number for each of the 3 channels"),
    ({"deviation": [0.1, 0.0, 0.1]}, r"sets deviation\.1 to 0.0; it should be greater than 0"),
    ({"deviation": ["a", "b", "c"]}, r"sets deviation\.0 to a; it should be a valid number"),
    ({"fit": "stretch"}, "sets fit to stretch; it should be .scale. or .pad."),
    ({"classes": ["cat", "dog"]}, r"fully_connected2\.weight of shape"),
]


@pytest.mark.parametrize(("changes", "message"), CONFIGS)
def test_damaged_folders_are_refused(tmp_path, changes, message):
    make().save_pretrained(tmp_path)
    path = tmp_path / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}))
    with pytest.raises(GoEngineError, match=message):
        ImageClassifier.from_pretrained(tmp_path)


def test_saved_lenet5_1998_loads_unchanged(tmp_path):
    classifier = ImageClassifier("lenet5-1998", [1, 32, 32], list("0123456789"), [0.1], [0.3], "pad").eval()
    classifier.save_pretrained(tmp_path)
    pixels = np.random.default_rng(1).integers(0, 256, (2, 1, 32, 32), np.uint8)
    loaded = ImageClassifier.from_pretrained(tmp_path)
    assert (loaded.probabilities(pixels) == classifier.probabilities(pixels)).all()


def test_missing_files_are_reported(tmp_path):
    with pytest.raises(GoEngineError, match="is not a model folder"):
        ImageClassifier.from_pretrained(tmp_path)
    make().save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(GoEngineError, match="is not a model folder"):
        ImageClassifier.from_pretrained(tmp_path)

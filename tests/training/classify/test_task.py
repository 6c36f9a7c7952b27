"""Classifiers: batches, resuming, releases, refusals, and the accuracy they reach."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from support import shared_dir

import goengine.training.run as run_module
from goengine.errors import GoEngineError
from goengine.nn.classifier import ImageClassifier
from goengine.nn.layers import Shape
from goengine.training.checkpoint import load_checkpoint
from goengine.training.classify.config import ClassifierConfig
from goengine.training.classify.image_set import ArrayPictures, FittedImages, ImageSet, load_images
from goengine.training.classify.release import release_classifier
from goengine.training.classify.task import ClassifierTask, train_classifier
from goengine.training.loop import TrainingInterrupted
from goengine.training.run import Run

SMALL = "CONV4-RELU-POOL-(FC16-RELU)*1,SOFTMAX"


def quiet():
    return Console(file=Path(os.devnull).open("w"), force_terminal=False)


@pytest.fixture
def config(tmp_path):
    return ClassifierConfig(
        data="digits[:320]",
        validation="digits[320:400]",
        network=SMALL,
        out=str(tmp_path / "run"),
        epochs=2,
        batch_size=32,
        warmup_steps=4,
        threads=1,
        crop=0.8,
        flip=True,
        colour=0.2,
        precision="float32",
    )


def test_a_batch_depends_on_seed_and_step_alone(config):
    task = ClassifierTask.open(config)
    whole = task.batch(3, 32)
    again = ClassifierTask.open(config).batch(3, 32)
    assert torch.equal(whole.images, again.images)
    halves = [task.batch(3, 32, rank, 2) for rank in range(2)]
    assert torch.equal(torch.cat([half.images for half in halves]), whole.images)
    assert (np.concatenate([half.target for half in halves]) == whole.target).all()
    assert not torch.equal(whole.images, task.batch(4, 32).images)


@pytest.mark.long
def test_an_epoch_shows_every_image_once(config):
    plain = config.replace(crop=1.0, flip=False, colour=0.0)
    task = ClassifierTask.open(plain)
    images = torch.cat([task.batch(step, 32).images for step in range(10)])
    expected = torch.from_numpy(np.stack([np.asarray(load_images("digits").image(n)) for n in range(320)]))
    ours, theirs = (x.reshape(320, -1).mul(s).round().int() for x, s in ((images, 255), (expected, 1)))
    assert sorted(map(tuple, ours.tolist())) == sorted(map(tuple, theirs.tolist()))


def test_inputs_are_standardised(config):
    task = ClassifierTask.open(config.replace(crop=1.0, flip=False, colour=0.0))
    x = task.inputs(task.batch(0, 320), torch.device("cpu"), torch.float32)
    assert abs(float(x.mean())) < 1e-3
    assert float(x.std()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("network", [SMALL, pytest.param("alexnet", marks=pytest.mark.slow)])
def test_a_resumed_run_equals_an_uninterrupted_one(config, tmp_path, monkeypatch, network):
    """With the same dropout in AlexNet."""
    if network == "alexnet":
        config = config.replace(network=network, input="3x67x67", epochs=1, data="digits[:32]", batch_size=8)
    config = config.replace(checkpoint_minutes=60)
    whole = train_classifier(config.replace(out=str(tmp_path / "whole")), console=quiet())
    step = run_module.Run.train_step

    def stop_at_third(run, batch):
        if run.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return step(run, batch)

    with monkeypatch.context() as patch:
        patch.setattr(run_module.Run, "train_step", stop_at_third)
        with pytest.raises(TrainingInterrupted, match=r"images and saved .*goengine classify train --resume"):
            train_classifier(config, console=quiet())
    checkpoint = Path(config.out) / "checkpoint.pt"
    rest = train_classifier(load_checkpoint(checkpoint, ClassifierConfig).config, checkpoint, quiet())
    assert rest.validation == whole.validation
    weights = load_checkpoint(whole.checkpoint, ClassifierConfig).network
    for name, tensor in load_checkpoint(checkpoint, ClassifierConfig).network.items():
        assert torch.equal(tensor, weights[name]), name


def test_a_released_classifier_has_the_validated_accuracy(config, tmp_path):
    result = train_classifier(config, console=quiet())
    release_classifier(result.checkpoint, tmp_path / "model")
    network = ImageClassifier.from_pretrained(tmp_path / "model")
    assert network.classes == tuple("0123456789")
    images = load_images("digits[320:400]")
    pixels = np.stack([np.asarray(images.image(row))[None] for row in range(len(images))])
    probabilities = network.probabilities(pixels)
    assert (probabilities.argmax(1) == images.labels).mean() == pytest.approx(result.validation.top1)
    card = (tmp_path / "model" / "README.md").read_text()
    assert f"Top-1 {result.validation.top1:.2%}" in card
    assert "random crops of at least 80% of the area; mirror images; colours changed by up to 20%" in card


def one_class():
    return ImageSet("ones", ("1",), np.zeros(4, np.int64), ArrayPictures(np.zeros((4, 8, 8), np.uint8)),
                    np.arange(4))  # fmt: skip


BAD = [
    ({"network": "resnet"}, "unknown network .resnet."),
    ({"network": "policy", "input": "1x9x9"}, "is not a classifier"),
    (
        {"network": "CONV-RELU"},
        "it does not end in a fully connected layer and a softmax",
    ),
    ({"network": "policy"}, "an image has 1 or 3 channels, the network takes 48"),
    ({"input": "1x8"}, "channels x height x width"),
    ({"fit": "pad", "input": "1x7x7"}, "image 0: an image of 8x8 cannot be padded to 7x7"),
    ({"data": ""}, "training needs images"),
    ({"epochs": 0}, "training needs a limit: a number of images or of minutes"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_bad_runs_are_refused(config, changes, message):
    with pytest.raises(GoEngineError, match=message):
        train_classifier(config.replace(**changes), console=quiet())


def test_validation_images_of_other_classes_are_refused(config, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        Image.new("L", (8, 8)).save(tmp_path / "pets" / name / "1.png")
    with pytest.raises(GoEngineError, match=r"unknown classes cat, dog; expected .*, 0, 1, 2, 3, \.\.\."):
        train_classifier(config.replace(validation=str(tmp_path / "pets")), console=quiet())


def test_images_of_one_class_are_refused(config):
    with pytest.raises(GoEngineError, match="ones: all images are of one class"):
        ClassifierTask(config, one_class())


def test_resuming_with_other_images_is_refused(config):
    result = train_classifier(config, console=quiet())
    other = config.replace(data="digits[:5]", validation="", epochs=900)
    with pytest.raises(GoEngineError, match=r"digits\[:5\] are not those that the run began with"):
        train_classifier(other, result.checkpoint, quiet())


# What is expected of the networks


@pytest.mark.slow
def test_alexnet_trains_a_step_at_its_own_size():
    config = ClassifierConfig(data="digits[:8]", network="alexnet", batch_size=2, precision="float32")
    run = Run(config, ClassifierTask.open(config))
    assert run.task.batch(0, 2).images.shape == (2, 3, 227, 227)
    before = run.network.convolution1.weight.clone()
    for step in range(2):  # the last layer begins at zero, so that the first step moves it alone
        loss = run.train_step(run.task.batch(step, 2)).main
        assert torch.isfinite(loss)
    assert not torch.equal(run.network.convolution1.weight, before)


@pytest.mark.slow
def test_alexnet_overfits_64_images():
    """At its own input size, in colour, with dropout."""
    config = ClassifierConfig(
        data="digits[:64]", network="alexnet", batch_size=32, epochs=20, adam_lr=3e-4, warmup_steps=4
    )
    task = ClassifierTask.open(config)
    run = Run(config, task)
    while run.progress < 1:
        run.train_step(task.batch(run.step, 32))
    pixels = FittedImages(load_images("digits[:64]"), run.network.input, "scale").read(np.arange(64))
    said = run.network.probabilities(pixels).argmax(1)
    assert (said == load_images("digits[:64]").labels).mean() == 1


@pytest.mark.slow
@pytest.mark.parametrize("network", ["keras-cnn", "lenet5"])
def test_mnist_is_learnt_in_minutes(tmp_path, network):
    images = shared_dir() / "images" / "mnist-t10k-images-idx3-ubyte.gz"
    config = ClassifierConfig(
        data=f"{images}[:8000]", validation=f"{images}[8000:]", network=network, out=str(tmp_path)
    )
    result = train_classifier(config, console=quiet())
    assert result.validation.samples == 2000
    assert result.validation.top1 >= 0.98


@pytest.mark.slow
def test_the_digits_are_learnt_in_a_minute(tmp_path):
    config = ClassifierConfig(data="digits[train]", validation="digits[test]", out=str(tmp_path))
    assert train_classifier(config, console=quiet()).validation.top1 >= 0.97


def test_the_input_is_the_networks_own_or_the_datas(config):
    def shape(**changes):
        task = ClassifierTask.open(config.replace(**changes))
        return Shape(*task.facts["input_shape"])

    assert shape() == (1, 8, 8)
    assert shape(network="lenet5") == (1, 32, 32)
    assert shape(input="3x12x10") == (3, 12, 10)

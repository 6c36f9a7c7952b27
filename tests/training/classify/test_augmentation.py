"""Crops, mirror images and colours of images with known results."""

import numpy as np
import torch

from goengine.training.classify.augmentation import DRAWS, Augmentation

RAMP = np.broadcast_to(np.arange(0, 240, 10, dtype=np.uint8), (1, 3, 24, 24))  # rises from left to right


def draws(count, **fixed):
    u = np.random.default_rng(0).random((count, DRAWS))
    for place, value in fixed.items():
        u[:, int(place[1:])] = value
    return u


def test_images_are_unchanged_by_default():
    out = Augmentation().apply(RAMP.copy(), draws(1))
    assert torch.equal(out, torch.from_numpy(RAMP / np.float32(255)))


def test_half_of_the_images_are_mirrored_exactly():
    images = np.repeat(RAMP, 400, axis=0)
    out = Augmentation(flip=True).apply(images, draws(400))
    kept = torch.from_numpy(RAMP[0] / np.float32(255))
    mirrored = [torch.allclose(x, kept.flip(2), atol=1e-5) for x in out]
    assert all(m or torch.allclose(x, kept, atol=1e-5) for m, x in zip(mirrored, out, strict=True))
    assert 160 < sum(mirrored) < 240


def test_a_crop_is_a_part_resized_to_the_whole():
    images = np.repeat(RAMP, 500, axis=0)
    out = Augmentation(crop=0.25).apply(images, draws(500))[:, 0, 12] * 255
    assert (out[:, 1:] >= out[:, :-1] - 1e-3).all()  # still rising
    spans = (out[:, -1] - out[:, 0]) / 230  # the share of the width that is left
    assert 0.4 < spans.min() < 0.5
    assert 0.95 < spans.max() <= 1.0
    assert out.min() >= 0
    assert out[:, 0].max() > 100  # crops from the right, too
    assert out[:, -1].min() < 130


def test_colours_change_by_their_factors():
    grey = np.full((1, 3, 4, 4), 100, np.uint8)
    brighter = Augmentation(colour=0.5).apply(grey, draws(1, u5=1.0, u6=0.5, u7=0.5))
    torch.testing.assert_close(brighter, torch.full((1, 3, 4, 4), 1.5 * 100 / 255))
    red = np.zeros((1, 3, 4, 4), np.uint8)
    red[:, 0] = 200
    paler = Augmentation(colour=1.0).apply(red, draws(1, u5=0.5, u6=0.5, u7=0.0))  # no saturation left
    torch.testing.assert_close(paler, torch.full((1, 3, 4, 4), 0.299 * 200 / 255))
    flat = Augmentation(colour=1.0).apply(RAMP.copy(), draws(1, u5=0.5, u6=0.0, u7=0.5))  # no contrast left
    assert flat.std() < 1e-6

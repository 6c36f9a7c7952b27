"""Image sets: digits, IDX files, folders, and parts of them."""

import numpy as np
import pytest
from PIL import Image

from goengine.errors import GoEngineError
from goengine.nn.layers import Shape
from goengine.training.classify.image_set import FittedImages, load_images


def test_the_digits_need_no_file():
    digits = load_images("digits")
    assert len(digits) == 1797
    assert digits.classes == tuple("0123456789")
    assert np.asarray(digits.image(0)).max() == 239  # 15 of 16
    assert digits.describe(3) == "image 3"


def test_parts_are_slices_or_a_disjoint_split():
    whole = load_images("digits")
    first, rest = load_images("digits[:1000]"), load_images("digits[1000:]")
    assert (len(first), len(rest)) == (1000, 797)
    assert (rest.labels == whole.labels[1000:]).all()
    train, test = load_images("digits[train]"), load_images("digits[test]")
    assert (len(train), len(test)) == (1438, 359)
    assert sorted([*train.numbers, *test.numbers]) == list(range(1797))
    assert (load_images("digits[test]").numbers == test.numbers).all()


@pytest.fixture
def photos(tmp_path):
    """A folder with three red and two blue images of different sizes, and other files."""
    for name, colour, count in (("red", (250, 10, 10), 3), ("blue", (10, 10, 250), 2)):
        folder = tmp_path / "photos" / name
        folder.mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (20 + 3 * number, 30), colour).save(folder / f"{number}.png")
    (tmp_path / "photos" / "red" / "notes.txt").write_text("no image")
    (tmp_path / "photos" / "empty").mkdir()
    return tmp_path / "photos"


def test_each_folder_of_a_folder_is_a_class(photos):
    images = load_images(str(photos))
    assert images.classes == ("blue", "red")
    assert images.labels.tolist() == [0, 0, 1, 1, 1]
    assert images.describe(0) == str(photos / "blue" / "0.png")
    pixels = FittedImages(images, Shape(3, 8, 8), "scale").read(np.array([4, 0]))
    assert pixels.shape == (2, 3, 8, 8)
    assert pixels[0, :, 4, 4].tolist() == [250, 10, 10]
    assert pixels[1, :, 4, 4].tolist() == [10, 10, 250]


def test_a_file_that_is_not_an_image_is_named(photos):
    (photos / "red" / "9.png").write_bytes(b"junk")
    images = load_images(str(photos))
    with pytest.raises(GoEngineError, match=r"9\.png: not an image"):
        FittedImages(images, Shape(3, 8, 8), "scale").read(np.arange(len(images)))


BAD = [
    ("nowhere", "nowhere: no such images; expected digits, an IDX file, or a folder"),
    ("digits[half]", r"unknown part \[half\] of the images"),
    ("digits[5:5]", "there is no image"),
    (".", "expected a folder of images for each of at least two classes, found 0"),
]


@pytest.mark.parametrize(("name", "message"), BAD)
def test_bad_image_sets_are_refused(tmp_path, monkeypatch, name, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GoEngineError, match=message):
        load_images(name)


def test_a_folder_of_several_idx_files_is_refused(tmp_path):
    for name in ("train", "t10k"):
        (tmp_path / f"{name}-images-idx3-ubyte").touch()
    with pytest.raises(GoEngineError, match=r"several IDX files of images \(t10k-images-idx3-ubyte, train-"):
        load_images(str(tmp_path))

"""Images fitted to a network's size."""

import numpy as np
import pytest
from PIL import Image

from goengine.errors import GoEngineError
from goengine.nn.images import fit_image, pixels_image, read_image
from goengine.nn.layers import Shape


def picture(width, height, mode="RGB"):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels).convert(mode)


def test_an_image_of_the_right_size_is_unchanged():
    image = picture(9, 7)
    pixels = fit_image(image, Shape(3, 7, 9))
    assert (pixels.transpose(1, 2, 0) == np.asarray(image)).all()
    assert pixels_image(pixels).tobytes() == image.tobytes()


def test_scaling_covers_the_size_and_crops_to_the_centre():
    stripes = np.repeat(np.array([10, 90, 170, 250], np.uint8), 20)[None, :, None].repeat(40, 0).repeat(3, 2)
    pixels = fit_image(Image.fromarray(stripes), Shape(3, 20, 20))  # 80x40: the middle 40x40, halved
    assert pixels[0, 10, 3] == 90
    assert pixels[0, 10, 16] == 170


def test_padding_centres_the_image_on_black():
    pixels = fit_image(picture(28, 28, "L"), Shape(1, 32, 32), "pad")
    assert (pixels[0, 2:30, 2:30] == np.asarray(picture(28, 28, "L"))).all()
    assert pixels[0, :2].max() == pixels[0, :, 30:].max() == 0
    with pytest.raises(GoEngineError, match="of 28x28 cannot be padded to 20x20"):
        fit_image(picture(28, 28), Shape(1, 20, 20), "pad")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_every_pixel_mode_is_converted(mode):
    image = Image.new("I;16", (5, 5), 300) if mode == "I;16" else picture(5, 5, mode)
    assert fit_image(image, Shape(3, 4, 4)).shape == (3, 4, 4)
    assert fit_image(image, Shape(1, 4, 4)).shape == (1, 4, 4)


def test_images_are_rotated_as_their_metadata_says(tmp_path):
    image = Image.new("RGB", (6, 4))
    exif = image.getexif()
    exif[0x0112] = 6  # turned by 90 degrees
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").size == (4, 6)


BAD = [
    (None, "cannot be read"),
    (b"", "not an image"),
    (b"junk", "not an image"),
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "not an image|cannot be read"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_files_that_are_not_images_are_refused_by_name(tmp_path, content, message):
    if content is not None:
        (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(GoEngineError, match=message) as caught:
        read_image(tmp_path / "x.png")
    assert "x.png" in str(caught.value)


def test_a_truncated_image_is_refused(tmp_path):
    picture(90, 90).save(tmp_path / "x.png")
    (tmp_path / "x.png").write_bytes((tmp_path / "x.png").read_bytes()[:5000])
    with pytest.raises(GoEngineError, match=r"x\.png: the image cannot be read"):
        read_image(tmp_path / "x.png")


def test_networks_with_48_channels_take_no_images():
    with pytest.raises(GoEngineError, match="1 or 3 channels, the network takes 48"):
        fit_image(picture(5, 5), Shape(48, 19, 19))

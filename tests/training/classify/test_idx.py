"""Reading IDX files: those of MNIST, small ones, and damaged ones."""

import gzip
import struct

import numpy as np
import pytest
from support import shared_dir

from goengine.errors import GoEngineError
from goengine.training.classify.idx import find_labels, read_idx


def idx(values: np.ndarray) -> bytes:
    header = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape)
    return header + values.astype(np.uint8).tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_an_array_is_read_back(tmp_path, pack):
    pixels = np.arange(24).reshape(2, 3, 4)
    (tmp_path / "x-images-idx3-ubyte").write_bytes(pack(idx(pixels)))
    assert (read_idx(tmp_path / "x-images-idx3-ubyte", 3) == pixels).all()


def test_a_file_of_mnist_is_read():
    path = shared_dir() / "images" / "mnist-t10k-images-idx3-ubyte.gz"
    pixels = read_idx(path, 3)
    labels = read_idx(find_labels(path), 1)
    assert pixels.shape == (10_000, 28, 28)
    assert labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]  # as everybody knows them
    assert np.bincount(labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


WHOLE = idx(np.zeros((2, 3, 4)))
BAD = [
    (b"", "not an IDX file"),
    (b"P5 28 28 255", "not an IDX file of unsigned bytes"),
    (b"\0\0\x0d\x03" + WHOLE[4:], "not an IDX file of unsigned bytes"),
    (WHOLE[:10], "the header of the IDX file is incomplete"),
    (WHOLE[:-1], "has 23 values; expected 24"),
    (WHOLE + b"\0", "has 25 values"),
    (idx(np.zeros(4)), "with 1 axes; expected 3"),
    (gzip.compress(WHOLE)[:-12], "cannot be read"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_damaged_and_other_files_are_refused(tmp_path, content, message):
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(GoEngineError, match=message) as caught:
        read_idx(tmp_path / "bad", 3)
    assert "bad" in str(caught.value)


def test_labels_are_in_the_folder_of_the_images(tmp_path):
    images = tmp_path / "train-images-idx3-ubyte.gz"
    with pytest.raises(GoEngineError, match="the file of labels train-labels-idx1-ubyte or "):
        find_labels(images)
    (tmp_path / "train-labels-idx1-ubyte").touch()
    assert find_labels(images).name == "train-labels-idx1-ubyte"

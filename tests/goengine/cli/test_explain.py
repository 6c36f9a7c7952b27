"""`goengine explain`: pictures of a classifier and of a policy, errors."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from support.commands import run_command
from support.example_records import example_records

from goengine.data.table.writer import write_table
from goengine.nn.classifier import ImageClassifier
from goengine.nn.network import PolicyNetwork
from goengine.training.classify.image_set import load_images


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models `images`, `colours` and `go`, an image, a game and a table."""
    folder = tmp_path_factory.mktemp("explain")
    torch.manual_seed(0)
    pattern = "CONV6-RELU-POOL-CONV4-RELU-(FC8-RELU)*1,SOFTMAX"
    digits = list("0123456789")
    ImageClassifier(pattern, [1, 8, 8], digits, [0.3], [0.3]).save_pretrained(folder / "images")
    ImageClassifier(pattern, [3, 8, 8], digits, [0.3] * 3, [0.3] * 3).save_pretrained(folder / "colours")
    PolicyNetwork(9, 6, 3).save_pretrained(folder / "go")
    load_images("digits").image(5).save(folder / "five.png")
    (folder / "game.sgf").write_text("(;SZ[9];B[ee];W[ce];B[gc];W[cc])")
    write_table(folder / "games.parquet", example_records(6, 9))
    return folder


DRAWN = [
    "filters --model images",
    "filters --model images --layer convolution2 --most 2",
    "filters --model colours",
    "filters --model go",
    "activations --model images --image five.png --layer relu2",
    "activations --model go --sgf game.sgf --ply 3",
    "patches digits[:50] --model images --layer relu2 --channels 0-3 --top 4",
    "patches digits[:50] --model images --layer fully_connected2 --channels 1,7 --top 4",
    "patches games.parquet --model go --layer relu2 --channels 0-5 --top 3 --positions 40",
    "occlusion --model images --image five.png",
    "occlusion --model images --image five.png --answer 3 --window 4 --stride 2",
    "occlusion --model go --sgf game.sgf",
    "occlusion --model go --sgf game.sgf --answer E3",
]


@pytest.mark.parametrize("words", DRAWN)
def test_every_picture_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    place: Path,
    words: str,
) -> None:
    monkeypatch.chdir(place)
    out = tmp_path / "sheet.png"
    assert run_command(monkeypatch, "explain", *words.split(), "--out", out) == 0
    assert f"{out}: " in capsys.readouterr().err
    with Image.open(out) as sheet:
        assert sheet.format == "PNG"
        assert len(sheet.convert("RGB").getcolors(1 << 24) or ()) > 4


def test_occlusion_prints_how_far_the_probability_falls(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, place: Path
) -> None:
    monkeypatch.chdir(place)
    words = ("--model", "go", "--sgf", "game.sgf", "--answer", "E3", "--out", tmp_path / "x.png")
    assert run_command(monkeypatch, "explain", "occlusion", *words) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("E3: probability 1.2%; hiding 3x3 changes it by ")  # a fresh network: 1 of 81


REFUSED = [
    ("filters --model images --layer relu1", "relu1 has no filters"),
    ("filters --model images --layer conv", "unknown layer 'conv'; expected one of convolution1"),
    ("filters --model nowhere", "the model nowhere does not exist"),
    (
        "activations --model images",
        "the model is an image classifier; expected --image",
    ),
    ("activations --model images --sgf game.sgf", "the model is an image classifier"),
    (
        "activations --model go --image five.png",
        "the model is a policy; expected --sgf",
    ),
    ("activations --model default --sgf game.sgf", "the board is 9x9; the model expects 19x19"),
    ("activations --model images --image five.png --layer flatten1", "is a vector; expected"),
    ("activations --model go --sgf game.sgf --ply 9", "no position after 9 plies"),
    ("patches nowhere --model images", "no such images"),
    ("patches digits --model images --channels 3-", "--channels is '3-'; expected numbers such as 0-7"),
    ("patches digits[:9] --model images --channels 4", "layer convolution2 has channels 0 to 3, not [4]"),
    ("occlusion --model images --image five.png --answer x", "unknown class 'x'; expected one of 0, 1"),
    ("occlusion --model go --sgf game.sgf --answer pass", "a pass, which a policy gives no probability"),
    ("occlusion --model images --image five.png --window 9", "a window of 9 does not slide over"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_bad_input_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    refuses: Callable[..., None],
    tmp_path: Path,
    place: Path,
    words: str,
    message: str,
) -> None:
    monkeypatch.chdir(place)
    refuses(message, "explain", *words.split(), "--out", tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()


def test_only_png_pictures_are_written(refuses: Callable[..., None]) -> None:
    refuses("x.jpg: a picture is a .png file", "explain", "filters", "--out", "x.jpg")

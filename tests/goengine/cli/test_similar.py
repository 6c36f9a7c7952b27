"""`goengine similar`: JSON, tables, pictures, errors."""

import json
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
    """A folder with models `images` and `go`, images, a game and a table."""
    folder = tmp_path_factory.mktemp("similar")
    torch.manual_seed(0)
    pattern = "CONV6-RELU-POOL-(FC8-RELU)*1,SOFTMAX"
    ImageClassifier(pattern, [1, 8, 8], list("0123456789"), [0.3], [0.3]).save_pretrained(folder / "images")
    PolicyNetwork(9, 6, 3).save_pretrained(folder / "go")
    (folder / "folder").mkdir()
    for row in range(5):
        load_images("digits").image(row).save(folder / "folder" / f"{row}.png")
    (folder / "game.sgf").write_text("(;SZ[9];B[ee];W[ce];B[gc];W[cc])")
    write_table(folder / "games.parquet", example_records(6, 9))
    return folder


def test_similar_images(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, place: Path
) -> None:
    monkeypatch.chdir(place)
    out = tmp_path / "sheet.png"
    words = ("folder/2.png", "folder", "--model", "images", "--count", 3, "--out", out, "--json")
    assert run_command(monkeypatch, "similar", *words) == 0
    matches = json.loads(capsys.readouterr().out)
    assert len(matches) == 3
    assert all(Path(match["image"]).name != "2.png" for match in matches)
    assert [m["similarity"] for m in matches] == sorted((m["similarity"] for m in matches), reverse=True)
    with Image.open(out) as sheet:
        assert sheet.format == "PNG"
    assert run_command(monkeypatch, "similar", "folder/2.png", "digits[:40]", "--model", "images") == 0
    assert "class" in capsys.readouterr().out


def test_similar_positions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, place: Path
) -> None:
    monkeypatch.chdir(place)
    out = tmp_path / "sheet.png"
    words = ("game.sgf", "games.parquet", "--model", "go", "--ply", 3, "--out", out, "--json")
    assert run_command(monkeypatch, "similar", *words) == 0
    matches = json.loads(capsys.readouterr().out)
    assert sorted(match["game"] for match in matches) == list(range(6))
    assert all(match["move"] >= 1 for match in matches)
    assert set(matches[0]) == {"similarity", "game", "move", "black", "white", "date"}
    with Image.open(out) as sheet:
        assert sheet.width > 800


REFUSED = [
    ("folder/9.png folder --model images", "9.png: the image cannot be read"),
    ("folder/2.png nowhere --model images", "nowhere: no such images"),
    ("folder/2.png folder --model images --layer relu9", "unknown layer 'relu9'; expected one of"),
    ("game.sgf nowhere.parquet --model go", "nowhere.parquet: no such game table"),
    ("game.sgf games.parquet --model default", "a board of 9x9; expected 19x19, the size of the model"),
    ("game.sgf game.sgf --model go", "game.sgf: there is nothing to compare with"),
    ("folder/2.png folder --model images --out x.jpg", "x.jpg: a picture is a .png file"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_bad_input_is_refused(
    monkeypatch: pytest.MonkeyPatch, refuses: Callable[..., None], place: Path, words: str, message: str
) -> None:
    monkeypatch.chdir(place)
    refuses(message, "similar", *words.split())

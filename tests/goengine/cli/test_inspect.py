"""`goengine inspect`: tables, JSON, pictures, errors."""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.commands import run_command

from goengine.nn.architectures import ARCHITECTURES


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from goengine.nn.network import PolicyNetwork

    folder = tmp_path_factory.mktemp("model")
    PolicyNetwork(size=9, filters=8, layers=3).save_pretrained(folder)
    return folder


def rows(text: str) -> dict[str, list[str]]:
    """Return the cells of a printed table by the name of the layer."""
    cells = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines() if line.strip()]
    return {row[0]: row[1:] for row in cells}


def test_the_table_of_a_network(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(monkeypatch, "inspect", "keras-cnn") == 0
    out = rows(capsys.readouterr().out)
    assert list(out["input"]) == ["1x28x28"]
    assert out["convolution2"] == [
        *("50 filters of 3x3x25 = 225 weights", "50x11x11", "11,250", "50", "11,300", "1,361,250"),
        *("24.20 kB", "8x8"),
    ]
    assert out["max_pooling2"] == ["2x2, stride 2, cropped", "50x5x5", "5.00 kB", "10x10"]
    assert out["relu3"] == ["100", "in place", "all"]
    assert out["fully_connected2"] == [
        *("10 units of 100 weights", "10", "1,000", "10", "1,010", "1,000", "40 B", "all"),
    ]
    assert out["total"] == ["137,475", "185", "137,660", "1,639,350", "114.18 kB"]


def test_ten_filters_as_in_the_lecture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, "inspect", "CONV10x5", "--input", "3x32x32") == 0
    assert rows(capsys.readouterr().out)["convolution1"] == [
        *("10 filters of 5x5x3 = 75 weights, padding 2", "10x32x32", "750", "10", "760", "768,000"),
        *("40.96 kB", "5x5"),
    ]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_named_network_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run_command(monkeypatch, "inspect", name, "--json", "-") == 0
    shown = capsys.readouterr()
    report = json.loads(shown.out)
    assert "multiply-adds" in shown.err  # the table
    assert report["input"] == list(ARCHITECTURES[name].input)
    layers, total = report["layers"], report["total"]
    for quantity in ("weights", "biases", "parameters", "multiply_adds", "activation_bytes"):
        assert total[quantity] == sum(layer[quantity] for layer in layers)
    assert total["parameter_bytes"] == 4 * total["parameters"]
    for before, after in itertools.pairwise(layers):
        assert after["input"][: len(before["output"])] == before["output"]


def test_json_is_written_to_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "alexnet.json"
    assert run_command(monkeypatch, "inspect", "alexnet", "--json", path) == 0
    assert "60,965,224" in capsys.readouterr().out
    report = json.loads(path.read_text())
    assert report["network"] == "alexnet: AlexNet (2012), grouped as published"
    assert report["layers"][0] == {
        "name": "convolution1",
        "kind": "convolution",
        "settings": {
            "filters": 96,
            "extent": 11,
            "stride": 4,
            "padding": 0,
            "bias": True,
            "groups": 1,
            "connections": None,
        },
        "input": [3, 227, 227],
        "output": [96, 55, 55],
        "weights": 34_848,
        "biases": 96,
        "parameters": 34_944,
        "multiply_adds": 105_415_200,
        "activation_bytes": 4 * 96 * 55 * 55,
        "receptive_field": 11,
    }


def test_a_picture_is_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run_command(monkeypatch, "inspect", "alexnet", "--plot", tmp_path / "net.png") == 0
    with Image.open(tmp_path / "net.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > 3 * picture.height


def test_the_model_folder_of_a_classifier(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from goengine.nn.classifier import ImageClassifier

    ImageClassifier("lenet5", [1, 32, 32], ["cat", "dog"], [0.5], [0.2]).save_pretrained(tmp_path)
    assert run_command(monkeypatch, "inspect", tmp_path) == 0
    shown = capsys.readouterr().out
    assert "lenet5, 2 classes" in shown
    assert rows(shown)["fully_connected2"][:2] == ["2 units of 84 weights", "2"]


def test_the_input_shape_can_be_changed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(monkeypatch, "inspect", "policy", "--input", "48x9x9") == 0
    assert rows(capsys.readouterr().out)["softmax1"] == ["81", "324 B", "all"]


def test_the_model_folder_of_a_policy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model: Path
) -> None:
    assert run_command(monkeypatch, "inspect", model, "--input", "48x9x9") == 0
    out = rows(capsys.readouterr().out)
    assert out["input"] == ["48x9x9"]
    assert out["position_bias1"] == ["1x9x9", "81", "81", "324 B", "7x7"]


def test_named_networks_are_shown_without_pytorch() -> None:
    script = (
        "import sys; from goengine.cli import main; sys.argv = ['goengine', 'inspect', 'lenet5']\n"
        "try: main()\nfinally: assert not {'torch', 'numba'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True).returncode == 0


REFUSED = [
    (["alexnet", "--input", "3x224x224"], "layer convolution1: a 11x11 filter with stride 4 and padding 0"),
    (
        ["lenet5", "--input", "3x32"],
        "unknown shape '3x32'; expected channels x height x width, such as 3x227x227",
    ),
    (["lenet5", "--input", "0x32x32"], "unknown shape '0x32x32'"),
    (["(CONV-RELU)*2"], "a pattern needs --input CxHxW, such as 3x32x32"),
    (["(CONV-RELU)*N", "--input", "3x32x32"], "malformed at '*N'"),
    (["resnet"], "unknown network 'resnet'; expected one of policy, lenet5, lenet5-1998, alexnet, "),
    (["MODEL", "--input", "48x19x19"], "--input is 48x19x19; the model "),
    (["EMPTY"], "is not a model folder: config.json"),
    (["lenet5", "--plot", "EMPTY/x.svg"], "x.svg: a picture is a .png file"),
    (["lenet5", "--json", "EMPTY/none/x.json"], "cannot be written (there is no folder"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_bad_input_is_refused(
    refuses: Callable[..., None], tmp_path: Path, model: Path, words: list[str], message: str
) -> None:
    words = [word.replace("MODEL", str(model)).replace("EMPTY", str(tmp_path)) for word in words]
    refuses(message, "inspect", *words)

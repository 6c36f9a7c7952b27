"""`goengine classify`: training, evaluation, prediction, errors."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.commands import run_command

from goengine.training.classify.image_set import load_images

PATTERN = "CONV8-RELU-POOL-(FC32-RELU)*1,SOFTMAX"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run on the digits."""
    out = tmp_path_factory.mktemp("classify") / "run"
    with pytest.MonkeyPatch.context() as patch:
        words = ("--out", out, "--network", PATTERN, "--epochs", 6, "--threads", 1)
        assert run_command(patch, "classify", "train", *words) == 0
    return out


def test_training_writes_a_run_and_a_model(run: Path) -> None:
    assert {path.name for path in run.iterdir()} >= {"checkpoint.pt", "stable.pt", "log.jsonl", "model"}
    assert {path.name for path in (run / "model").iterdir()} == {
        *("config.json", "model.safetensors", "README.md"),
    }
    last = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    assert last["images"] == 135 * 64  # six epochs, the last step whole
    assert last["validation_top1"] > 0.85


def test_evaluation_counts_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, run: Path
) -> None:
    page = tmp_path / "report.html"
    words = ("digits[test]", "--model", run / "model", "--json", "-", "--report", page, "--run", run)
    assert run_command(monkeypatch, "classify", "evaluate", *words) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["count"] == 359
    confusion = figures["confusion"]
    assert sum(map(sum, confusion)) == 359
    assert sum(confusion[c][c] for c in range(10)) == round(figures["top1"] * 359)
    assert figures["top1_interval"][0] < figures["top1"] < figures["top1_interval"][1]
    text = page.read_text()
    for heading in ("Confusion matrix", "Cross-entropy of run", "The most confident mistakes", "By class"):
        assert heading in text
    assert run_command(monkeypatch, "classify", "evaluate", "digits[test]", "--model", run / "model") == 0
    assert f"{figures['top1']:.2%}" in capsys.readouterr().out


def test_predict_prints_the_five_likeliest_classes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, run: Path
) -> None:
    digits = load_images("digits[test]")
    paths = [tmp_path / f"{row}.png" for row in range(3)]
    for row, path in enumerate(paths):
        digits.image(row).save(path)
    assert run_command(monkeypatch, "classify", "predict", *paths, "--model", run / "model") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [lines[0], lines[6], lines[12]] == [str(path) for path in paths]
    assert run_command(monkeypatch, "classify", "predict", *paths, "--model", run / "model", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    for answer in said:
        shares = [c["probability"] for c in answer["classes"]]
        assert len(shares) == 5
        assert shares == sorted(shares, reverse=True)
    assert sum(said[row]["classes"][0]["class"] == str(digits.labels[row]) for row in range(3)) >= 2


def test_a_session_of_limited_time_can_be_continued(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ("--out", tmp_path / "run", "--network", PATTERN, "--epochs", 1, "--threads", 1)
    assert run_command(monkeypatch, "classify", "train", *words, "--max-minutes", 0) == 0
    assert f"to continue: goengine classify train --resume {tmp_path / 'run'}" in capsys.readouterr().out
    assert run_command(monkeypatch, "classify", "train", "--resume", tmp_path / "run") == 0
    assert "trained on 1,472 images" in capsys.readouterr().out  # the last step is a whole one


REFUSED = [
    (["train"], "training needs a folder to write to"),
    (["train", "nowhere", "--out", "x"], "nowhere: no such images"),
    (["train", "--out", "x", "--network", "resnet"], "unknown network 'resnet'; expected one of"),
    (["train", "--out", "x", "--set", "colour=2"], "colour is 2.0; expected a number from 0 to 1"),
    (["train", "--out", "RUN"], "already contains a run"),
    (["evaluate", "digits", "--model", "nowhere"], "the model nowhere does not exist"),
    (["evaluate", "digits", "--model", "."], "is not a model folder"),
    (["evaluate", "nowhere", "--model", "RUN/model"], "no such images"),
    (["evaluate", "digits", "--model", "RUN/model", "--report", "x.pdf"], "a report is an .html or a .png"),
    (["predict", "nowhere.png", "--model", "RUN/model"], "nowhere.png: the image cannot be read"),
]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_bad_input_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    refuses: Callable[..., None],
    tmp_path: Path,
    run: Path,
    words: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    refuses(message, "classify", *(word.replace("RUN", str(run)) for word in words))


def test_a_policy_run_does_not_resume_a_classifier(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], run: Path
) -> None:
    assert run_command(monkeypatch, "train", "--resume", run) == 2
    assert "is a checkpoint of a classifier, not of a policy" in capsys.readouterr().err

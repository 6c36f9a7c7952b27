"""Reading the logs of training runs."""

import json

import pytest

from goengine.errors import GoEngineError
from goengine.training.policy.task import train_policy as train
from goengine.training.run_log import read_run_log


def entry(positions, **fields):
    return json.dumps({"step": positions // 8, "positions": positions, "seconds": 1.0, **fields}) + "\n"


def trained(positions, loss=3.0):
    return entry(positions, loss=loss, top1=0.25, rate=100.0, threads=1)


def validated(positions):
    return entry(positions, validation_top1=0.3, validation_top5=0.5, validation_loss=2.5)


def test_the_log_of_a_run_is_read_back(config, tmp_path):
    result = train(config)
    log = read_run_log(tmp_path / "run")
    assert log.name == "run"
    assert log.training.samples[-1] == result.samples
    assert result.validation is not None
    assert log.validation.top1[-1] == pytest.approx(result.validation.top1, abs=1e-4)
    assert log.validation.loss[-1] == pytest.approx(result.validation.loss, abs=1e-4)


def test_training_and_validation_are_separate_curves(tmp_path):
    (tmp_path / "log.jsonl").write_text(trained(80) + validated(80) + trained(160, loss=2.0))
    log = read_run_log(tmp_path)
    assert log.training.samples.tolist() == [80, 160]
    assert log.training.loss.tolist() == [3.0, 2.0]
    assert (log.validation.samples.tolist(), log.validation.top1.tolist()) == ([80], [0.3])


def test_samples_seen_twice_after_a_crash_count_once(tmp_path):
    text = trained(80) + trained(160) + validated(160) + entry(80, resumed="c.pt") + trained(120, loss=1.0)
    (tmp_path / "log.jsonl").write_text(text)
    log = read_run_log(tmp_path)
    assert log.training.samples.tolist() == [80, 120]
    assert log.validation.samples.tolist() == []


def test_an_incomplete_last_line_is_ignored(tmp_path):
    (tmp_path / "log.jsonl").write_text(trained(80) + trained(160)[:20])
    assert read_run_log(tmp_path).training.samples.tolist() == [80]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot read the log of a training run"),
        (b"", "the log has no entries yet"),
        (b"\xff\xfe\n", "it is not text"),
        (b"junk\n", "log.jsonl, line 1: not an entry"),
        (b"[]\n", "line 1"),
        (trained(80).encode() + b'{"positions": 90}\n', "line 2"),
        (b'{"positions": 80, "loss": null, "top1": 0.1}\n', "line 1"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "log.jsonl").write_bytes(content)
    with pytest.raises(GoEngineError, match=message):
        read_run_log(tmp_path)

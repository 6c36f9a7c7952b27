"""Checkpoints survive crashes; other and damaged files are refused."""

import dataclasses

import pytest
import torch

from goengine.errors import GoEngineError
from goengine.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from goengine.training.config import TrainConfig
from goengine.training.metrics import Accuracy
from goengine.training.policy.learner import PolicyLearner
from goengine.training.policy.task import policy_network


def make_checkpoint(step=7):
    return Checkpoint(
        config=TrainConfig(table="t.parquet", filters=3),
        facts={"size": 9},
        step=step,
        samples=step * 128,
        seconds=1.5,
        network={"w": torch.arange(4.0)},
        optimizer=[{"state": {0: {"momentum": torch.ones(2)}}}],
        validation=Accuracy(samples=10, top1=0.1, top5=0.2, loss=3.0),
    )


def test_a_checkpoint_is_read_back_unchanged(tmp_path):
    save_checkpoint(tmp_path / "c.pt", make_checkpoint())
    loaded = load_checkpoint(tmp_path / "c.pt", TrainConfig)
    assert loaded.config == make_checkpoint().config
    assert (loaded.facts, loaded.step, loaded.samples, loaded.seconds) == ({"size": 9}, 7, 7 * 128, 1.5)
    assert torch.equal(loaded.network["w"], torch.arange(4.0))
    assert torch.equal(loaded.optimizer[0]["state"][0]["momentum"], torch.ones(2))
    assert loaded.validation == make_checkpoint().validation
    assert [path.name for path in tmp_path.iterdir()] == ["c.pt"]


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), RuntimeError("unexpected pos")])
def test_a_full_disk_keeps_the_earlier_checkpoint(tmp_path, monkeypatch, failure):
    path = tmp_path / "c.pt"
    save_checkpoint(path, make_checkpoint(step=7))

    def save_half(_, file):
        file.write(b"half")
        raise failure

    monkeypatch.setattr(torch, "save", save_half)
    with pytest.raises(GoEngineError, match=r"c\.pt: cannot be written"):
        save_checkpoint(path, make_checkpoint(step=8))
    assert load_checkpoint(path, TrainConfig).step == 7
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.pt"]


def test_a_file_size_limit_keeps_the_earlier_checkpoint(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "c.pt"
    save_checkpoint(path, make_checkpoint(step=7))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size // 2, hard))
    try:
        with pytest.raises(GoEngineError, match=r"c\.pt: cannot be written \("):
            save_checkpoint(path, make_checkpoint(step=8))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert load_checkpoint(path, TrainConfig).step == 7
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.pt"]


def test_truncated_checkpoints_are_refused(tmp_path):
    path = tmp_path / "c.pt"
    save_checkpoint(path, make_checkpoint())
    content = path.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 10):
        path.write_bytes(content[:length])
        with pytest.raises(GoEngineError, match="is not a checkpoint of goengine, or is damaged"):
            load_checkpoint(path, TrainConfig)


def test_a_flipped_bit_is_detected(tmp_path):
    path = tmp_path / "c.pt"
    save_checkpoint(path, make_checkpoint())
    content = bytearray(path.read_bytes())
    content[content.index(torch.arange(4.0).numpy().tobytes()) + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(GoEngineError, match="or is damaged"):
        load_checkpoint(path, TrainConfig)


ALTERED = [
    ("facts", None, "is not a checkpoint that this version"),
    ("config", None, "is not a checkpoint that this version"),
    ("config", 3, "is not a checkpoint that this version"),
    ("config", {"filtres": 3}, "unknown training setting 'filtres'"),
    ("colour", "green", "is not a checkpoint that this version"),
    ("validation", {"top": 1}, "is not a checkpoint that this version"),
    ("step", "seven", "its step is not of type int"),
]


@pytest.mark.parametrize(("name", "value", "message"), ALTERED)
def test_checkpoints_of_another_structure_are_refused(tmp_path, name, value, message):
    path = tmp_path / "c.pt"
    save_checkpoint(path, make_checkpoint())
    content = torch.load(path) | {name: value}
    torch.save({key: kept for key, kept in content.items() if kept is not None}, path)
    with pytest.raises(GoEngineError, match=message):
        load_checkpoint(path, TrainConfig)


@pytest.mark.parametrize("change", [lambda w: w.popitem(), lambda w: w.update(x=torch.zeros(3))])
def test_weights_of_another_network_are_refused(change):
    checkpoint = make_checkpoint()
    weights = checkpoint.network = PolicyLearner(9, checkpoint.config).state_dict()
    assert policy_network(checkpoint).filters == 3
    change(weights)
    with pytest.raises(GoEngineError, match="do not fit the network of its settings"):
        policy_network(checkpoint)


FOREIGN = [
    ("text", lambda path: path.write_text("hello")),
    ("another program's", lambda path: torch.save({"model": {}, "epoch": 3}, path)),
    ("a tensor", lambda path: torch.save(torch.zeros(3), path)),
    ("objects", lambda path: torch.save({"format": dataclasses.field}, path)),
]


@pytest.mark.parametrize(("name", "write"), FOREIGN, ids=[row[0] for row in FOREIGN])
def test_other_files_are_refused(tmp_path, name, write):  # noqa: ARG001
    write(tmp_path / "c.pt")
    with pytest.raises(GoEngineError, match=r"c\.pt is not a checkpoint"):
        load_checkpoint(tmp_path / "c.pt", TrainConfig)


def test_a_missing_checkpoint_is_refused(tmp_path):
    with pytest.raises(GoEngineError, match="there is no checkpoint"):
        load_checkpoint(tmp_path / "none.pt", TrainConfig)


def test_a_checkpoint_of_another_kind_of_run_is_refused(tmp_path):
    class OtherConfig(TrainConfig):
        kind = "classifier"

    save_checkpoint(tmp_path / "c.pt", make_checkpoint())
    with pytest.raises(GoEngineError, match=r"c\.pt is a checkpoint of a policy, not of a classifier"):
        load_checkpoint(tmp_path / "c.pt", OtherConfig)


def test_checkpoints_of_the_first_format_are_read(tmp_path):
    path = tmp_path / "c.pt"
    save_checkpoint(path, make_checkpoint())
    content = torch.load(path)
    for name in ("kind", "facts"):
        del content[name]
    content |= {"format": "goengine training checkpoint 1", "size": 9, "positions": content.pop("samples")}
    content["validation"]["positions"] = content["validation"].pop("samples")
    torch.save(content, path)
    loaded = load_checkpoint(path, TrainConfig)
    assert (loaded.facts, loaded.samples) == ({"size": 9}, 7 * 128)
    assert loaded.validation == make_checkpoint().validation

"""The policy in training: heads, targets, release, starting from a model, the best checkpoint."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from support.example_records import example_records

from goengine.data.samples import encode_batch
from goengine.data.table.game_table import GameTable
from goengine.data.table.outcomes import Outcomes
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE
from goengine.nn.model_folder import folder_hash, weights_hash
from goengine.nn.network import PolicyNetwork, save_model
from goengine.nn.value_head import Value
from goengine.points import symmetry_tables
from goengine.policy.loading import load_network
from goengine.policy.torch_policy import TorchPolicy
from goengine.training.checkpoint import load_checkpoint, save_checkpoint
from goengine.training.config import TrainConfig
from goengine.training.evaluation.value import value_figures
from goengine.training.loop import train
from goengine.training.metrics import Accuracy
from goengine.training.policy.learner import PolicyLearner, policy_losses
from goengine.training.policy.release import release
from goengine.training.policy.targets import IGNORED, UNKNOWN_OWNER, later_move, with_targets
from goengine.training.policy.task import PolicyTask, train_policy


def quiet():
    return Console(file=Path(os.devnull).open("w"), force_terminal=False)


@pytest.fixture
def config(config):
    return config.replace(positions=16 * 12, warmup_steps=2, precision="float32", value_weight=0.3)


@pytest.fixture
def games(tables):
    return GameTable.open(tables / "9.parquet").games


def example_outcomes(games):
    """Return outcomes in which Black won game 0 by 3 and owns the first five points; game 1 is unknown."""
    G = len(games)
    winner, komi = np.zeros(G, np.uint8), np.full(G, 6.5, np.float32)
    score, row = np.full(G, np.nan, np.float32), np.full(G, -1)
    winner[0], score[0], row[0] = BLACK, 9.5, 0
    owners = np.full((1, 81), WHITE, np.uint8)
    owners[0, :5] = BLACK
    return Outcomes(winner, komi, score, row, owners)


# Targets


def test_later_moves_follow_the_symmetry(games):
    for symmetry in range(8):
        batch = encode_batch(games, np.array([0]), np.array([3]), np.array([symmetry], np.uint8))
        move = games.moves[games.move_starts[0] + 4]
        assert later_move(games, batch, 1) == symmetry_tables(9)[symmetry, move]


def test_a_move_after_the_last_is_ignored(games):
    length = games.move_starts[1] - games.move_starts[0]
    batch = encode_batch(games, np.array([0]), np.array([length - 1]), np.zeros(1, np.uint8))
    assert later_move(games, batch, 1) == IGNORED


def test_outcomes_are_relative_to_the_player_to_move(games):
    first = games.first_player[0]
    batch = encode_batch(games, np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([0, 3, 0], np.uint8))
    targets = with_targets(batch, games, example_outcomes(games))
    black = np.array([first == BLACK, first != BLACK])
    assert targets.black[:2].tolist() == black.tolist()
    assert targets.won[:2].tolist() == black.tolist()
    assert targets.score[:2].tolist() == np.where(black, 9.5, -9.5).tolist()
    assert np.isnan(targets.won[2])
    assert np.isnan(targets.score[2])
    assert (targets.owned[2] == UNKNOWN_OWNER).all()
    for row, symmetry in ((0, 0), (1, 3)):
        own = 2 if black[row] else 0
        expected = np.full(81, 2 - own)
        expected[symmetry_tables(9)[symmetry, :5]] = own
        assert targets.owned[row].tolist() == expected.tolist()


# Losses


def test_unknown_targets_add_no_loss(games, config):
    batch = encode_batch(games, np.array([1]), np.array([0]), np.zeros(1, np.uint8))
    losses = policy_losses(
        PolicyLearner(9, config)(torch.rand(1, 48, 9, 9)),
        with_targets(batch, games, example_outcomes(games)),
        torch.device("cpu"),
    )
    assert float(losses["winner"]) == float(losses["score"]) == float(losses["owner"]) == 0
    assert float(losses["policy"]) == pytest.approx(np.log(81), abs=1e-3)


def test_a_higher_komi_lowers_blacks_winrate():
    value = Value(torch.zeros(2, 81), torch.tensor([[4.0, 2.0]] * 2), torch.full((2, 2), 10.0))
    black = torch.tensor([True, False])
    chances = [torch.sigmoid(value.win_logits(black, torch.full((2,), komi))) for komi in (-5.0, 0.5, 7.5)]
    assert chances[0][0] > chances[1][0] > chances[2][0]  # Black pays komi
    assert chances[0][1] < chances[1][1] < chances[2][1]
    assert float(chances[1][0]) == pytest.approx(1 / (1 + np.exp(-0.35)))


# Release


def test_release_keeps_only_the_value_head(config, games, tmp_path):
    result = train_policy(config, console=quiet())
    release(result.best, tmp_path / "model")
    assert {path.name for path in (tmp_path / "model").iterdir()} == {
        "README.md",
        "config.json",
        "model.safetensors",
        "value.safetensors",
    }
    network = load_network(tmp_path / "model")
    assert network.value_head is not None
    policy = TorchPolicy(network, dtype=torch.float32)
    batch = encode_batch(games, np.arange(4), np.arange(4), np.zeros(4, np.uint8))
    black, komi = np.array([True, False, True, False]), np.full(4, 6.5, np.float32)
    evaluation = policy.evaluate(batch.packed, black, komi)
    np.testing.assert_allclose(evaluation.policies, policy.raw_policies(batch.packed), atol=1e-6)
    assert evaluation.winrates.shape == evaluation.scores.shape == (4,)
    assert np.abs(evaluation.ownership).max() <= 1
    assert policy._resize(7).has_value


def test_a_folder_without_a_value_head_has_none(tmp_path):
    save_model(PolicyNetwork(9, 4, 3), tmp_path / "m", torch.float32, "card")
    policy = TorchPolicy(load_network(tmp_path / "m"), dtype=torch.float32)
    assert not policy.has_value
    with pytest.raises(GoEngineError, match="has no value head"):
        policy.evaluate(np.zeros((1, 488), np.uint8), np.array([True]), np.zeros(1, np.float32))


def test_a_damaged_value_head_is_refused(tmp_path, config):
    save_model(PolicyLearner(9, config).release(), tmp_path / "m", torch.float32, "card")
    (tmp_path / "m" / "value.safetensors").write_bytes(b"nothing")
    with pytest.raises(GoEngineError, match=r"value\.safetensors is damaged"):
        load_network(tmp_path / "m")


def test_a_report_of_other_weights_is_refused(config, tmp_path):
    train_policy(config, console=quiet())
    report = {"weights": "0" * 16, "games": "g", "positions": 1, "seed": 0, "symmetries": 1}
    report |= {"top1": 0.5, "top1_interval": [0, 1], "top5": 1, "loss": 1}
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    checkpoint = Path(config.out) / "best.pt"
    with pytest.raises(GoEngineError, match="belongs to a model with weights hash 0000000000000000"):
        release(checkpoint, tmp_path / "model", reports=(path,))
    release(checkpoint, tmp_path / "model")
    path.write_text(json.dumps(report | {"weights": folder_hash(tmp_path / "model")}))
    release(checkpoint, tmp_path / "model", reports=(path,))
    assert "| 50.00% |" in (tmp_path / "model" / "README.md").read_text()


def test_the_hash_depends_on_every_value_and_shape():
    weights = {"a": np.zeros(3, np.float32), "b": np.ones((2, 2), np.float32)}
    assert weights_hash(weights) == weights_hash(dict(reversed(weights.items())))
    assert weights_hash(weights) != weights_hash(weights | {"a": np.array([0, 0, 1e-30], np.float32)})
    assert weights_hash(weights) != weights_hash(weights | {"b": np.ones(4, np.float32)})


# Starting from a model


def test_a_run_starts_with_the_weights_of_a_model(config, tmp_path):
    first = train_policy(config, console=quiet())
    release(first.best, tmp_path / "model", "float32")
    again = config.replace(
        start=str(tmp_path / "model"), out=str(tmp_path / "again"), filters=64, positions=16, muon_lr=0.0
    ).replace(adam_lr=0.0)
    result = train_policy(again, console=quiet())
    checkpoint = load_checkpoint(result.checkpoint, TrainConfig)
    assert (checkpoint.config.filters, checkpoint.config.layers) == (8, 4)
    assert checkpoint.config.start_hash == folder_hash(tmp_path / "model")
    assert result.validation.loss == pytest.approx(first.validation.loss, abs=0.02)
    release(result.best, tmp_path / "card")
    text = (tmp_path / "card" / "README.md").read_text()
    assert f"- start: the weights of `{tmp_path / 'model'}` (hash {checkpoint.config.start_hash})" in text


def test_a_model_of_another_board_size_is_refused(config, tmp_path):
    save_model(PolicyNetwork(7, 8, 4), tmp_path / "m", torch.float32, "card")
    with pytest.raises(
        GoEngineError,
        match=r"start from has board size 7, 8 filters and 4 layers; .* size 9, 8 filters and 4 layers",
    ):
        train_policy(config.replace(start=str(tmp_path / "m")), console=quiet())


# The best checkpoint


class Validations:
    """Replaces the validation losses of a task with given ones, in order."""

    def __init__(self, losses):
        self.losses = iter(losses)

    def open(self, config):
        task = PolicyTask.open(config)
        measure = task.validate

        def validate(network, dtype):
            return replace(measure(network, dtype), loss=next(self.losses))

        task.validate = validate
        return task


def test_the_best_checkpoint_is_released_and_reported(config, tmp_path):
    messages = tmp_path / "messages"
    with messages.open("w") as file:
        result = train(
            config.replace(validation_minutes=0),
            Validations([3.0, 2.0, 2.5, *[2.6] * 20]).open,
            console=Console(file=file, width=200),
        )
    assert result.best.name == "best.pt"
    assert load_checkpoint(result.best, TrainConfig).samples == 32
    assert (result.released.loss, result.validation.loss) == (2.0, 2.6)
    assert (
        "the run overfitted: its validation loss was lowest, 2.000, after 32 positions"
        in messages.read_text()
    )


def test_the_last_checkpoint_is_released_on_request(config):
    result = train(config.replace(best=False), Validations([3.0] * 20).open, console=quiet())
    assert result.best == result.checkpoint


def test_a_run_resumed_with_last_does_not_mention_the_best_checkpoint(config, tmp_path):
    config = config.replace(validation_minutes=0)
    train(config, Validations([3.0, 2.0, *[2.6] * 20]).open, console=quiet(), max_minutes=0.0)
    best = Path(config.out) / "best.pt"
    shutil.copy(Path(config.out) / "checkpoint.pt", best)
    checkpoint = load_checkpoint(best, TrainConfig)
    save_checkpoint(best, replace(checkpoint, validation=Accuracy(50, 0.1, 0.2, 1.0)))
    messages = tmp_path / "messages"
    with messages.open("w") as file:
        result = train(
            config.replace(best=False),
            Validations([3.0] * 20).open,
            Path(config.out) / "checkpoint.pt",
            Console(file=file, width=200),
        )
    assert result.best == result.checkpoint
    assert "released from best.pt" not in messages.read_text()


def test_a_best_checkpoint_that_another_run_left_is_not_released(config):
    result = train(config, Validations([3.0] * 20).open, console=quiet())
    assert result.best.name == "best.pt"
    result.checkpoint.unlink()
    again = train_policy(config.replace(validation=""), console=quiet())
    assert again.best == again.checkpoint


def test_a_run_ends_when_its_patience_is_exhausted(config):
    result = train(
        config.replace(validation_minutes=0, patience=3),
        Validations([3.0, 2.0, 2.1, 2.2, 2.3, 2.4]).open,
        console=quiet(),
    )
    assert result.complete
    assert result.samples == 16 * 5
    assert load_checkpoint(result.best, TrainConfig).samples == 32


def test_patience_does_not_depend_on_keeping_the_best_checkpoint(config):
    result = train(
        config.replace(validation_minutes=0, patience=2, best=False),
        Validations([3.0, 2.0, 2.1, 2.2, 2.3]).open,
        console=quiet(),
    )
    assert result.samples == 16 * 4
    assert result.best == result.checkpoint
    assert not (Path(config.out) / "best.pt").exists()


def test_training_can_use_only_one_players_moves(config, tmp_path):
    records = [replace(r, black_name="Ann", white_name=f"b{i}") for i, r in enumerate(example_records(6, 9))]
    write_table(tmp_path / "t.parquet", records)
    task = PolicyTask.open(config.replace(table=str(tmp_path / "t.parquet"), validation="", player="ann"))
    whole = PolicyTask.open(config.replace(table=str(tmp_path / "t.parquet"), validation=""))
    assert 0 < task.available < whole.available
    assert all(task.batch(step, 8).black.all() for step in range(3))


# Metrics of the value head


def test_metrics_of_known_winrates():
    winrates = np.array([0.95, 0.95, 0.05, 0.6], np.float32)
    row = value_figures(winrates, np.array([True, True, False, False]), "all")
    assert row.accuracy == 0.75
    assert row.log_loss == pytest.approx(-(3 * np.log(0.95) + np.log(0.4)) / 4, abs=1e-4)
    assert row.brier == pytest.approx((3 * 0.05**2 + 0.36) / 4, abs=1e-4)
    assert row.calibration == pytest.approx((0.1 + 0.05 + 0.6) / 4, abs=1e-4)

"""Model cards: data, recipe, time, accuracy, limits and licence."""

import json
from dataclasses import replace

import pytest

from goengine.errors import GoEngineError
from goengine.nn.model_folder import BUNDLED, read_card
from goengine.nn.network import PolicyNetwork
from goengine.training.checkpoint import Checkpoint
from goengine.training.config import TrainConfig
from goengine.training.metrics import Accuracy
from goengine.training.policy.model_card import model_card

REPORT = {
    "model": "m",
    "weights": "0123456789abcdef",
    "games": "somewhere/test.sgf.bz2",
    "positions": 20_000,
    "seed": 0,
    "symmetries": 1,
    "top1": 0.4321,
    "top1_interval": [0.4252, 0.439],
    "top5": 0.78,
    "loss": 2.1,
}


def run(validation_result=None, **settings):
    defaults = {"table": "place/games.parquet", "filters": 4, "layers": 3, "minutes": 30.0}
    defaults |= {"batch_size": 128, "muon_lr": 0.02, "adam_lr": 0.002, "warmup_steps": 200, "decay": 0.35}
    settings = defaults | settings
    return Checkpoint(TrainConfig(**settings), {"size": 9}, 1000, 128_000, 1800.0, {}, [], validation_result)


def card(checkpoint=None, **options):
    return model_card(checkpoint or run(), PolicyNetwork(9, 4, 3), "float16", "0123456789abcdef", **options)


def test_the_card_describes_the_run():
    accuracy = Accuracy(samples=50, top1=0.25, top5=0.5, loss=3.0)
    text = card(run(accuracy, validation="place/other.parquet"))
    for fact in (
        "license: apache-2.0",
        "9x9",
        "3 convolution layers of 4 filters on 48 planes",
        "stored as float16, hash 0123456789abcdef.",
        "- data: the game table `games.parquet`, each position under one of the 8 symmetries",
        "- seen: 128,000 positions in 1,000 steps of 128",
        "- time: 30 minutes",
        "- recipe: Muon at 0.02 (Nesterov momentum 0.95) for the inner convolutions, Adam at 0.002 for",
        "200 steps of warm-up, stable, linear decay over the last 35% of 30 minutes",
        "Top-1 25.00% on 50 positions of `other.parquet`, one pass per position.",
        "last validation of the run up to this checkpoint, before the weights were rounded to float16",
        "## Limits",
        "## Licence",
    ):
        assert fact in text


@pytest.mark.parametrize(
    ("settings", "recipe"),
    [
        ({"optimizer": "adamw", "adam_lr": 0.001}, "AdamW at 0.001; 200 steps"),
        ({"optimizer": "sgd", "momentum": 0.9}, "SGD at 0.05 (Nesterov momentum 0.9); 200 steps"),
        ({"weight_decay": 0.01}, "for the rest; 200 steps"),  # Muon has none
        ({"optimizer": "adamw", "weight_decay": 0.01}, "AdamW at 0.002, weight decay 0.01; 200 steps"),
        ({"minutes": 0.0, "positions": 9000, "decay": 0.5}, "over the last 50% of 9,000 positions"),
    ],
)
def test_the_recipe_follows_the_config(settings, recipe):
    assert recipe in card(run(**settings))


def test_averaged_weights_are_mentioned():
    assert "moving average" not in card()
    kept = replace(run(), config=run().config.replace(average=0.999), average={"weights": {}})
    assert "moving average with a decay of 0.999 per step" in card(kept)


def test_the_bundled_model_has_a_complete_card():
    text = read_card(BUNDLED)
    assert text is not None
    for fact in (
        "license: ",
        "- data: ",
        "- seen: ",
        "- time: ",
        "- recipe: ",
        "top-1",
        "## Limits",
        "## Licence",
    ):
        assert fact in text
    assert "the game table `" not in text  # nobody else has that file


def test_a_missing_validation_is_mentioned():
    assert "Not measured." in card()


def test_the_data_can_be_given_in_words():
    assert "- data: all games of the club, each position" in card(data="all games of the club")


def test_reports_are_shown_as_a_table(tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(REPORT))
    text = card(reports=(tmp_path / "r.json",))
    assert "| test.sgf.bz2 | 20,000 (seed 0) | 1 | 43.21% | 42.52% to 43.90% | 78.00% | 2.100 |" in text


WRONG_TYPES = json.dumps(REPORT | {"top1_interval": 3, "top1": "high"})


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "not JSON"), *((text, "expected weights") for text in ("[]", '{"top1": 1}', WRONG_TYPES))],
)
def test_files_that_are_not_reports_are_refused(tmp_path, content, message):
    (tmp_path / "r.json").write_text(content)
    with pytest.raises(GoEngineError, match=message):
        card(reports=(tmp_path / "r.json",))


def test_a_missing_report_is_refused(tmp_path):
    with pytest.raises(GoEngineError, match="cannot read the report"):
        card(reports=(tmp_path / "none.json",))

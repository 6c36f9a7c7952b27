"""Training settings from TOML files and from the command line."""

from pathlib import Path

import pytest
from pydantic import ValidationError

import goengine.training
from goengine.errors import GoEngineError
from goengine.training.config import TrainConfig, list_configs, read_config
from goengine.training.reinforce.config import ReinforceConfig

CONFIGS = sorted((Path(goengine.training.__file__).parent / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=[path.name for path in CONFIGS])
def test_bundled_configs_are_valid_and_have_a_limit(path):
    reinforced = path.name.startswith("reinforce")
    config = read_config(path, ReinforceConfig if reinforced else TrainConfig)
    assert config.minutes or (config.steps if reinforced else config.positions)


def test_a_bundled_config_is_found_by_its_name():
    assert read_config("policy-64", TrainConfig) == read_config(CONFIGS[1], TrainConfig)
    assert dict(list_configs())["small"].startswith("A first policy in a minute")
    with pytest.raises(GoEngineError, match="unknown config 'policy-65'; expected a TOML file, or one of"):
        read_config("policy-65", TrainConfig)


def test_a_path_wins_over_a_bundled_config_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "small.toml").write_text("filters = 7")
    monkeypatch.chdir(tmp_path)
    assert read_config("small.toml", TrainConfig).filters == 7
    assert read_config("small", TrainConfig).filters != 7


def test_missing_settings_keep_their_defaults(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('table = "games.parquet"\nfilters = 16\nminutes = 2\n')
    assert read_config(path, TrainConfig) == TrainConfig(table="games.parquet", filters=16, minutes=2.0)


def test_text_from_a_command_line_is_parsed():
    config = TrainConfig().replace(filters="32", muon_lr="1e-2", symmetries="false", out="here")
    assert (config.filters, config.muon_lr, config.symmetries, config.out) == (32, 0.01, False, "here")


BAD = [
    ({"filtres": 32}, "unknown training setting 'filtres'; expected one of out, seed"),
    ({"filters": "many"}, "filters is 'many'; expected an integer from 1 to 4096"),
    ({"filters": 2.5}, "filters is 2.5; expected an integer from 1 to 4096"),
    ({"filters": 0}, "filters is 0; expected an integer from 1 to 4096"),
    ({"decay": 1.5}, "decay is 1.5; expected a number from 0 to 1"),
    ({"minutes": "nan"}, "minutes is nan"),
    ({"checkpoint_minutes": -1.0}, "checkpoint_minutes is -1.0; expected a number of at least 0"),
    ({"minutes": "inf"}, "minutes is inf"),
    ({"seed": -1}, "seed is -1; expected an integer from 0"),
    ({"seed": 2**63}, "seed is 9223372036854775808"),
    ({"symmetries": "yes"}, "symmetries is 'yes'; expected true or false"),
    ({"symmetries": 1}, "symmetries is 1; expected true or false"),
    ({"device": "tpu"}, "device is 'tpu'; expected one of auto, cpu, cuda"),
    ({"precision": "int8"}, "expected one of auto, bfloat16, float32"),
]


@pytest.mark.parametrize(("settings", "message"), BAD)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(GoEngineError, match=message):
        TrainConfig().replace(**settings)


FILES = [
    (b"\x00", "is not TOML"),
    (b"filters = 1\nfilters = 2\n", "is not TOML"),
    (b"filters = ", "is not TOML"),
    (b"\xff\xfe", "is not TOML"),
    (b"colour = 1\n", "unknown training setting 'colour'"),
    (b"[network]\nfilters = 3\n", "unknown training setting 'network'"),
]


@pytest.mark.parametrize(("content", "message"), FILES)
def test_errors_name_the_file(tmp_path, content, message):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(GoEngineError, match=message) as caught:
        read_config(path, TrainConfig)
    assert "bad.toml" in str(caught.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(GoEngineError, match="cannot read the training config"):
        read_config(tmp_path / "none.toml", TrainConfig)


def test_settings_cannot_be_changed_in_place():
    config = TrainConfig()
    with pytest.raises(ValueError, match="frozen"):
        config.filters = 32  # type: ignore[misc]


def test_an_error_keeps_its_cause():
    with pytest.raises(GoEngineError) as caught:
        TrainConfig(filters=0)
    assert isinstance(caught.value.__cause__, ValidationError)

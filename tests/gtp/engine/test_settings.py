"""Settings and their file."""

from pathlib import Path

import pytest

from goengine.errors import GoEngineError
from goengine.gtp.engine.settings import Settings, read_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "engine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file(tmp_path: Path) -> None:
    lines = ["temperature = 1", "top_p = 0.9", "symmetries = 8", 'rules = "aga"', "size = 9", "seed = 3"]
    path = write(tmp_path, "\n".join(lines))
    values = read_settings(path)
    assert values == {
        "temperature": 1.0,
        "top_p": 0.9,
        "symmetries": 8,
        "rules": "aga",
        "size": 9,
        "seed": 3,
    }
    settings = Settings().replace(**{**values, "temperature": 0.5})
    assert (settings.temperature, settings.rules, settings.komi) == (0.5, "aga", 7.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("temperature = ", "is not TOML"),
        ("heat = 1", "unknown setting 'heat'; expected one of model, backend, temperature"),
        ("temperature = true", "setting temperature is 'True'; expected a value of type float"),
        ('symmetries = "eight"', "setting symmetries is 'eight'; expected a value of type int"),
        ("rules = 3", "setting rules is '3'; expected a value of type str"),
        ("[komi]\nblack = 3", "setting komi is"),
    ],
)
def test_errors_name_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(GoEngineError) as caught:
        read_settings(path)
    assert str(path) in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(GoEngineError, match="cannot read the settings file"):
        read_settings(tmp_path / "none.toml")


def test_a_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "engine.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(GoEngineError, match="is not TOML"):
        read_settings(path)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Notepad on Windows writes one."""
    path = tmp_path / "settings.toml"
    path.write_text("komi = 6.5\n", encoding="utf-8-sig")
    assert read_settings(path) == {"komi": 6.5}


def test_rules_may_be_in_upper_case() -> None:
    assert Settings().replace(rules="Japanese").rules == "japanese"


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", -1), ("top_p", 2), ("symmetries", 2), ("resign", 1), ("rules", "ing"), ("size", 1)],
)
def test_values_that_are_not_allowed(name: str, value: object) -> None:
    with pytest.raises(GoEngineError):
        Settings().replace(**{name: value})

"""The engine's settings: from options, from a configuration file, and changed while the engine runs."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goengine.errors import GoEngineError
from goengine.game.rules import RULES, check_komi, get_rules
from goengine.player.player import Player, PointPolicy, check_settings
from goengine.points import check_size
from goengine.policy.loading import check_model
from goengine.util.toml import read_toml


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the engine, validated.

    Attributes:
        model: The policy, as `goengine.policy.loading.load_policy` takes it.
        backend: What computes the policy: "torch" or "onnx".
        temperature: The player's temperature; 0 plays the likeliest move.
        top_p: The share of probability that moves are drawn from.
        symmetries: 1, or 8 to average the policy over the symmetries of the board.
        seed: The seed of the draws, None for a different one each time.
        resign: The winrate below which the player resigns, 0 for never.
        rules: The name of a rule set, in lower case.
        komi: Points for White.
        size: The first board's size, None for the model's own.

    Raises:
        GoEngineError: If a value is not allowed.
    """

    model: str = "default"
    backend: str = "torch"
    temperature: float = 0.0
    top_p: float = 1.0
    symmetries: int = 1
    seed: int | None = None
    resign: float = 0.0
    rules: str = "chinese"
    komi: float = 7.5
    size: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", self.rules.lower())
        check_settings(self.temperature, self.seed, self.symmetries, self.top_p, self.resign)
        get_rules(self.rules)
        check_komi(self.komi)
        if self.size is not None:
            check_size(self.size)

    def replace(self, **changes: Any) -> "Settings":
        """Return a copy with other values. A value may be given as text, as in a GTP command.

        Raises:
            GoEngineError: If a setting does not exist, or a value has the wrong type or is not allowed.
        """
        changed = dataclasses.replace(
            self, **{name: _convert(name, value) for name, value in changes.items()}
        )
        if {"model", "backend"} & changes.keys():  # only then, since a loaded model's folder may be deleted
            check_model(changed.model, changed.backend)
        return changed

    def new_player(self, policy: PointPolicy) -> Player:
        """Return a player of this policy with these settings."""
        return Player(policy, self.temperature, self.seed, self.symmetries, self.top_p, self.resign)


_TYPES: dict[str, Any] = {
    field.name: field.type if isinstance(field.type, type) else int for field in dataclasses.fields(Settings)
}  # an "int | None" can be set to integers only

CHANGEABLE = {
    "model": "[string]",
    "temperature": "[string]",
    "top_p": "[string]",
    "symmetries": "[list/1/8]",
    "resign": "[string]",
    "rules": f"[list/{'/'.join(RULES)}]",
    "komi": "[string]",
}
"""The settings that can be changed while the engine runs, with their types in GoGui's parameter dialogue."""


def read_settings(path: str | Path) -> dict[str, Any]:
    """Read settings from a TOML file.

    Returns:
        The values by the setting's name, for `Settings.replace`.

    Raises:
        GoEngineError: If the file cannot be read, is not TOML, or has a setting that does not exist or a
            value of the wrong type.
    """
    values = read_toml(Path(path), "settings file")
    try:
        return {name: _convert(name, value) for name, value in values.items()}
    except GoEngineError as error:
        raise GoEngineError(f"{path}: {error}") from error


def _convert(name: str, value: Any) -> Any:
    """Return a value in its setting's type. Text is parsed; an integer may stand for a float."""
    if name not in _TYPES:
        raise GoEngineError(f"unknown setting {name[:40]!r}; expected one of {', '.join(_TYPES)}")
    kind = _TYPES[name]
    if value is None:
        return None
    if type(value) is kind or isinstance(value, str) or (kind is float and type(value) is int):
        try:
            return kind(value)
        except (ValueError, OverflowError):
            pass
    raise GoEngineError(f"setting {name} is {str(value)[:40]!r}; expected a value of type {kind.__name__}")

"""What a user may set: by option, in a configuration file, and while the engine runs."""

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goengine.errors import GoEngineError
from goengine.game.rules import RULES, check_komi, get_rules
from goengine.player.player import Player, PointPolicy, check_settings
from goengine.points import check_size
from goengine.policy.loading import check_model


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. Raises GoEngineError for a value that makes no sense.

    model, backend: as `goengine.policy.loading.load_policy` takes them. temperature, top_p, symmetries, seed,
    resign: a Player's. rules: a rule set's name. komi: points for White. size: the first board's, None for
    the model's own.
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
        """A copy with other values; they may be text, as a command has them.

        Raises GoEngineError for a setting that does not exist, a value of another type, or one that makes no
        sense.
        """
        changed = dataclasses.replace(
            self, **{name: _convert(name, value) for name, value in changes.items()}
        )
        if {"model", "backend"} & changes.keys():  # only then: a folder may go once it is loaded
            check_model(changed.model, changed.backend)
        return changed

    def new_player(self, policy: PointPolicy) -> Player:
        """A player with these settings."""
        return Player(policy, self.temperature, self.seed, self.symmetries, self.top_p, self.resign)


_TYPES: dict[str, Any] = {
    field.name: field.type if isinstance(field.type, type) else int for field in dataclasses.fields(Settings)
}  # what is "int | None" is set to integers alone

# As GoGui's parameter dialogue names kinds of values; what is not here is given when the engine starts.
CHANGEABLE = {
    "model": "[string]",
    "temperature": "[string]",
    "top_p": "[string]",
    "symmetries": "[list/1/8]",
    "resign": "[string]",
    "rules": f"[list/{'/'.join(RULES)}]",
    "komi": "[string]",
}
"""The settings that may change while the engine runs."""


def read_settings(path: str | Path) -> dict[str, Any]:
    """The settings that a TOML file makes, by name, for `Settings.replace`.

    Raises GoEngineError if the file cannot be read, is not TOML, or sets something that does not exist or to
    a value of another type.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise GoEngineError(f"cannot read the settings {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GoEngineError(f"the settings {path} are not TOML: {error}") from None
    try:
        return {name: _convert(name, value) for name, value in values.items()}
    except GoEngineError as error:
        raise GoEngineError(f"{path}: {error}") from None


def _convert(name: str, value: Any) -> Any:
    """The value in its field's type: from text, which is parsed, or from TOML or Python, where it has one."""
    if name not in _TYPES:
        raise GoEngineError(f"there is no setting {name[:40]!r}; there are {', '.join(_TYPES)}")
    kind = _TYPES[name]
    if value is None or type(value) is kind or (kind is float and type(value) is int):
        return value if value is None else kind(value)
    if isinstance(value, str):
        try:
            return kind(value)
        except ValueError:
            pass
    raise GoEngineError(f"the setting {name} is {str(value)[:40]!r}; it has to be of type {kind.__name__}")

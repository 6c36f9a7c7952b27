"""Rule sets and komi."""

import math
from dataclasses import dataclass
from typing import Literal

from goengine.errors import GoEngineError


@dataclass(frozen=True, slots=True)
class Rules:
    """A rule set.

    Attributes:
        ko: "simple" forbids recapturing a single stone at once. "positional" (positional superko) forbids any
            move that recreates an earlier whole-board position.
        suicide: Whether a move may leave its own chain without liberties; the chain is then removed.
        scoring: "area" counts stones and territory, "territory" counts territory and prisoners.
    """

    ko: Literal["simple", "positional"] = "simple"
    suicide: bool = False
    scoring: Literal["area", "territory"] = "area"


RULES: dict[str, Rules] = {
    "chinese": Rules(),
    "japanese": Rules(scoring="territory"),
    "aga": Rules(ko="positional"),
    "tromp-taylor": Rules(ko="positional", suicide=True),
}
"""Rule sets by name. The AGA's superko is situational, with the player to move; here it is positional."""


def check_komi(komi: float) -> float:
    """Return komi as a float.

    Raises:
        GoEngineError: If it is not a finite number.
    """
    try:
        points = float(komi)
    except (TypeError, ValueError, OverflowError):
        points = math.nan
    if not math.isfinite(points):
        raise GoEngineError(f"komi {str(komi)[:40]} is not a finite number")
    return points


def get_rules(rules: "str | Rules") -> Rules:
    """Return a rule set by name, or unchanged if it is one.

    Raises:
        GoEngineError: If the name is unknown.
    """
    if isinstance(rules, Rules):
        return rules
    try:
        return RULES[rules.lower()]
    except KeyError as error:
        raise GoEngineError(f"unknown rules {rules!r}; expected one of {', '.join(RULES)}") from error

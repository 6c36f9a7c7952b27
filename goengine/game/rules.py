"""Rule sets: what repeats, what is suicide, what is counted; and komi."""

import math
from dataclasses import dataclass
from typing import Literal

from goengine.errors import GoEngineError


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between rule sets.

    ko: "simple" forbids taking back a single stone at once; "positional" (positional superko) forbids
        any play that makes a whole-board position that stood on the board before.
    suicide: whether a play may leave its own chain without liberties (the chain is taken off).
    scoring: "area" (stones and territory) or "territory" (territory and prisoners).
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
"""Rule sets by name. The AGA's own superko looks at whose turn it is as well; here it is positional."""


def check_komi(komi: float) -> float:
    """Return komi as a float.

    Raises GoEngineError if it is no finite number.
    """
    try:
        points = float(komi)
    except (TypeError, ValueError, OverflowError):
        points = math.nan
    if not math.isfinite(points):
        raise GoEngineError(f"komi {str(komi)[:40]} is not a finite number")
    return points


def get_rules(rules: "str | Rules") -> Rules:
    """A rule set by name, or the one given.

    Raises GoEngineError for an unknown name.
    """
    if isinstance(rules, Rules):
        return rules
    try:
        return RULES[rules.lower()]
    except KeyError:
        raise GoEngineError(f"unknown rules {rules!r}; known are {', '.join(RULES)}") from None

"""Accuracy by who moved: by their rank, and for those who moved most by name."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goengine.data.sgf.facts import rank_name
from goengine.training.metrics import Figures, Predictions, figures

MOST_PLAYERS = 10


@dataclass(frozen=True)
class PlayerGroup:
    """Figures of the moves of players of one rank, or of one player."""

    name: str
    figures: Figures


def by_rank(found: Predictions, ranks: NDArray[np.float32]) -> list[PlayerGroup]:
    """By the rank of who moved, the lowest first, as they are written (`5k`, `9d`, `9p`).

    ranks: float32 [N], of who moved in each prediction, on the scale of `goengine.data.sgf.facts.parse_rank`;
    NaN where unknown, which is a group of its own at the end. Empty where no rank is known.
    """
    known = np.isfinite(ranks)
    if not known.any():
        return []
    steps = np.floor(ranks)
    groups = [(rank_name(float(step)), steps == step) for step in np.unique(steps[known])]
    return _groups(found, [*groups, ("unknown", ~known)])


def by_player(found: Predictions, names: NDArray[np.object_]) -> list[PlayerGroup]:
    """The MOST_PLAYERS players with the most predictions, by name; those without a name are left out.

    names: object [N], str, of who moved in each prediction; "" where unknown.
    """
    distinct, counts = np.unique(names[names != ""].astype(str), return_counts=True)
    most = np.argsort(-counts, kind="stable")[:MOST_PLAYERS]
    return _groups(found, [(str(distinct[i]), names == distinct[i]) for i in most])


def _groups(found: Predictions, masks: Iterable[tuple[str, NDArray[np.bool_]]]) -> list[PlayerGroup]:
    return [PlayerGroup(name, figures(found.where(mask))) for name, mask in masks if mask.any()]

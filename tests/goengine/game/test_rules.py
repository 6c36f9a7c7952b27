"""Rule sets by name."""

import dataclasses

import numpy as np
import pytest

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.rules import RULES, Rules, check_komi, get_rules

# name, ko, suicide, scoring
SETS = [
    ("chinese", "simple", False, "area"),
    ("japanese", "simple", False, "territory"),
    ("aga", "positional", False, "area"),
    ("tromp-taylor", "positional", True, "area"),
]


@pytest.mark.parametrize("row", SETS, ids=lambda row: row[0])
def test_rule_sets(row):
    name, ko, suicide, scoring = row
    assert get_rules(name) == get_rules(name.upper()) == Rules(ko=ko, suicide=suicide, scoring=scoring)


def test_every_rule_set_is_tested():
    assert sorted(RULES) == sorted(row[0] for row in SETS)


def test_custom_rules_are_accepted():
    rules = Rules(ko="simple", suicide=True)
    assert get_rules(rules) is rules
    assert Rules() == get_rules("chinese")
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.suicide = False


@pytest.mark.parametrize("name", ["", "klingon", "chinese "])
def test_unknown_rules(name):
    with pytest.raises(GoEngineError, match="expected one of chinese") as caught:
        get_rules(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("komi", "points"), [(7.5, 7.5), (-6, -6.0), (np.float32(0.5), 0.5), ("6.5", 6.5)])
def test_komi_is_a_number(komi, points):
    assert check_komi(komi) == Board(9, komi).komi == points


@pytest.mark.parametrize("komi", [float("nan"), float("inf"), "much", None, 10**400])
def test_komi_that_is_not_finite_is_refused(komi):
    for refuse in (check_komi, lambda komi: Board(9, komi)):
        with pytest.raises(GoEngineError, match="is not a finite number") as caught:
            refuse(komi)
        assert len(str(caught.value)) < 100

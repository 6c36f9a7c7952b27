"""Rule sets by name."""

import dataclasses

import pytest

from goengine.errors import GoEngineError
from goengine.rules import RULES, Rules, get_rules

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


def test_the_table_is_complete():
    assert list(RULES) == [row[0] for row in sorted(SETS, key=lambda row: list(RULES).index(row[0]))]
    assert len(RULES) == len(SETS)


def test_rules_of_ones_own():
    rules = Rules(ko="simple", suicide=True)
    assert get_rules(rules) is rules
    assert Rules() == get_rules("chinese")
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.suicide = False


@pytest.mark.parametrize("name", ["", "klingon", "chinese "])
def test_unknown_rules(name):
    with pytest.raises(GoEngineError, match="known are chinese") as caught:
        get_rules(name)
    assert "\n" not in str(caught.value)

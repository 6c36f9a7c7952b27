"""Accuracy by rank and by player."""

import numpy as np

from goengine.training.evaluation.evaluate import MOST_PLAYERS, by_player, by_rank
from goengine.training.metrics import Predictions

NAN = np.nan


def made(hits):
    count = len(hits)
    half = np.full(count, 0.5, np.float32)
    return Predictions(np.where(hits, 0, 3), half, half, np.arange(count), np.arange(count))


def rows(groups):
    return [(group.name, group.figures.positions, group.figures.top1) for group in groups]


def test_ranks_rise_and_unknown_ranks_come_last():
    ranks = np.float32([19, NAN, -2, 9, 9.5, -2, 9])
    assert rows(by_rank(made([1, 0, 0, 1, 0, 1, 1]), ranks)) == [
        ("3k", 2, 1 / 2),
        ("9d", 3, 2 / 3),
        ("9p", 1, 1.0),
        ("unknown", 1, 0.0),
    ]


def test_games_without_ranks_or_names_have_no_groups():
    assert by_rank(made([1, 0]), np.float32([NAN, NAN])) == []
    assert by_player(made([1, 0]), np.array(["", ""], object)) == []


def test_the_players_with_the_most_moves_are_grouped():
    names = np.array(["Bo", "", "Ann", "Bo", "安"], object)
    groups = rows(by_player(made([1, 1, 0, 0, 1]), names))
    assert groups == [("Bo", 2, 0.5), ("Ann", 1, 0.0), ("安", 1, 1.0)]
    many = np.array([f"p{i:02}" for i in range(30)] + ["p29"], object)
    groups = rows(by_player(made([1] * 31), many))
    assert len(groups) == MOST_PLAYERS
    assert groups[0][:2] == ("p29", 2)

"""Who played, and who moved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.example_records import random_record

from goengine.data.sgf.records import GameRecord, record_to_sgf
from goengine.data.table.load import load_games_and_players
from goengine.data.table.players import positions_of
from goengine.data.table.writer import write_table
from goengine.errors import GoEngineError

PASS = 81


@pytest.fixture(params=["table", "files"])
def loaded(request: pytest.FixtureRequest, tmp_path: Path):
    """Three games: Ann against Bo, Cy (no rank) against Ann, and White moving first for Ann against Bo."""
    ann, bo = {"black_name": "Ann 安", "black_rank": "3k"}, {"white_name": "Bo", "white_rank": "9p"}
    records = [
        replace(random_record(1, 9, 6), **ann, **bo),
        replace(random_record(2, 9, 5), black_name="Cy", white_name="ann 安 ", white_rank="2 dan"),
        GameRecord(size=9, moves=(1, PASS, 2, 3), first_player=2, **ann, **bo),
    ]
    path = tmp_path / "games.parquet"
    if request.param == "table":
        write_table(path, records)
    else:
        path = tmp_path / "games.sgf"
        path.write_bytes(b"".join(map(record_to_sgf, records)))
    return load_games_and_players(path, 9)


def test_names_and_ranks_are_as_recorded(loaded):
    _, players = loaded
    assert players.names.tolist() == [["Ann 安", "Bo"], ["Cy", players.names[1, 1]], ["Ann 安", "Bo"]]
    np.testing.assert_array_equal(players.ranks, np.float32([[-2, 19], [np.nan, 2], [-2, 19]]))


def test_the_player_to_move(loaded):
    games, players = loaded
    moving = players.moving(games, np.array([0, 0, 1, 2, 2]), np.array([0, 1, 3, 0, 1]))
    assert [name.strip().casefold() for name in moving.names] == ["ann 安", "bo", "ann 安", "bo", "ann 安"]
    np.testing.assert_array_equal(moving.ranks, np.float32([-2, 19, 2, 19, -2]))


def test_positions_of_a_player_leave_out_passes(loaded):
    games, players = loaded
    game, ply = positions_of(games, players, "ANN 安")
    starts = games.move_starts
    expected = [
        (g, p)
        for g, parity in ((0, 0), (1, 1), (2, 1))
        for p in range(parity, starts[g + 1] - starts[g], 2)
        if games.moves[starts[g] + p] != PASS
    ]
    assert list(zip(game.tolist(), ply.tolist(), strict=True)) == expected
    assert (2, 1) not in expected  # the pass
    assert (2, 3) in expected


def test_a_sample_of_positions_is_reproducible(loaded):
    games, players = loaded
    every = set(zip(*(a.tolist() for a in positions_of(games, players, "Ann 安")), strict=True))
    drawn = [
        list(zip(*(a.tolist() for a in positions_of(games, players, "Ann 安", 3, seed)), strict=True))
        for seed in (0, 0, 1, 2)
    ]
    assert drawn[0] == drawn[1]
    assert len({tuple(d) for d in drawn}) > 1
    assert all(len(set(d)) == 3 and set(d) <= every and d == sorted(d) for d in drawn)


def test_unknown_players_are_refused(loaded):
    games, players = loaded
    with pytest.raises(GoEngineError, match="no game of a player named 'Zoe'; there are Ann 安, Bo, Cy"):
        positions_of(games, players, "Zoe")


def test_games_without_names_are_refused(tmp_path):
    write_table(tmp_path / "g.parquet", [random_record(1)])
    games, players = load_games_and_players(tmp_path / "g.parquet", 9)
    with pytest.raises(GoEngineError, match="named 'Zoe'; no player is named"):
        positions_of(games, players, "Zoe")


def test_players_who_only_passed_are_refused(tmp_path):
    write_table(tmp_path / "g.parquet", [GameRecord(size=9, moves=(1, PASS), white_name="Zoe")])
    games, players = load_games_and_players(tmp_path / "g.parquet", 9)
    with pytest.raises(GoEngineError, match="the player 'Zoe' made no move"):
        positions_of(games, players, "Zoe")

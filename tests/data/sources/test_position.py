"""Positions out of files of games."""

import bz2

import pytest
from support.example_records import example_records

from goengine.data.sgf.records import record_to_sgf
from goengine.data.sources.position import read_record
from goengine.errors import GoEngineError
from goengine.game.board import WHITE, Board


@pytest.fixture
def collection(tmp_path):
    path = tmp_path / "games.sgf.bz2"
    path.write_bytes(bz2.compress(b"".join(map(record_to_sgf, example_records()))))
    return path


@pytest.mark.parametrize("number", [1, 5, 12])
def test_games_are_counted_from_one(collection, number):
    assert read_record(collection, number).moves == example_records()[number - 1].moves


@pytest.mark.parametrize("plies", [0, 1, 20, None])
def test_a_position_has_so_many_plies(collection, plies):
    record = read_record(collection, 2)
    board = Board.from_record(record, plies)
    assert [point for _, point in board.moves] == list(record.moves[:plies])


def test_setup_stones_and_the_first_player_count(collection):
    record = read_record(collection, 12)
    board = Board.from_record(record, 0)
    assert board.to_play == WHITE
    assert board.setup_stones == ([0, 80], [5])


@pytest.mark.parametrize(
    ("text", "number", "plies", "message"),
    [
        (b"(;SZ[9];B[aa])", 2, None, "there is no game 2, it holds 1"),
        (b"(;SZ[9];B[aa])", 1, 2, "there is no position after 2 plies, the game has 1"),
        (b"(;SZ[9];B[aa];W[aa])", 1, None, "move 2: White cannot play A9"),
        (b"(;SZ[99])", 1, None, "game 1: board size"),
        (b"nothing", 1, None, "there is no game 1 to be read: .*no SGF game"),
    ],
)
def test_positions_that_are_not_there(tmp_path, text, number, plies, message):
    path = tmp_path / "g.sgf"
    path.write_bytes(text)
    with pytest.raises(GoEngineError, match=message):
        Board.from_record(read_record(path, number), plies)

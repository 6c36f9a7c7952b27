"""The status of stones compared with GNU Go's, at the end of real games."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support import shared_dir
from support.real_games import SIZE, real_games

from goengine.errors import IllegalMoveError
from goengine.game.board import Board
from goengine.game.scoring import status
from goengine.gtp.client import Client
from goengine.player.endgame import assess, is_late
from goengine.points import format_vertex, parse_vertex

GNUGO = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")


def finished(folder: Path, games: int) -> list[Board]:
    """Return the final positions of games in which few points are open."""
    boards: list[Board] = []
    for moves in real_games(folder):
        board = Board(SIZE, 6.5)
        try:
            for move in moves:
                board.play(move)
        except IllegalMoveError:
            continue
        if board.ply > 250 and is_late(board) and assess(board).gain.sum() < 10:
            boards.append(board)
            if len(boards) == games:
                break
    return boards


@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
def test_dead_stones_are_gnu_gos() -> None:
    boards = finished(shared_dir(), 4)
    differing = stones = 0
    with Client([str(GNUGO), "--mode", "gtp", "--level", "1", "--chinese-rules", "--seed", "1"]) as gnugo:
        for board in boards:
            for command in (f"boardsize {SIZE}", "clear_board"):
                gnugo.send(command)
            for colour, move in board.moves:
                gnugo.send(f"play {'BW'[colour - 1]} {format_vertex(move, SIZE)}")
            theirs = {parse_vertex(word, SIZE) for word in gnugo.send("final_status_list dead").split()}
            differing += len(theirs ^ set(status(board).dead))
            stones += int(np.count_nonzero(board.stones))
    assert len(boards) == 4
    assert differing <= 0.02 * stones

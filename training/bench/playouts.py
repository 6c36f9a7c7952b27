"""The speed of random games to their end, by which games are scored."""

import time

from goengine.errors import IllegalMoveError
from goengine.game.board import Board
from goengine.game.scoring import estimate
from goengine.kernel.replay import Games
from goengine.training.bench.measure import Report, Task, measure

_GAMES = 64  # a call
_FINISHED = 10  # games of the file whose last positions are played on from

EMPTY = "from the empty board"


def bench_playouts(games: Games, seconds: float = 2.0) -> Report:
    """Random games a second, from the empty board and from the last positions of games.

    seconds: how long each figure is measured. Handicap and setup stones are left out.
    """
    empty, finished = Board(games.size), _last_positions(games)

    def from_empty() -> int:
        estimate(empty, _GAMES)
        return _GAMES

    def from_finished() -> int:
        for board in finished:
            estimate(board, _GAMES)
        return _GAMES * len(finished)

    return Report(
        f"Random games to the end on a {games.size}x{games.size} board",
        "game",
        measure(
            [
                Task("from where games ended", from_finished, time.process_time),
                Task(EMPTY, from_empty, time.process_time),
            ],
            seconds,
        ),
        EMPTY,
        (f"seconds of one core's time; {_GAMES} games a call, the ownership of all points counted",),
    )


def _last_positions(games: Games) -> list[Board]:
    boards = []
    for game in range(min(len(games), _FINISHED)):
        board = Board(games.size)
        try:
            for move in games.moves[games.move_starts[game] : games.move_starts[game + 1]]:
                board.play(int(move))
        except IllegalMoveError:  # the game up to there is as good
            pass
        boards.append(board)
    return boards

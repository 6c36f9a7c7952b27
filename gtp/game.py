"""A game between two GTP engines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from data.records import GameRecord
from goengine.board import BLACK, WHITE, Board, opponent
from goengine.errors import GoEngineError
from goengine.points import format_vertex, parse_vertex
from gtp.client import Client, CommandError, EngineError
from gtp.protocol import format_score

LETTERS = {BLACK: "B", WHITE: "W"}


@dataclass(frozen=True, slots=True)
class Game:
    """A game that was played to its end.

    board: the final position, with all moves.
    result: as SGF has it: "B+3.5", "W+R" (resignation), "0" (a draw).
    ending: how it ended; "length" when it was cut off, the board then counted as it stood.
    """

    board: Board
    black: str
    white: str
    result: str
    ending: Literal["passes", "resignation", "length"]

    def record(self, event: str = "") -> GameRecord:
        """The game as data.records writes it to SGF, dated today."""
        board = self.board
        return GameRecord(
            size=board.size,
            moves=tuple(point for _, point in board.moves),
            komi=board.komi,
            rules="Chinese",
            date=date.today().isoformat(),
            result=self.result,
            black_name=self.black,
            white_name=self.white,
            event=event,
        )


def play_game(
    black: Client,
    white: Client,
    size: int = 19,
    komi: float = 7.5,
    opening: Sequence[int] = (),
    referee: Client | None = None,
    max_plies: int | None = None,
    report: Callable[[Board], None] | None = None,
) -> Game:
    """Let two engines play an even game from the empty board under area rules. They may be the same one.

    opening: points that are played before the engines think, Black first.
    referee: an engine that knows dead stones, a player or one that looks on; its `final_score` holds. Without
        one the board is counted as it stands, every stone as alive.
    max_plies: when the game is cut off, twice the number of points unless given.
    report: called after each ply.

    Raises EngineError if an engine dies, hangs, refuses a command, or plays an illegal move.
    """
    board = Board(size, komi)
    players = {BLACK: black, WHITE: white}
    engines = list({id(engine): engine for engine in (black, white, referee) if engine is not None}.values())
    for engine in engines:
        for command in (f"boardsize {size}", "clear_board", f"komi {komi:g}"):
            _send(engine, command)
    for point in opening:
        _tell(engines, board, point)
    limit = 2 * size * size if max_plies is None else max_plies
    while not board.is_over and board.ply < limit:
        colour = board.to_play
        mover = players[colour]
        answer = _send(mover, f"genmove {LETTERS[colour]}")
        if answer.lower() == "resign":
            return _game(board, players, f"{LETTERS[opponent(colour)]}+R", "resignation")
        try:
            board.play(parse_vertex(answer, size))
        except GoEngineError as error:
            raise EngineError(
                f"{mover.name} played {answer[:40]!r} as move {board.ply + 1}: {error}"
            ) from None
        for engine in engines:
            if engine is not mover:
                _send(engine, _play_command(board))
        if report is not None:
            report(board)
    result = format_score(board.area_score()) if referee is None else _send(referee, "final_score")
    return _game(board, players, result, "passes" if board.is_over else "length")


def _send(engine: Client, command: str) -> str:
    try:
        return engine.send(command)
    except CommandError as error:
        raise EngineError(str(error)) from None


def _tell(engines: Sequence[Client], board: Board, point: int) -> None:
    board.play(point)
    for engine in engines:
        _send(engine, _play_command(board))


def _play_command(board: Board) -> str:
    colour, point = board.moves[-1]
    return f"play {LETTERS[colour]} {format_vertex(point, board.size)}"


def _game(
    board: Board,
    players: dict[int, Client],
    result: str,
    ending: Literal["passes", "resignation", "length"],
) -> Game:
    return Game(board, players[BLACK].name, players[WHITE].name, result, ending)

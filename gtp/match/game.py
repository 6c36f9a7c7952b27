"""A game between two GTP engines."""

import contextlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from goengine.data.sgf.records import GameRecord
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, WHITE, Board, opponent
from goengine.game.scoring import final_score
from goengine.gtp.engine.protocol import format_score
from goengine.gtp.match.client import Client, CommandError, EngineError, EngineTimeout
from goengine.points import format_vertex, parse_vertex

LETTERS = {BLACK: "B", WHITE: "W"}

Ending = Literal["passes", "resignation", "length", "forfeit"]
Fault = Literal["time-out", "crash", "illegal move", "refusal"]
"""What loses a game by forfeit: no answer in time; an engine that died, or does not speak GTP; a move that
the rules do not allow, or that is none; a command that every engine must follow answered with an error."""

_SGF_RULES = {"chinese": "Chinese", "japanese": "Japanese", "aga": "AGA", "tromp-taylor": "Tromp-Taylor"}
_SCORE = re.compile(r"[BW]\+[0-9]+(\.[0-9]+)?|0")


@dataclass(frozen=True, slots=True)
class Game:
    """A game that was played to its end.

    board: the final position, with all moves.
    rules: the rule set's name.
    result: as SGF has it: "B+3.5", "W+R" (resignation), "0" (a draw), "B+T" (time), "B+F" (forfeit).
    ending: how it ended; "length" when it was cut off, and counted then.
    move_seconds: by colour, how long each answer to genmove took, a resignation's too.
    scores: by colour, each player's own final_score where two passes ended the game and it has one.
    """

    board: Board
    black: str
    white: str
    rules: str
    result: str
    ending: Ending
    move_seconds: Mapping[int, Sequence[float]]
    scores: Mapping[int, str] = field(default_factory=dict)

    def record(self, event: str = "") -> GameRecord:
        """The game as goengine.data.sgf.records writes it to SGF, dated today."""
        board = self.board
        return GameRecord(
            size=board.size,
            moves=tuple(point for _, point in board.moves),
            komi=board.komi,
            rules=_SGF_RULES[self.rules.lower()],
            date=date.today().isoformat(),
            result=self.result,
            black_name=self.black,
            white_name=self.white,
            event=event,
        )


class Forfeit(EngineError):  # noqa: N818 (a kind of EngineError)
    """A player did what loses the game. The message says what.

    colour: who. fault: what kind of fault it is. game: what was played until then, won by the other.
    """

    def __init__(self, message: str, colour: int, fault: Fault, game: Game) -> None:
        super().__init__(message)
        self.colour, self.fault, self.game = colour, fault, game


def play_game(
    black: Client,
    white: Client,
    size: int = 19,
    komi: float = 7.5,
    opening: Sequence[int] = (),
    referee: Client | None = None,
    max_plies: int | None = None,
    report: Callable[[Board], None] | None = None,
    rules: str = "chinese",
    move_seconds: float | None = None,
) -> Game:
    """Let two engines play an even game from the empty board. They may be the same one.

    opening: points that are played before the engines think, Black first.
    referee: an engine that knows dead stones, a player or one that looks on; its `final_score` holds. Without
        one the board is counted by `goengine.game.scoring`, dead stones taken off.
    max_plies: when the game is cut off, twice the number of points unless given.
    report: called after each ply.
    rules: what moves are legal and how the board is counted. GTP has no command for it: engines are told
        of size and komi alone.
    move_seconds: how long an engine may take for a move, its own or to be told of one; its client's time-out
        unless given.

    Raises Forfeit if a player dies, hangs, refuses a command, or plays an illegal move; EngineError if a
    referee that looks on fails, or gives no score.
    """
    board = Board(size, komi, rules)
    table = _Table(board, rules, {BLACK: black, WHITE: white}, move_seconds)
    engines = list({id(engine): engine for engine in (black, white, referee) if engine is not None}.values())
    for engine in engines:
        for command in (f"boardsize {size}", "clear_board", f"komi {komi:g}"):
            table.send(engine, command)
    for point in opening:
        board.play(point)
        table.tell(engines)
    limit = 2 * size * size if max_plies is None else max_plies
    while not board.is_over and board.ply < limit:
        colour = board.to_play
        answer = table.ask_for_move(colour)
        if answer.lower() == "resign":
            return table.game(f"{LETTERS[opponent(colour)]}+R", "resignation")
        mover = table.players[colour]
        try:
            board.play(parse_vertex(answer, size))
        except GoEngineError as error:
            message = f"{mover.name} played {answer[:40]!r} as move {board.ply + 1}: {error}"
            raise table.forfeit(colour, message, "illegal move") from None
        table.tell([engine for engine in engines if engine is not mover])
        if report is not None:
            report(board)
    result = format_score(final_score(board)) if referee is None else table.ask_for_score(referee)
    if not board.is_over:
        return table.game(result, "length")
    return table.game(result, "passes", table.ask_for_opinions())


class _Table:
    """A board, and the engines that sit at it. Says whose fault it is when one fails."""

    def __init__(
        self, board: Board, rules: str, players: dict[int, Client], move_seconds: float | None
    ) -> None:
        self.board, self.rules, self.players = board, rules, players
        self._limit = move_seconds
        self._seconds: dict[int, list[float]] = {BLACK: [], WHITE: []}

    def send(self, engine: Client, command: str, seconds: float | None = None) -> str:
        fault: Fault
        try:
            return engine.send(command, seconds)
        except CommandError as error:
            message, fault = str(error), "refusal"
        except EngineError as error:
            message, fault = str(error), "time-out" if isinstance(error, EngineTimeout) else "crash"
        # One that plays both sides is at fault as the side that moves.
        order = (self.board.to_play, opponent(self.board.to_play))
        for colour in order:
            if self.players[colour] is engine:
                raise self.forfeit(colour, message, fault)
        raise EngineError(message)

    def tell(self, engines: Sequence[Client]) -> None:
        """Tell engines of the last move."""
        colour, point = self.board.moves[-1]
        for engine in engines:
            self.send(engine, f"play {LETTERS[colour]} {format_vertex(point, self.board.size)}", self._limit)

    def ask_for_move(self, colour: int) -> str:
        started = time.perf_counter()
        answer = self.send(self.players[colour], f"genmove {LETTERS[colour]}", self._limit)
        self._seconds[colour].append(time.perf_counter() - started)
        return answer

    def ask_for_score(self, referee: Client) -> str:
        score = self.send(referee, "final_score")
        if not _SCORE.fullmatch(score):
            raise EngineError(f"{referee.name} gave {score[:40]!r} as the score of a game, which is none")
        return score

    def ask_for_opinions(self) -> dict[int, str]:
        """Each player's own count of the game. It decides nothing: who cannot count loses nothing by it."""
        opinions = {}
        for colour, player in self.players.items():
            with contextlib.suppress(CommandError, EngineError):
                score = player.send("final_score")
                if _SCORE.fullmatch(score):
                    opinions[colour] = _plain(score)
        return opinions

    def forfeit(self, colour: int, message: str, fault: Fault) -> Forfeit:
        result = f"{LETTERS[opponent(colour)]}+{'T' if fault == 'time-out' else 'F'}"
        return Forfeit(message, colour, fault, self.game(result, "forfeit"))

    def game(self, result: str, ending: Ending, scores: Mapping[int, str] | None = None) -> Game:
        names = self.players[BLACK].name, self.players[WHITE].name
        return Game(self.board, *names, self.rules, result, ending, self._seconds, scores or {})


def _plain(score: str) -> str:
    """A score without needless decimals, so that W+3.0 and W+3 are the same."""
    if score == "0":
        return score
    points = float(score[2:])
    return format_score(points if score[0] == "B" else -points)

"""A game between two GTP engines."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from goengine.colours import BLACK, WHITE, opponent
from goengine.data.sgf.records import GameRecord
from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.scoring import final_score
from goengine.gtp.client import Client, CommandError, EngineError, EngineTimeout
from goengine.gtp.notation import COLOUR_LETTERS, format_score, parse_move, parse_score
from goengine.points import RESIGN, format_vertex

Ending = Literal["passes", "resignation", "length", "forfeit"]
"""How a game ended; "length" means that it was cut off and scored."""

Fault = Literal["time-out", "crash", "illegal move", "refusal"]
"""What loses a game by forfeit: no response in time; an engine that died or does not speak GTP; an illegal
move, or a response to genmove that is not a move; an error as the response to a necessary command."""

_SGF_RULES = {"chinese": "Chinese", "japanese": "Japanese", "aga": "AGA", "tromp-taylor": "Tromp-Taylor"}


@dataclass(frozen=True, slots=True)
class Game:
    """A finished game.

    Attributes:
        board: The final position, with all moves.
        black: Black's name.
        white: White's name.
        rules: The name of the rule set.
        result: The result as in SGF: "B+3.5", "W+R" (resignation), "0" (draw), "B+T" (time), "B+F" (forfeit).
        ending: How the game ended.
        move_seconds: By colour, the seconds that each response to genmove took, a resignation included.
        scores: By colour, the player's own `final_score` after two passes, if it gave a valid one.
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
        """Return a record of the game, dated today, that can be written as SGF."""
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
    """A player lost the game by a fault. The message describes it.

    Attributes:
        colour: The player at fault.
        fault: The kind of fault.
        game: The game up to the fault, won by the opponent.
    """

    def __init__(self, message: str, colour: int, fault: Fault, game: Game) -> None:
        """Make the error from its message and attributes."""
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
    """Let two engines play a game without handicap.

    Args:
        black: The engine that plays Black.
        white: The engine that plays White; may be the same one.
        size: The board size.
        komi: Points for White.
        opening: Points that are played before the engines choose moves, Black's first.
        referee: An engine whose `final_score` is the game's result; may be a player. Without one,
            `goengine.game.scoring` scores the board with dead stones removed.
        max_plies: The ply after which the game is cut off and scored; twice the number of points unless
            given.
        report: Called with the board after each ply that an engine chose.
        rules: The rule set for legal moves and scoring. The engines learn only the size and the komi, since
            GTP has no command for rules.
        move_seconds: Seconds that an engine may take for `genmove` or `play`; its client's timeout unless
            given.

    Raises:
        Forfeit: If a player dies, does not respond in time, refuses a command or plays an illegal move.
        EngineError: If a referee that does not play fails, or a referee gives no valid score.
    """
    board = Board(size, komi, rules)
    ongoing = _OngoingGame(board, rules, {BLACK: black, WHITE: white}, move_seconds)
    engines = list({id(engine): engine for engine in (black, white, referee) if engine is not None}.values())
    for engine in engines:
        for command in (f"boardsize {size}", "clear_board", f"komi {komi:g}"):
            ongoing.send(engine, command)
    for point in opening:
        board.play(point)
        ongoing.send_last_move(engines)
    limit = 2 * size * size if max_plies is None else max_plies
    while not board.is_over and board.ply < limit:
        colour = board.to_play
        player = ongoing.players[colour]
        response = ongoing.request_move(colour)
        try:
            move = parse_move(response, size)
            if move == RESIGN:
                return ongoing.game(f"{COLOUR_LETTERS[opponent(colour)]}+R", "resignation")
            board.play(move)
        except GoEngineError as error:
            message = f"{player.name} played {response[:40]!r} as move {board.ply + 1}: {error}"
            raise ongoing.forfeit(colour, message, "illegal move") from error
        ongoing.send_last_move([engine for engine in engines if engine is not player])
        if report is not None:
            report(board)
    result = format_score(final_score(board)) if referee is None else ongoing.request_score(referee)
    if not board.is_over:
        return ongoing.game(result, "length")
    return ongoing.game(result, "passes", ongoing.request_players_scores())


class _OngoingGame:
    """A game in progress: the board and the engines, with each failure attributed to a player."""

    def __init__(
        self, board: Board, rules: str, players: dict[int, Client], move_seconds: float | None
    ) -> None:
        self.board, self.rules, self.players = board, rules, players
        self._move_limit = move_seconds
        self._seconds: dict[int, list[float]] = {BLACK: [], WHITE: []}

    def send(self, engine: Client, command: str, seconds: float | None = None) -> str:
        cause: GoEngineError
        fault: Fault
        try:
            return engine.send(command, seconds)
        except CommandError as error:
            cause, fault = error, "refusal"
        except EngineError as error:
            cause, fault = error, "time-out" if isinstance(error, EngineTimeout) else "crash"
        # An engine that plays both colours loses as the player to move.
        for colour in (self.board.to_play, opponent(self.board.to_play)):
            if self.players[colour] is engine:
                raise self.forfeit(colour, str(cause), fault) from cause
        raise EngineError(str(cause)) from cause

    def send_last_move(self, engines: Sequence[Client]) -> None:
        colour, point = self.board.moves[-1]
        command = f"play {COLOUR_LETTERS[colour]} {format_vertex(point, self.board.size)}"
        for engine in engines:
            self.send(engine, command, self._move_limit)

    def request_move(self, colour: int) -> str:
        started = time.perf_counter()
        response = self.send(self.players[colour], f"genmove {COLOUR_LETTERS[colour]}", self._move_limit)
        self._seconds[colour].append(time.perf_counter() - started)
        return response

    def request_score(self, referee: Client) -> str:
        score = self.send(referee, "final_score")
        try:
            parse_score(score)
        except GoEngineError as error:
            raise EngineError(
                f"{referee.name} answered final_score with {score[:40]!r}; expected a score such as B+3.5"
            ) from error
        return score

    def request_players_scores(self) -> dict[int, str]:
        """Return each player's own score, without needless decimals. A player that fails loses nothing."""
        scores = {}
        for colour, player in self.players.items():
            with contextlib.suppress(GoEngineError):
                scores[colour] = format_score(parse_score(player.send("final_score")))
        return scores

    def forfeit(self, colour: int, message: str, fault: Fault) -> Forfeit:
        result = f"{COLOUR_LETTERS[opponent(colour)]}+{'T' if fault == 'time-out' else 'F'}"
        return Forfeit(message, colour, fault, self.game(result, "forfeit"))

    def game(self, result: str, ending: Ending, scores: Mapping[int, str] | None = None) -> Game:
        names = self.players[BLACK].name, self.players[WHITE].name
        return Game(self.board, *names, self.rules, result, ending, self._seconds, scores or {})

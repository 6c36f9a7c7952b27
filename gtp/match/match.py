"""A match: many games between two GTP engines, several at a time."""

import queue
import random
import threading
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

from goengine.colours import BLACK, WHITE
from goengine.errors import GoEngineError
from goengine.gtp.client import Client, CommandError
from goengine.gtp.match.game import Forfeit, Game, play_game
from goengine.gtp.match.openings import distinct_openings
from goengine.gtp.match.record import SIDES, MatchRecord, MatchSettings, PlayedGame, Side, other_side

SETUP_SECONDS = 120.0
"""Seconds that an engine may take to answer anything but a move: to start, to load a network, to score."""

_MAX_NAME_LENGTH = 60


def play_match(record: MatchRecord, games: int, parallel: int = 2) -> Generator[PlayedGame, None, None]:
    """Play those of the games 1 to `games` that the record does not hold, add each to it, and yield it.

    Engine A has Black in games of odd number. Each game has a different opening, which depends on the
    settings' seed and the game's number. An engine that fails loses the game and is restarted. Closing the
    generator kills the engines at once; unfinished games are lost.

    Args:
        record: The match, to which the games are added.
        games: The number of games in the whole match.
        parallel: How many games are played at a time, each by its own processes.

    Raises:
        GoEngineError: If an engine cannot be started or refuses the board size, the scorer fails, there are
            fewer openings than games, or the record cannot be written.
    """
    remaining = [number for number in range(1, games + 1) if number not in record.games]
    if not remaining:
        return
    settings = record.settings
    openings = list(islice(distinct_openings(settings.size, random.Random(settings.seed)), games))
    workers = [_Worker(settings) for _ in range(min(parallel, len(remaining)))]
    free: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    pool = ThreadPoolExecutor(len(workers))

    def play(number: int) -> tuple[PlayedGame, Game]:
        worker = free.get()
        try:
            return worker.play(number, openings[number - 1], record.names)
        finally:
            free.put(worker)

    try:
        record.start(workers[0].request_names())
        for worker in workers:
            free.put(worker)
        for future in as_completed([pool.submit(play, number) for number in remaining]):
            played, game = future.result()
            record.add(played, game.record(event=f"match, game {played.number}"))
            yield played
    except BaseException:
        for worker in workers:
            worker.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        for worker in workers:
            worker.close()


class _Worker:
    """One process of each engine. They play one game after another."""

    def __init__(self, settings: MatchSettings) -> None:
        self._settings = settings
        self._commands: dict[str, str] = {"A": settings.engine_a, "B": settings.engine_b}
        if settings.scorer:
            self._commands["scorer"] = settings.scorer
        self._engines: dict[str, Client] = {}  # by role: a side, or "scorer"
        self._lock = threading.Lock()  # so that no engine starts while `kill` ends them
        self._closed = False

    def request_names(self) -> dict[Side, str]:
        """Ask the engines for their names and versions, and whether they play on this board.

        Raises:
            EngineError: If an engine cannot be started or does not respond.
            CommandError: If an engine refuses the board size.
        """
        for role in self._commands:
            self._engine(role).send(f"boardsize {self._settings.size}")
        names = {side: _full_name(self._engine(side)) for side in SIDES}
        if names["A"] == names["B"]:
            return {side: f"{name} ({side})" for side, name in names.items()}
        return names

    def play(self, number: int, opening: Sequence[int], names: Mapping[Side, str]) -> tuple[PlayedGame, Game]:
        settings = self._settings
        black: Side = "A" if number % 2 else "B"
        sides = {BLACK: black, WHITE: other_side(black)}
        players = {colour: self._engine(side) for colour, side in sides.items()}
        for colour, side in sides.items():
            players[colour].name = names[side]
        forfeit = None
        try:
            game = play_game(
                players[BLACK],
                players[WHITE],
                settings.size,
                settings.komi,
                opening,
                referee=self._engine("scorer") if settings.scorer else None,
                max_plies=settings.max_moves,
                rules=settings.rules,
                move_seconds=settings.move_seconds,
            )
        except Forfeit as error:
            forfeit, game = error, error.game
            faulty = self._engines.pop(sides[error.colour])
            faulty.kill()
            faulty.close()
        times = {side: game.move_seconds[colour] for colour, side in sides.items()}
        played = PlayedGame(
            number=number,
            black=black,
            result=game.result,
            ending=game.ending,
            plies=game.board.ply,
            answers={side: len(times[side]) for side in SIDES},
            seconds={side: sum(times[side]) for side in SIDES},
            slowest={side: max(times[side], default=0.0) for side in SIDES},
            scores={side: game.scores[colour] for colour, side in sides.items() if colour in game.scores},
            fault=forfeit.fault if forfeit else None,
            reason=str(forfeit) if forfeit else "",
        )
        return played, game

    def kill(self) -> None:
        """Kill all engines and start none again. Other threads may be waiting for responses."""
        with self._lock:
            self._closed = True
            for engine in list(self._engines.values()):
                engine.kill()

    def close(self) -> None:
        """Let the engines quit."""
        for engine in self._engines.values():
            engine.close()

    def _engine(self, role: str) -> Client:
        """Return the engine with this role; start it if it does not run."""
        with self._lock:
            if self._closed:
                raise GoEngineError("the match has ended")
            engine = self._engines.get(role)
            if engine is not None and engine.exit_code is not None:
                engine.close()
                engine = None
            if engine is None:
                engine = Client(self._commands[role], timeout=SETUP_SECONDS)
                self._engines[role] = engine
            return engine


def _full_name(engine: Client) -> str:
    """Return the name and version that the engine answers, or else the program's name."""
    words = []
    for command in ("name", "version"):
        try:
            words += engine.send(command).split()
        except CommandError:
            continue
    return " ".join(words)[:_MAX_NAME_LENGTH] or engine.name

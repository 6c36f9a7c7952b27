"""What a match is and what came of it, kept in a folder so that it can go on later.

The folder holds `match.json`, which names the settings and all finished games, and each game as SGF.
"""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from goengine.data.sgf.records import GameRecord, record_to_sgf
from goengine.errors import GoEngineError
from goengine.game.rules import check_komi, get_rules
from goengine.gtp.match.game import Ending, Fault
from goengine.gtp.match.openings import SMALLEST, STONES
from goengine.points import check_size
from goengine.util.files import make_folder, whole_file

Side = Literal["A", "B"]
SIDES: tuple[Side, Side] = ("A", "B")

MATCH_FILE = "match.json"


def other_side(side: Side) -> Side:
    """The opponent."""
    return "B" if side == "A" else "A"


@dataclass(frozen=True, slots=True)
class Settings:
    """What decides how the games of a match go. A match goes on only with the same ones.

    engine_a, engine_b, scorer: commands that start the engines; the scorer's `final_score` holds, and where
        there is none (""), `goengine.game.scoring` counts.
    max_moves: plies after which a game is cut off and counted.
    move_seconds: how long a move may take before it loses the game.
    seed: of the openings.
    """

    engine_a: str
    engine_b: str
    size: int = 19
    komi: float = 7.5
    rules: str = "chinese"
    max_moves: int = 722
    move_seconds: float = 60.0
    scorer: str = ""
    seed: int = 1

    def __post_init__(self) -> None:
        """Raises GoEngineError for a setting that no match can have."""
        if check_size(self.size) < SMALLEST:
            raise GoEngineError(f"a match on {self.size}x{self.size} has no openings; the least is 5x5")
        check_komi(self.komi)
        get_rules(self.rules)
        if self.max_moves <= STONES:
            raise GoEngineError(f"max-moves {self.max_moves} ends games with their {STONES} opening stones")
        if not (math.isfinite(self.move_seconds) and self.move_seconds > 0):
            raise GoEngineError(f"move-seconds {self.move_seconds} is no time to move in")


@dataclass(frozen=True, slots=True)
class PlayedGame:
    """A finished game of a match.

    number: from 1. black: which side had Black. result: as SGF has it. plies: moves and passes, the
    opening's included. answers, seconds, slowest: by side, how many moves it was asked for, how long all of
    them took and the longest. fault, reason: what the loser of a forfeit did, in a word and in a sentence.
    scores: by side, its own final_score of a game that two passes ended, where it has one.
    """

    number: int
    black: Side
    result: str
    ending: Ending
    plies: int
    answers: dict[Side, int]
    seconds: dict[Side, float]
    slowest: dict[Side, float]
    fault: Fault | None = None
    reason: str = ""
    scores: dict[Side, str] = field(default_factory=dict)

    @property
    def winner(self) -> Side | None:
        """Who won, None for a draw."""
        if self.result[:2] == "B+":
            return self.black
        return other_side(self.black) if self.result[:2] == "W+" else None


@dataclass
class MatchRecord:
    """A match as far as it has been played.

    folder: where it is kept, None for nowhere. names: what the engines call themselves, empty until they
    were asked. games: the finished ones by number.
    """

    settings: Settings
    folder: Path | None = None
    names: dict[Side, str] = field(default_factory=dict)
    games: dict[int, PlayedGame] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: Settings, folder: Path | None) -> "MatchRecord":
        """The match that the folder holds, or a new one if it is empty or not there yet.

        Raises GoEngineError if it holds a match with other settings, something else, or a damaged record.
        """
        record = cls(settings, folder)
        if folder is None or not folder.exists():
            return record
        if not folder.is_dir():
            raise GoEngineError(f"{folder} is no folder; the games of a match need one")
        path = folder / MATCH_FILE
        if not path.exists():
            if any(folder.iterdir()):
                raise GoEngineError(f"{folder} holds other files but no {MATCH_FILE}; name a new folder")
            return record
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            kept = Settings(**found["settings"])
            record.names = dict(found["names"])
            record.games = {game["number"]: PlayedGame(**game) for game in found["games"]}
        except OSError as error:
            raise GoEngineError(f"{path}: cannot be read ({error.strerror})") from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise GoEngineError(f"{path} is damaged: it is no record of a match") from None
        for setting, here in asdict(settings).items():
            there = getattr(kept, setting)
            if there != here:
                what = setting.replace("_", " ")
                raise GoEngineError(f"{folder} holds another match: {what} is {there!r} there, {here!r} here")
        return record

    def first(self, games: int) -> list[PlayedGame]:
        """The finished ones among the games 1 to `games`, in order."""
        return [self.games[number] for number in sorted(self.games) if number <= games]

    def start(self, names: dict[Side, str]) -> None:
        """Make the folder, and note what the engines call themselves.

        Raises GoEngineError if they called themselves otherwise before.
        """
        for side, name in self.names.items():
            if names[side] != name:
                raise GoEngineError(
                    f"{self.folder} holds another match: engine {side} is {name} there, {names[side]} here"
                )
        self.names = names
        if self.folder is not None:
            make_folder(self.folder)
            self._write()

    def add(self, game: PlayedGame, record: GameRecord) -> None:
        """Keep a finished game."""
        self.games[game.number] = game
        if self.folder is not None:
            with whole_file(self.folder / f"game-{game.number:04}.sgf") as partial:
                partial.write_bytes(record_to_sgf(record))
            self._write()

    def _write(self) -> None:
        assert self.folder is not None
        content = {
            "settings": asdict(self.settings),
            "names": self.names,
            "games": [asdict(self.games[number]) for number in sorted(self.games)],
        }
        with whole_file(self.folder / MATCH_FILE) as partial:
            partial.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

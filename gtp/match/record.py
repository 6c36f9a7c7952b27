"""The record of a match: its settings and finished games, kept in a folder so that it can be continued.

The folder holds `match.json`, with the settings and all finished games, and each game as SGF.
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
from goengine.gtp.match.openings import MIN_SIZE, STONES
from goengine.points import check_size
from goengine.util.files import make_folder, whole_file

Side = Literal["A", "B"]
SIDES: tuple[Side, Side] = ("A", "B")

MATCH_FILE = "match.json"


def other_side(side: Side) -> Side:
    """Return the opponent's side."""
    return "B" if side == "A" else "A"


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """The settings of a match, validated. A match can be continued only with the same settings.

    Attributes:
        engine_a: The command that starts engine A.
        engine_b: The command that starts engine B.
        size: The board size.
        komi: Points for White.
        rules: The name of a rule set, in lower case.
        max_moves: The ply after which a game is cut off and scored.
        move_seconds: Seconds that a move may take; an engine that takes longer loses the game.
        scorer: The command that starts an engine whose `final_score` is the result of each game; with "",
            `goengine.game.scoring` scores them.
        seed: The seed of the openings.

    Raises:
        GoEngineError: If a value is not allowed.
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
        if check_size(self.size) < MIN_SIZE:
            raise GoEngineError(f"board size {self.size} is too small for a match; the smallest is 5")
        check_komi(self.komi)
        get_rules(self.rules)
        if self.max_moves <= STONES:
            raise GoEngineError(
                f"max-moves is {self.max_moves}; expected more than the {STONES} stones of an opening"
            )
        if not (math.isfinite(self.move_seconds) and self.move_seconds > 0):
            raise GoEngineError(f"move-seconds is {self.move_seconds}; expected a number above 0")


@dataclass(frozen=True, slots=True)
class PlayedGame:
    """A finished game of a match.

    Attributes:
        number: The game's number, from 1.
        black: The side that had Black.
        result: The result as in SGF.
        ending: How the game ended.
        plies: Moves and passes, the opening's included.
        answers: By side, the number of moves that it was asked for.
        seconds: By side, the seconds that all of them took.
        slowest: By side, the seconds that the slowest took.
        fault: What the loser of a forfeit did, None without a forfeit.
        reason: The same in a sentence, "" without a forfeit.
        scores: By side, its own `final_score` after two passes, if it gave a valid one.
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
        """The side that won, None for a draw."""
        if self.result[:2] == "B+":
            return self.black
        return other_side(self.black) if self.result[:2] == "W+" else None


@dataclass
class MatchRecord:
    """A match and the games played so far.

    Attributes:
        settings: The match's settings.
        folder: The folder that keeps the match, None to keep it in memory only.
        names: The engines' names and versions; empty until they have been asked.
        games: The finished games by number.
    """

    settings: MatchSettings
    folder: Path | None = None
    names: dict[Side, str] = field(default_factory=dict)
    games: dict[int, PlayedGame] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: MatchSettings, folder: Path | None) -> "MatchRecord":
        """Return the match that a folder holds, or a new match if the folder is empty or does not exist.

        Raises:
            GoEngineError: If the folder holds other files, a match with other settings, or a damaged record.
        """
        record = cls(settings, folder)
        if folder is None or not folder.exists():
            return record
        if not folder.is_dir():
            raise GoEngineError(f"{folder} is not a folder; the games of a match are kept in a folder")
        path = folder / MATCH_FILE
        if not path.exists():
            if any(folder.iterdir()):
                raise GoEngineError(f"{folder} holds other files but no {MATCH_FILE}; name a new folder")
            return record
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            saved = MatchSettings(**content["settings"])
            record.names = dict(content["names"])
            record.games = {game["number"]: PlayedGame(**game) for game in content["games"]}
        except OSError as error:
            raise GoEngineError(f"cannot read {path}: {error.strerror}") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise GoEngineError(f"{path} is damaged: it is not the record of a match") from error
        for setting, value in asdict(settings).items():
            saved_value = getattr(saved, setting)
            if saved_value != value:
                name = setting.replace("_", " ")
                raise GoEngineError(
                    f"{folder} holds another match: its {name} is {saved_value!r}, not {value!r}"
                )
        return record

    def first(self, games: int) -> list[PlayedGame]:
        """Return the finished games with numbers up to `games`, in order."""
        return [self.games[number] for number in sorted(self.games) if number <= games]

    def start(self, names: dict[Side, str]) -> None:
        """Create the folder and save the engines' names.

        Raises:
            GoEngineError: If a name differs from the saved one.
        """
        for side, name in self.names.items():
            if names[side] != name:
                raise GoEngineError(
                    f"{self.folder} holds another match: its engine {side} is {name}, not {names[side]}"
                )
        self.names = names
        if self.folder is not None:
            make_folder(self.folder)
            self._write()

    def add(self, game: PlayedGame, record: GameRecord) -> None:
        """Add a finished game, and save it as SGF."""
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

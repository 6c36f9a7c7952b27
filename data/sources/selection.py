"""Which of the games that are found a table takes."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from goengine.data.sgf.dates import parse_date
from goengine.data.sgf.facts import parse_rank, parse_result
from goengine.data.sgf.records import GameRecord
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY, WHITE

RESULTS = ("black", "white", "draw", "points", "resignation", "time", "forfeit", "void")
"""What may be asked of a result: who won, or how the game ended."""

_SHOWN = 60  # of a text in a reason, so that a list of reasons stays short whatever a record holds
_WINNERS = {"black": BLACK, "white": WHITE, "draw": EMPTY}


@dataclass(frozen=True, slots=True)
class Ranks:
    """A range of ranks on the scale of `parse_rank`, both ends included; text is how it was asked for."""

    text: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of a game. A game whose record is silent on what is asked is left out.

    Public attributes:
      size -- board size
      min_moves -- moves and passes, at least
      ranks -- of both players
      since, until -- days on which the game was played; a game of an unknown day in a month, or month in a
          year, counts where all of that time does
      even -- True: no handicap and no setup stones; False: a handicap of two stones or more
      player -- part of a player's name, in any case
      results -- names of RESULTS that all hold
      keep_illegal -- whether a game with a fault is kept up to it, or dropped
    """

    size: int = 19
    min_moves: int = 1
    ranks: Ranks | None = None
    since: date | None = None
    until: date | None = None
    even: bool | None = None
    player: str = ""
    results: tuple[str, ...] = ()
    keep_illegal: bool = True

    def __post_init__(self) -> None:
        """Raises GoEngineError if a name of `results` is none of RESULTS."""
        for name in self.results:
            if name not in RESULTS:
                raise GoEngineError(f"a result is one of {', '.join(RESULTS)}, not {name!r}")

    def refusal(self, record: GameRecord) -> str:
        """Why a record is not asked for, `""` if it is. Does not look at its moves."""
        if record.size != self.size:
            return f"board size: {record.size}x{record.size} in a table of {self.size}x{self.size}"
        for fits, kind, said in (
            (self._rank_fits, "rank", (record.black_rank, record.white_rank)),
            (self._date_fits, "date", (record.date,)),
            (self._handicap_fits, "handicap", (str(record.handicap),)),
            (self._player_fits, "player", (record.black_name, record.white_name)),
            (self._result_fits, "result", (record.result,)),
        ):
            if not fits(record):
                shown = " and ".join(repr(text[:_SHOWN]) for text in said)
                return f"{kind}: {shown} is not what was asked for"
        return ""

    def too_short(self, moves: int) -> str:
        """Why a game of so many moves and passes is not asked for, `""` if it is."""
        if moves == 0:
            return "no moves: the record holds none"
        return f"too short: {moves} moves" if moves < self.min_moves else ""

    def _rank_fits(self, record: GameRecord) -> bool:
        if self.ranks is None:
            return True
        levels = (parse_rank(record.black_rank), parse_rank(record.white_rank))
        return all(level is not None and self.ranks.low <= level <= self.ranks.high for level in levels)

    def _date_fits(self, record: GameRecord) -> bool:
        if self.since is None and self.until is None:
            return True
        days = parse_date(record.date)
        return (
            days is not None
            and (self.since is None or days[0] >= self.since)
            and (self.until is None or days[1] <= self.until)
        )

    def _handicap_fits(self, record: GameRecord) -> bool:
        if self.even is None:
            return True
        if self.even:
            return record.handicap < 2 and not record.setup_black and not record.setup_white
        return record.handicap >= 2

    def _player_fits(self, record: GameRecord) -> bool:
        asked = self.player.casefold()
        return asked in record.black_name.casefold() or asked in record.white_name.casefold()

    def _result_fits(self, record: GameRecord) -> bool:
        if not self.results:
            return True
        result = parse_result(record.result)
        return all(
            result.winner == _WINNERS[name] if name in _WINNERS else result.by == name
            for name in self.results
        )


def parse_ranks(text: str) -> Ranks:
    """A range of ranks as people write it: `6d+`, `3k-1d`, `9p`.

    Raises GoEngineError if it is no such range, or its end lies below its beginning.
    """
    first, dash, last = text.partition("-")
    low = parse_rank(first.rstrip("+ "))
    high = parse_rank(last) if dash else float("inf") if first.endswith("+") else low
    if low is None or high is None or high < low or (dash and first.endswith("+")):
        raise GoEngineError(f"{text!r} is no range of ranks such as 6d+, 3k-1d or 9p")
    return Ranks(text, low, high)


def parse_day(text: str, end: bool = False) -> date:
    """A day, or the first day of a year or month (the last if `end`): `2010`, `2010-05`, `2010-05-31`.

    Raises GoEngineError if it is none.
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text)
    try:
        if match is None:
            raise ValueError
        year = int(match[1])
        month = int(match[2]) if match[2] else 12 if end else 1
        day = int(match[3]) if match[3] else monthrange(year, month)[1] if end else 1
        return date(year, month, day)
    except ValueError:
        raise GoEngineError(f"{text!r} is no day such as 2010, 2010-05 or 2010-05-31") from None

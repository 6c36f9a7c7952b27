"""Selecting the games that a table accepts."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from goengine.data.sgf.dates import parse_date
from goengine.data.sgf.game_info import parse_rank, parse_result
from goengine.data.sgf.records import GameRecord
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY, WHITE

RESULTS = ("black", "white", "draw", "points", "resignation", "time", "forfeit", "void")
"""Conditions on a result: who won, or how the game ended."""

_MAX_QUOTED = 60  # characters of a record's text that a reason quotes
_WINNERS = {"black": BLACK, "white": WHITE, "draw": EMPTY}


@dataclass(frozen=True, slots=True)
class Ranks:
    """A range of ranks.

    Attributes:
        text: the range as written, such as ``3k-1d``.
        low: the lowest rank, on the scale of `parse_rank`.
        high: the highest rank, included; infinity if the range is open.
    """

    text: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The conditions that a game must satisfy. A record that does not tell does not satisfy a condition.

    Attributes:
        size: board size.
        min_moves: least number of moves and passes.
        ranks: range of both players' ranks.
        since: first day on which the game may have been played. If the record names only a month or year,
            all of its days must satisfy the condition.
        until: last day on which the game may have been played.
        even: True for games without handicap and setup stones, False for games with at least two handicap
            stones, None for both.
        player: part of a player's name, in any case.
        results: names of RESULTS that must all apply.
        keep_illegal: whether a game with a fault is truncated before it, or rejected.
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
        """Check the results.

        Raises:
            GoEngineError: if a name is not in RESULTS.
        """
        for name in self.results:
            if name not in RESULTS:
                raise GoEngineError(f"unknown result {name!r}; expected one of {', '.join(RESULTS)}")

    def reject_reason(self, record: GameRecord) -> str:
        """Return why a record is rejected, or "" if it is not; its moves are not considered."""
        if record.size != self.size:
            return f"board size: {record.size}x{record.size} in a table of {self.size}x{self.size}"
        for matches, kind, texts in (
            (self._rank_matches, "rank", (record.black_rank, record.white_rank)),
            (self._date_matches, "date", (record.date,)),
            (self._handicap_matches, "handicap", (str(record.handicap),)),
            (self._player_matches, "player", (record.black_name, record.white_name)),
            (self._result_matches, "result", (record.result,)),
        ):
            if not matches(record):
                quoted = " and ".join(repr(text[:_MAX_QUOTED]) for text in texts)
                return f"{kind}: {quoted} does not match"
        return ""

    def length_reject_reason(self, moves: int) -> str:
        """Return why a game with this number of moves and passes is rejected, or "" if it is not."""
        if moves == 0:
            return "no moves: the record holds none"
        return f"too short: {moves} moves" if moves < self.min_moves else ""

    def _rank_matches(self, record: GameRecord) -> bool:
        if self.ranks is None:
            return True
        levels = (parse_rank(record.black_rank), parse_rank(record.white_rank))
        return all(level is not None and self.ranks.low <= level <= self.ranks.high for level in levels)

    def _date_matches(self, record: GameRecord) -> bool:
        if self.since is None and self.until is None:
            return True
        days = parse_date(record.date)
        return (
            days is not None
            and (self.since is None or days[0] >= self.since)
            and (self.until is None or days[1] <= self.until)
        )

    def _handicap_matches(self, record: GameRecord) -> bool:
        if self.even is None:
            return True
        if self.even:
            return record.handicap < 2 and not record.setup_black and not record.setup_white
        return record.handicap >= 2

    def _player_matches(self, record: GameRecord) -> bool:
        wanted = self.player.casefold()
        return wanted in record.black_name.casefold() or wanted in record.white_name.casefold()

    def _result_matches(self, record: GameRecord) -> bool:
        if not self.results:
            return True
        result = parse_result(record.result)
        return all(
            result.winner == _WINNERS[name] if name in _WINNERS else result.ended_by == name
            for name in self.results
        )


def parse_ranks(text: str) -> Ranks:
    """Parse a range of ranks such as ``6d+``, ``3k-1d`` or ``9p``.

    Raises:
        GoEngineError: if the text is not such a range, or its end is below its start.
    """
    first, dash, last = text.partition("-")
    low = parse_rank(first.rstrip("+ "))
    high = parse_rank(last) if dash else float("inf") if first.endswith("+") else low
    if low is None or high is None or high < low or (dash and first.endswith("+")):
        raise GoEngineError(f"{text!r} is not a range of ranks such as 6d+, 3k-1d or 9p")
    return Ranks(text, low, high)


def parse_day(text: str, end: bool = False) -> date:
    """Parse a day, month or year such as ``2010-05-31``, ``2010-05`` or ``2010``.

    Args:
        text: the date.
        end: whether a month or year stands for its last day instead of its first.

    Raises:
        GoEngineError: if the text is not such a date.
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text)
    try:
        if match is None:
            raise ValueError
        year = int(match[1])
        month = int(match[2]) if match[2] else 12 if end else 1
        day = int(match[3]) if match[3] else monthrange(year, month)[1] if end else 1
        return date(year, month, day)
    except ValueError as error:
        raise GoEngineError(f"{text!r} is not a date such as 2010, 2010-05 or 2010-05-31") from error

"""Parsing the date of a game, in the many forms that people and programs write."""

import calendar
import re
import unicodedata
from datetime import date
from functools import lru_cache

from goengine.data.sgf.game_info import plain_numerals


@lru_cache(1 << 14)
def parse_date(text: str) -> tuple[date, date] | None:
    """Parse a DT property.

    - A date without a day covers the month, and one without a month the year.
    - Days after a comma continue the date as SGF defines it: ``1996-12-27,28,1997-01-03``.
    - If day and month may be swapped (``3/4/1995``), both dates are covered.
    - Other forms: ``2016.12.30``, ``20161230``, ``13/5/95``, ``30 Dec 2016``, ``Dec 30, 2016``,
      ``2016年12月30日``, ``昭和15年3月``.
    - A month or day that does not exist is ignored.

    Returns:
        The first and the last day on which the game may have been played; None if the text names no year.
    """
    text = _normalised(text[:200])
    spans: list[tuple[date, date]] = []
    known: tuple[int, ...] = ()  # year, month and day of the previous date, as far as it names them
    end = 0
    for match in _NUMBERS.finditer(text):
        if known and not _CONTINUES.fullmatch(text, end, match.start()):
            break
        words = match[0].split("-")
        numbers = [int(word) for word in words]
        end = match.end()
        if len(words[0]) >= 3:
            known = tuple(numbers)
        elif len(words) == 3:
            day, month, year = numbers
            year += 0 if len(words[2]) >= 3 else 1900 if year >= 70 else 2000
            if month <= 12 and day <= 12 and day != month:  # they may be swapped
                spans += _span(year, day, month)
            known = (year, month, day) if month <= 12 else (year, day, month)
        elif known:
            known = (*known[: max(1, len(known) - len(numbers))], *numbers)[:3]
        else:
            continue  # a number before the first date
        spans += _span(*known)
    if not spans:
        return None
    return min(first for first, _ in spans), max(last for _, last in spans)


def _span(year: int, month: int | None = None, day: int | None = None) -> list[tuple[date, date]]:
    """Return the first and last day of a date in a list, or an empty list if the year does not exist."""
    if not 1 <= year <= 9999:
        return []
    if month is None or not 1 <= month <= 12:
        return [(date(year, 1, 1), date(year, 12, 31))]
    days = calendar.monthrange(year, month)[1]
    if day is None or not 1 <= day <= days:
        return [(date(year, month, 1), date(year, month, days))]
    return [(date(year, month, day),) * 2]


def _normalised(text: str) -> str:
    """Write dates as year-month-day in ASCII digits, and remove times and remarks in braces."""
    text = plain_numerals(unicodedata.normalize("NFKC", text).lower())
    text = _DROPPED.sub(" ", text)
    text = _ERA.sub(lambda match: f"{_ERAS[match[1]] + int(match[2].replace('元', '1'))}年", text)
    text = _ASIAN_DAY.sub(" ", _ASIAN_UNITS.sub("-", text))
    for pattern in (_DAY_MONTH, _MONTH_DAY, _MONTH):
        text = pattern.sub(_numeric, text)
    text = _COMPACT.sub(r"\1-\2-\3", text)
    return _SEPARATOR.sub("-", text)


def _numeric(match: re.Match[str]) -> str:
    parts = match.groupdict()
    month = _MONTHS.index(parts["month"][:3]) + 1
    return f"{parts['year']}-{month}" + (f"-{parts['day']}" if "day" in parts else "")


_NUMBERS = re.compile(r"(?<!\d)\d{1,4}(?:-\d{1,4}){0,2}(?!\d)")
_CONTINUES = re.compile(r"[-\s]*(?:[,&;+~、·\u2013\u2014]|\.\.+|to|and|至|到)?[-\s]*(?:and\s)?\s*")
_DROPPED = re.compile(r"\{[^}]*\}?|t?\b\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?z?")
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERA = re.compile(rf"({'|'.join(_ERAS)})\s*(\d{{1,2}}|元)\s*年")
_ASIAN_UNITS = re.compile(r"(?<=\d)\s*[年년月월]\s*(?=\d)")
_ASIAN_DAY = re.compile(r"(?<=\d)\s*[年년月월日일]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = rf"\b(?P<month>(?:{'|'.join(_MONTHS)})[a-z]{{0,6}})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{3,4})\b"
_DAY_MONTH = re.compile(rf"\b{_DAY}[\s-]*{_MONTH_NAME}[\s,-]*{_YEAR}")
_MONTH_DAY = re.compile(rf"{_MONTH_NAME}\s*{_DAY}[\s,]+{_YEAR}")
_MONTH = re.compile(rf"{_MONTH_NAME}[\s,]*{_YEAR}")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)")
_SEPARATOR = re.compile(r"(?<=\d)[./](?=\d)")

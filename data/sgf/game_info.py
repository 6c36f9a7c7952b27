"""Parsing game-info properties: results, ranks, komi and handicap.

Each function takes a decoded property value in English, Chinese, Japanese or Korean, as people and programs
write it, and returns None (or an empty GameResult) if it does not understand it. None raises an error. Dates
are in `goengine.data.sgf.dates`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from goengine.colours import BLACK, EMPTY, WHITE

MAX_POINTS = 625
"""The largest komi or margin accepted: the number of points of the largest board."""

PROFESSIONAL = 10
"""A professional n dan is PROFESSIONAL + n on the scale of ranks."""

_CACHE_SIZE = 1 << 14  # collections repeat the same few texts


@dataclass(frozen=True, slots=True)
class GameResult:
    """The result of a game.

    Attributes:
        winner: BLACK, WHITE, EMPTY for a draw; None if nobody won or it is not known.
        margin: points, positive, or 0 for a draw; None if the game was not counted.
        ended_by: points, resignation, time, forfeit, draw, void, or "" if it is not known.
    """

    winner: int | None = None
    margin: float | None = None
    ended_by: str = ""


@lru_cache(_CACHE_SIZE)
def parse_result(text: str) -> GameResult:
    """Parse an RE property.

    A margin in Chinese stones (子) is doubled to give points. ``B+0`` contradicts itself: its winner is kept
    and its margin is not.
    """
    text = _normalised(text)
    if text == "0" or _DRAW.search(text):
        return GameResult(EMPTY, 0.0, "draw")
    if _VOID.search(text):
        return GameResult(None, None, "void")
    for pattern, wins in _OUTCOMES:
        if match := pattern.search(text):
            colour = BLACK if match["colour"] in _BLACK_NAMES else WHITE
            winner = colour if wins else BLACK + WHITE - colour
            return GameResult(winner, *_margin_and_ending(match["how"] + match["rest"]))
    return GameResult()


def _margin_and_ending(text: str) -> tuple[float | None, str]:
    for ended_by, pattern in _ENDINGS:
        if pattern.search(text):
            return None, ended_by
    margin = _amount(text)
    return (margin, "points") if margin is not None and 0 < margin <= MAX_POINTS else (None, "")


_BLACK_NAMES = ("b", "black", "黑", "黒", "흑")
_COLOUR = "(?P<colour>黑|黒|흑|白|백)"
_UP_TO = "(?P<how>[^黑黒흑白백]*?"
_OUTCOMES = (  # pattern, and whether its colour is the winner's; remarks in brackets are ignored
    (re.compile(r"^(?P<colour>b|black|w|white)\b\s*(?P<how>)(?:\+|wins?\b|won\b)(?P<rest>[^({]*)"), True),
    (re.compile(r"^(?P<colour>black|white)\s+(?P<how>resign|los[et]|forfeit)(?P<rest>[^({]*)"), False),
    (re.compile(_COLOUR + _UP_TO + r")[勝胜승赢贏](?P<rest>[^({]*)"), True),
    (re.compile(_COLOUR + _UP_TO + r"(?:負|负|敗|败|패|投了|投子|认输|認輸))(?P<rest>)"), False),
)
_ENDINGS = (
    ("resignation", re.compile(r"^\s*r\b|\bres|中盤|中盘|中押|불계|投了|投子|认输|認輸|不計|不计")),
    ("time", re.compile(r"^\s*t\b|\btime|時間|时间|超時|超时|시간")),
    ("forfeit", re.compile(r"^\s*f\b|\bforf|反則|犯规|犯規|违规|棄権|弃权|不戦|不战|반칙|기권")),
)
_DRAW = re.compile(r"^draw|^jigo|^tie\b|持碁|持棋|ジゴ|和棋|和局|平局|무승부|빅")
_VOID = re.compile(r"^void|^no result|^annul|^both lo|^cancel|無勝負|无胜负|両負|両者負|双败|무효")


@lru_cache(_CACHE_SIZE)
def parse_rank(text: str) -> float | None:
    """Parse a rank to a number on one scale, on which amateur ranks are one stone apart.

    30 kyu is -29, 1 kyu is 0, 1 dan is 1, 9 dan is 9. Professionals follow: 1p is 11 and 9p is 19, which is
    the order of their ranks and not a measure of strength. A dan is an amateur's unless the text says
    otherwise; so is 段, which Asian records use for both. Signs of doubt (``?``, ``*``, ``~``) and titles are
    ignored.
    """
    match = _RANK.search(_normalised(text.replace("十段", "")))  # 十段 is the title Judan, not 10 dan
    if match is None:
        return None
    is_first = match["number"] is None  # 初, "first", instead of a number
    number = 1.0 if is_first else float(match["number"])
    if match["unit"] in ("k", "kyu", "gup", "級", "级", "급"):
        return 1 - number if 1 <= number <= 50 and not is_first else None
    if match["unit"] in ("p", "pro") or match["before"] or match["after"]:
        return PROFESSIONAL + number if 1 <= number <= 9 else None
    return number if 1 <= number <= 10 else None


def rank_name(rank: float) -> str:
    """Return the name of a rank, such as ``5k``, ``9d`` or ``9p``; fractions are rounded down."""
    step = int(rank // 1)
    if step < 1:
        return f"{1 - step}k"
    return f"{step - PROFESSIONAL}p" if step > PROFESSIONAL else f"{step}d"


_RANK = re.compile(
    r"(?P<before>\bp|\bpro\.?|\bprofessional|職業|职业|プロ|프로)?\s*"
    r"(?:(?<![\d.,])(?P<number>\d{1,2}(?:\.\d+)?)|初|초)[\s.-]*"
    r"(?P<unit>kyu|k|gup|級|级|급|dan|d|pro|p|段|단)(?![a-z])"
    r"[\s?*~+(,/-]*(?P<after>p\b|pro\b|professional|職業|职业|プロ|프로)?"
)


@lru_cache(_CACHE_SIZE)
def parse_komi(text: str) -> float | None:
    """Parse a KM property to points; None if the text has no number.

    - ``6.5``, ``6,5``, ``6½``, ``6.5目``, ``6目半`` and ``六目半`` are 6.5.
    - A multiple of 25 from 100 on is in hundredths: ``650`` is 6.5.
    - An odd number of quarters is in Chinese stones, which are two points each: ``3.75`` and ``375`` are 7.5,
      as is ``3又3/4子``.
    """
    text = _normalised(text)
    komi = _amount(text)
    if komi is None or abs(komi) > 10_000:
        return None
    if abs(komi) >= 100 and komi % 25 == 0:
        komi /= 100
    if komi % 0.5 == 0.25 and "子" not in text:
        komi *= 2
    return round(komi, 4) if abs(komi) <= MAX_POINTS else None


@lru_cache(_CACHE_SIZE)
def parse_handicap(text: str) -> int | None:
    """Parse an HA property such as ``4``, ``H4``, ``4子`` or ``four``; None if the text has no number."""
    text = _normalised(text)
    if _EVEN.search(text):
        return 0
    match = _STONES.search(text)
    if match is None:
        return None
    stones = _ENGLISH.index(match[0]) if match[0] in _ENGLISH else int(match[0])
    return stones if stones <= MAX_POINTS else None


_ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_EVEN = re.compile(r"^(?:even|none|no\b|互先|分先|定先|호선|정선)")
_STONES = re.compile(rf"(?<![\d.,-])\d{{1,3}}(?![\d.,])|\b(?:{'|'.join(_ENGLISH)})\b")


def _amount(text: str) -> float | None:
    """Return the first number of points in a normalised text; Chinese stones (子) are doubled."""
    text = _FRACTION.sub(lambda match: f"{int(match[1] or 0) + int(match[2]) / int(match[3])}", text)
    match = _AMOUNT.search(text)
    if match is None:
        return None
    value = float((match["number"] or "0").replace(",", "."))
    if match["half"] or match["only_half"]:
        value += 0.5
    return 2 * value if "子" in match[0] else value


_UNIT = r"\s*(?:目|집|点|子)?\s*"
_FRACTION = re.compile(r"(?<![\d.,])(?:(\d{1,3})\s+)?(\d{1,3})/([1-9]\d{0,2})(?!\d)")
_AMOUNT = re.compile(
    r"(?<![\d.,])(?<!\de)(?P<number>-?(?:\d{1,6}(?:[.,]\d{1,6})?|[.,]\d{1,6}))(?![\d.]*e[+-]?\d)"
    rf"(?:{_UNIT}(?P<half>半|반)?{_UNIT})"
    r"|(?P<only_half>半|반)\s*(?:目|집|点|子)"
)


def _normalised(text: str) -> str:
    """Return a text in lower case, with ASCII digits, and fractions written as `` 3/4``."""
    text = _VULGAR.sub(lambda match: f" {_VULGAR_FRACTIONS[match[0]]}", text[:200])
    text = unicodedata.normalize("NFKC", text).lower()
    text = plain_numerals(text)
    text = _PARTS.sub(r"\2/\1", text).replace("又", " ")
    return text.strip()


_VULGAR_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
_VULGAR = re.compile("[½¼¾⅓⅔]")
_PARTS = re.compile(r"(\d{1,3})分[之の](\d{1,3})")  # 4分之3: the denominator comes first


def plain_numerals(text: str) -> str:
    """Replace Chinese numerals below a thousand by digits: 十二 becomes 12, 一九八四 becomes 1984."""
    return _NUMERALS.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    word = match[0]
    if not _TENS.search(word):
        return "".join(str(_VALUES[numeral]) for numeral in word)
    total, last = 0, None
    for numeral in word:
        if numeral in "十百":
            total += (1 if last is None else last) * _VALUES[numeral]
            last = None
        else:
            last = _VALUES[numeral]
    return str(total + (last or 0))


_VALUES = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九十")} | {
    "零": 0,
    "两": 2,
    "百": 100,
}
_NUMERALS = re.compile(f"[{''.join(_VALUES)}]+")
_TENS = re.compile("[十百]")

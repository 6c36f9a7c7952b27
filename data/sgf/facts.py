"""What the texts of a game record mean: results, ranks, komi and handicap as numbers.

Each function takes a decoded property value as people and programs write it, in English, Chinese, Japanese or
Korean, and answers None (or an empty Result) to what it does not understand; none raises. Dates are in
`goengine.data.sgf.dates`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from goengine.colours import BLACK, EMPTY, WHITE

MAX_POINTS = 625
"""No komi and no margin is larger: the points of the largest board."""

PROFESSIONAL = 10
"""A professional of n dan stands at PROFESSIONAL + n on the scale of ranks."""

_CACHED = 1 << 14  # texts of each kind that are remembered: collections repeat a few of them endlessly


@dataclass(frozen=True, slots=True)
class Result:
    """How a game ended.

    Public attributes:
      winner -- BLACK, WHITE, EMPTY for a draw, None where nobody won or it is not known
      margin -- points, > 0 (0 in a draw); None where the game was not counted
      by -- points, resignation, time, forfeit, draw, void, or "" where it is not known
    """

    winner: int | None = None
    margin: float | None = None
    by: str = ""


@lru_cache(_CACHED)
def parse_result(text: str) -> Result:
    """The result in an RE property.

    A margin counted in Chinese stones (子) is given in points, which are twice as many. `B+0` names a
    winner and a margin that excludes one: the winner is kept, the margin is not.
    """
    text = _plain(text)
    if text == "0" or _DRAW.search(text):
        return Result(EMPTY, 0.0, "draw")
    if _VOID.search(text):
        return Result(None, None, "void")
    for pattern, wins in _OUTCOMES:
        if match := pattern.search(text):
            colour = BLACK if match["colour"] in _BLACK_NAMES else WHITE
            return Result(colour if wins else BLACK + WHITE - colour, *_ending(match["how"] + match["rest"]))
    return Result()


def _ending(how: str) -> tuple[float | None, str]:
    for by, pattern in _WAYS:
        if pattern.search(how):
            return None, by
    margin = _amount(how)
    return (margin, "points") if margin is not None and 0 < margin <= MAX_POINTS else (None, "")


_BLACK_NAMES = ("b", "black", "黑", "黒", "흑")
_COLOUR = "(?P<colour>黑|黒|흑|白|백)"
_UP_TO = "(?P<how>[^黑黒흑白백]*?"
_OUTCOMES = (  # and whether the colour named is the winner's; remarks in brackets are passed over
    (re.compile(r"^(?P<colour>b|black|w|white)\b\s*(?P<how>)(?:\+|wins?\b|won\b)(?P<rest>[^({]*)"), True),
    (re.compile(r"^(?P<colour>black|white)\s+(?P<how>resign|los[et]|forfeit)(?P<rest>[^({]*)"), False),
    (re.compile(_COLOUR + _UP_TO + r")[勝胜승赢贏](?P<rest>[^({]*)"), True),
    (re.compile(_COLOUR + _UP_TO + r"(?:負|负|敗|败|패|投了|投子|认输|認輸))(?P<rest>)"), False),
)
_WAYS = (
    ("resignation", re.compile(r"^\s*r\b|\bres|中盤|中盘|中押|불계|投了|投子|认输|認輸|不計|不计")),
    ("time", re.compile(r"^\s*t\b|\btime|時間|时间|超時|超时|시간")),
    ("forfeit", re.compile(r"^\s*f\b|\bforf|反則|犯规|犯規|违规|棄権|弃权|不戦|不战|반칙|기권")),
)
_DRAW = re.compile(r"^draw|^jigo|^tie\b|持碁|持棋|ジゴ|和棋|和局|平局|무승부|빅")
_VOID = re.compile(r"^void|^no result|^annul|^both lo|^cancel|無勝負|无胜负|両負|両者負|双败|무효")


@lru_cache(_CACHED)
def parse_rank(text: str) -> float | None:
    """A rank as a number on one scale, on which amateurs are one stone apart.

    30 kyu is -29, 1 kyu is 0, 1 dan is 1, 9 dan is 9. Professionals stand above all amateurs, 1 p at 11 and
    9 p at 19: the order of their ranks, no measure of strength. A dan is taken for an amateur's unless the
    text says otherwise, and so is 段, which Asian records use for both. Signs of doubt (`?`, `*`, `~`) are
    passed over, as are titles.
    """
    match = _RANK.search(_plain(text.replace("十段", "")))  # the title Judan, whose holder is no 10 dan
    if match is None:
        return None
    first = match["number"] is None
    number = 1.0 if first else float(match["number"])
    if match["unit"] in ("k", "kyu", "gup", "級", "级", "급"):
        return 1 - number if 1 <= number <= 50 and not first else None
    if match["unit"] in ("p", "pro") or match["before"] or match["after"]:
        return PROFESSIONAL + number if 1 <= number <= 9 else None
    return number if 1 <= number <= 10 else None


def rank_name(rank: float) -> str:
    """How a rank is written: `5k`, `9d`, `9p`; the fraction of a rank is dropped."""
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


@lru_cache(_CACHED)
def parse_komi(text: str) -> float | None:
    """Komi in points, None where the text names no number.

    - `6.5`, `6,5`, `6½`, `6.5目`, `6目半`, `六目半` are 6.5.
    - A whole number from 100 on that is a multiple of 25 counts hundredths: `650` is 6.5.
    - Odd quarters are Chinese counting, in which a stone is two points: `3.75` and `375` are 7.5, and so are
      stones written out, `3又3/4子`.
    """
    text = _plain(text)
    komi = _amount(text)
    if komi is None or abs(komi) > 10_000:
        return None
    if abs(komi) >= 100 and komi % 25 == 0:
        komi /= 100
    if komi % 0.5 == 0.25 and "子" not in text:
        komi *= 2
    return round(komi, 4) if abs(komi) <= MAX_POINTS else None


@lru_cache(_CACHED)
def parse_handicap(text: str) -> int | None:
    """The number of stones in an HA property, None where the text names none: `4`, `H4`, `4子`, `four`."""
    text = _plain(text)
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
    """The first amount of points in a text from `_plain`; one of Chinese stones (子) is doubled."""
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


def _plain(text: str) -> str:
    """A text with one way to write the same: ASCII digits, small letters, fractions as ` 3/4`."""
    text = _VULGAR.sub(lambda match: f" {_VULGAR_FRACTIONS[match[0]]}", text[:200])
    text = unicodedata.normalize("NFKC", text).lower()
    text = plain_numerals(text)
    text = _PARTS.sub(r"\2/\1", text).replace("又", " ")
    return text.strip()


_VULGAR_FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
_VULGAR = re.compile("[½¼¾⅓⅔]")
_PARTS = re.compile(r"(\d{1,3})分[之の](\d{1,3})")  # 4分之3: the denominator comes first


def plain_numerals(text: str) -> str:
    """A text with Chinese numerals below a thousand as digits: 十二 is 12, 一九八四 is 1984."""
    return _NUMERALS.sub(_digits, text)


def _digits(match: re.Match[str]) -> str:
    word = match[0]
    if not _TENS.search(word):
        return "".join(str(_VALUES[sign]) for sign in word)
    total, last = 0, None
    for sign in word:
        if sign in "十百":
            total += (1 if last is None else last) * _VALUES[sign]
            last = None
        else:
            last = _VALUES[sign]
    return str(total + (last or 0))


_VALUES = {sign: value for value, sign in enumerate("〇一二三四五六七八九十")} | {"零": 0, "两": 2, "百": 100}
_NUMERALS = re.compile(f"[{''.join(_VALUES)}]+")
_TENS = re.compile("[十百]")

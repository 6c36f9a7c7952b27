"""Converting SGF text from any encoding to UTF-8.

SGF is ASCII except for the values of properties, but in Shift-JIS, Big5 and GBK the second byte of a
character may be ``]``, ``[`` or a backslash. A game is therefore converted to UTF-8 before it is parsed. If
its encoding is uncertain, both its letters and its brackets decide.
"""

import codecs
import re
from functools import cache

ASIAN = ("cp949", "gb18030", "big5", "cp932", "euc_jp")
"""Encodings that `detect` distinguishes by their characters; on a tie the earlier one wins."""

VALUES = (
    rb"\[(?:[^\\\]]++|\\.)*+\]",
    rb"\[(?:[\x81-\xfe][\x40-\x7e\x80-\xfe]|[^\\\]]|\\.)*+\]",
    rb"\[(?:[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[^\\\]]|\\.)*+\]",
)
"""Patterns of a property value: in a single-byte encoding, in Big5 and GBK, in Shift-JIS."""

_SAMPLE_BYTES = 1 << 16  # size of the text that detection examines
_MIN_LIKELIHOOD = 0.3  # an encoding with a lower likelihood counts as wrong


def utf8_game(text: bytes, hint: str = "") -> bytes:
    """Convert the text of one game to UTF-8, and set its CA property, if it has one, to UTF-8.

    Valid UTF-8 is kept, whatever CA says, unless its few non-ASCII bytes are likely letters of the encoding
    that CA names. Otherwise the encodings are tried in this order: CA, `hint`, UTF-8, then those that
    `detect` returns. An encoding in which all brackets make sense is preferred. Invalid bytes become U+FFFD.

    Args:
        text: the SGF text.
        hint: the encoding to try if CA names none.
    """
    if text.isascii():
        return text
    match = _CHARSET.search(text[:_SAMPLE_BYTES])
    ca = _codec(match[1].decode("ascii", "replace")) if match else None
    if (ca in (None, "utf-8") or _BEYOND_TWO_BYTES.search(text)) and is_utf8(text):
        return text
    if ca in _WESTERN and (likely := detect(text)[0]) in ASIAN:
        ca = likely  # programs write Latin-1 in CA, whatever the encoding of the text
    converted = [utf8 for codec in (ca, hint, "utf-8") if (utf8 := _to_utf8(text, codec)) is not None]
    if not any(misplaced_brackets(utf8) == 0 for utf8 in converted):
        converted += [utf8 for codec in detect(text) if (utf8 := _to_utf8(text, codec)) is not None]
    best = min(converted, key=misplaced_brackets)
    return _CHARSET.sub(b"CA[UTF-8]", best, count=1) if match else best


def utf16_codec(start: bytes) -> str | None:
    """Return the codec of a UTF-16 or UTF-32 text by its byte order mark or its ``(;``; None for other text.

    Args:
        start: the first bytes of the text.
    """
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return codec
    for pattern, codec in _UNMARKED:
        match = pattern.search(start[:4096])
        if match and match.start() % 2 == 0:
            return codec
    return None


def is_utf8(text: bytes) -> bool:
    """Return whether a text is valid UTF-8."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def misplaced_brackets(text: bytes, value: bytes = VALUES[0]) -> int:
    """Count the misplaced brackets of an SGF text: ``PB[`` inside a value, and ``]`` outside of one.

    Each is a byte of a character that was taken for a bracket, or the reverse: a sign of a wrong encoding.

    Args:
        text: the SGF text.
        value: the pattern of a property value, one of VALUES.
    """
    values = re.compile(value, re.DOTALL)
    inside = sum(len(_INNER.findall(match)) for match in values.findall(text) if b"[" in match[1:])
    return inside + values.sub(b"", text).count(b"]")


_INNER = re.compile(rb"(?<![A-Za-z])[A-Z]{1,2}\[[a-z0-9]")


def detect(text: bytes) -> list[str]:
    """Return the likely encodings of a text that is not Unicode, the likeliest first.

    The likelihood of an Asian encoding is the share of characters that are common in its language. It cannot
    decide on a short text whose bytes are common characters in two encodings. charset-normalizer detects
    other encodings. The last one returned is Latin-1, in which any text is valid.
    """
    text = text[: 16 * _SAMPLE_BYTES]
    runs = _RUNS.findall(text)
    if len(_ACCENTS.findall(text)) > len(runs) / 2:
        return ["cp1252", "latin-1"]
    sample = b"".join(runs)[:_SAMPLE_BYTES]
    ranked = sorted(((_likelihood(sample, codec), codec) for codec in ASIAN), key=lambda pair: -pair[0])
    likely = [codec for likelihood, codec in ranked if likelihood > _MIN_LIKELIHOOD]
    if not likely:
        from charset_normalizer import from_bytes  # see goengine.data.sgf.records

        words = b" ".join(_WORDS.findall(text))[:_SAMPLE_BYTES]
        if (best := from_bytes(words, cp_isolation=_OTHERS).best()) is not None:
            likely = [best.encoding]
    return [*likely, "latin-1"]


def _likelihood(sample: bytes, codec: str) -> float:
    """Return the share of non-ASCII characters, 0 to 1, that are common in the codec's language."""
    text = sample.decode(codec, "replace")
    characters = [character for character in text if character > "\x7f"]
    if not characters:
        return 0.0
    weights = _common_characters(codec)
    invalid = text.count("\ufffd")
    common = sum(weights.get(character, 0.0) for character in characters)
    return max(0.0, common - 2 * invalid) / len(characters)


@cache
def _common_characters(codec: str) -> dict[str, float]:
    """Return weights of characters: 1 if only this language has them, less if others have them too."""
    kana = dict.fromkeys(map(chr, range(0x3041, 0x30FF)), 1.0)
    punctuation = dict.fromkeys(map(chr, (*range(0x3000, 0x3010), *range(0xFF01, 0xFF20))), 0.7)
    if codec == "cp949":
        return dict.fromkeys(map(chr, range(0xAC00, 0xD7A4)), 0.45) | dict.fromkeys(_SYLLABLES, 1.0)
    if codec == "gb18030":
        return _characters("gb2312", range(0xB0, 0xD8), 0.85) | punctuation
    if codec == "big5":
        return _characters("big5", range(0xA4, 0xC7), 0.8) | punctuation
    return _characters("euc_jp", range(0xB0, 0xD0), 0.7) | kana | punctuation


def _characters(codec: str, leads: range, weight: float) -> dict[str, float]:
    """Return the characters that begin with these bytes: the national standards put common ones together."""
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    text = "".join(bytes([lead, trail]).decode(codec, "ignore") for lead in leads for trail in trails)
    return {character: weight for character in text if character > "\x7f"}


def _to_utf8(text: bytes, codec: str | None) -> bytes | None:
    """Convert text to UTF-8; None if more than a fifth of its non-ASCII characters are invalid."""
    if not codec:
        return None
    decoded = text.decode(codec, "replace")
    invalid = decoded.count("\ufffd")
    if invalid and 5 * invalid > len(_NON_ASCII.findall(decoded)):
        return None
    return decoded.encode("utf-8", "replace")


_NON_ASCII = re.compile(r"[^\x00-\x7f]")


@cache
def _codec(name: str) -> str | None:
    """Return Python's name of an encoding in CA; None if it is unknown or not a superset of ASCII."""
    supersets = {
        "gb2312": "gb18030",
        "gbk": "gb18030",
        "shift_jis": "cp932",
        "euc_kr": "cp949",
    }
    try:
        codec = codecs.lookup(_NAMES.get(name.strip().lower(), name.strip()))
        if _STRUCTURE.decode(codec.name) != _STRUCTURE.decode("ascii"):
            return None
    except (LookupError, UnicodeError, ValueError):
        return None
    return supersets.get(codec.name, codec.name)


_CHARSET = re.compile(rb"(?<![A-Za-z])C[a-z]*A[a-z]*\s*\[([ -Z^-~]{1,40})\]")
_NAMES = {"ms_kanji": "cp932", "x-sjis": "cp932", "ansi": "cp1252", "x-gbk": "gb18030"}
_WESTERN = ("ascii", "iso8859-1", "cp1252")
_STRUCTURE = b"(;GM[1]\\:)"
_BEYOND_TWO_BYTES = re.compile(rb"[\xe0-\xf4]")
_RUNS = re.compile(rb"[\x80-\xff]+[\x00-\x7f]?")
_ACCENTS = re.compile(rb"(?<=[A-Za-z])[\xc0-\xff](?![\x80-\xff])|(?<![\x80-\xff])[\xc0-\xff](?=[a-z]{2})")
_WORDS = re.compile(rb"[^\[\]();\n]*[\x80-\xff][^\[\]();\n]*")
_OTHERS = ["cp1252", "cp1251"]
_SYLLABLES = (
    "이김박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진지석세돌창호철훈수영재현희은경동상승"
    "준태기원국대회명인왕위단급불계흑집반시간바둑프로아마선결결승제전배컵리그부사무나다라가을를의에는도로일월년제"
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = (
    (re.compile(rb"\(\x00(?:[\s]\x00)*;\x00"), "utf-16-le"),
    (re.compile(rb"\x00\((?:\x00[\s])*\x00;"), "utf-16-be"),
)

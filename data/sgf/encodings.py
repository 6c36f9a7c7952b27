"""SGF text of any encoding as UTF-8.

SGF is bytes whose structure is ASCII, but in Shift-JIS, Big5 and GBK the second byte of a character may be a
`]`, `[` or backslash. So a game is brought to UTF-8 before anything looks for its brackets, and where its
encoding is in doubt, what its brackets then look like decides along with its letters.
"""

import codecs
import re
from functools import cache

ASIAN = ("cp949", "gb18030", "big5", "cp932", "euc_jp")
"""Encodings that are told apart by their characters; of those as likely the first."""

VALUES = (
    rb"\[(?:[^\\\]]++|\\.)*+\]",
    rb"\[(?:[\x81-\xfe][\x40-\x7e\x80-\xfe]|[^\\\]]|\\.)*+\]",
    rb"\[(?:[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[^\\\]]|\\.)*+\]",
)
"""Patterns of a property value: of bytes that are all characters, of Big5 and GBK, of Shift-JIS."""

_SAMPLE_BYTES = 1 << 16  # what detection looks at
_WORTH_TRYING = 0.3  # likelihood below which an encoding counts as wrong


def utf8_game(text: bytes, hint: str = "") -> bytes:
    """The text of one game in UTF-8, its CA property saying so, if it has one.

    UTF-8 is left as it is, whatever CA says, unless its few letters may well be those of the encoding that CA
    names. Else CA counts if the text is valid in that encoding, then `hint`, then what detection finds;
    but a reading that swallows brackets gives way to one that does not. Bytes that no encoding accounts for
    become U+FFFD.
    """
    if text.isascii():
        return text
    match = _CHARSET.search(text[:_SAMPLE_BYTES])
    named = _codec(match[1].decode("ascii", "replace")) if match else None
    if (named in (None, "utf-8") or _BEYOND_TWO_BYTES.search(text)) and is_utf8(text):
        return text
    if named in _WESTERN and (likely := detect(text)[0]) in ASIAN:
        named = likely  # programs write their own encoding, whatever they were given
    readings = [reading for codec in (named, hint, "utf-8") if (reading := _decode(text, codec)) is not None]
    if not any(bracket_faults(reading) == 0 for reading in readings):
        readings += [reading for codec in detect(text) if (reading := _decode(text, codec)) is not None]
    encoded = min(readings, key=bracket_faults)
    return _CHARSET.sub(b"CA[UTF-8]", encoded, count=1) if match else encoded


def utf16_codec(start: bytes) -> str | None:
    """The codec of a text that starts so, if it is UTF-16 or UTF-32: by its byte order mark, or its `(;`."""
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return codec
    for pattern, codec in _UNMARKED:
        match = pattern.search(start[:4096])
        if match and match.start() % 2 == 0:
            return codec
    return None


def is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def bracket_faults(text: bytes, value: bytes = VALUES[0]) -> int:
    """How many brackets of an SGF text stand where they should not: `PB[` inside of a value, `]` outside.

    Each tells of a byte that was taken for a bracket, or a bracket that was taken for half of a character.
    """
    values = re.compile(value, re.DOTALL)
    inside = sum(len(_INNER.findall(found)) for found in values.findall(text) if b"[" in found[1:])
    return inside + values.sub(b"", text).count(b"]")


_INNER = re.compile(rb"(?<![A-Za-z])[A-Z]{1,2}\[[a-z0-9]")


def detect(text: bytes) -> list[str]:
    """The encodings that a text without Unicode may be in, the likeliest first.

    Asian ones by how many characters are common ones in that language; they come to nothing where text is
    short and its bytes are common in two of them. Others are charset-normalizer's business.
    """
    text = text[: 16 * _SAMPLE_BYTES]
    runs = _RUNS.findall(text)
    if len(_ACCENTS.findall(text)) > len(runs) / 2:
        return ["cp1252", "latin-1"]
    sample = b"".join(runs)[:_SAMPLE_BYTES]
    likely = sorted(((_likelihood(sample, codec), codec) for codec in ASIAN), key=lambda pair: -pair[0])
    found = [codec for likelihood, codec in likely if likelihood > _WORTH_TRYING]
    if not found:
        from charset_normalizer import from_bytes  # see goengine.data.sgf.records

        words = b" ".join(_WORDS.findall(text))[:_SAMPLE_BYTES]
        if (best := from_bytes(words, cp_isolation=_OTHERS).best()) is not None:
            found = [best.encoding]
    return [*found, "latin-1"]


def _likelihood(sample: bytes, codec: str) -> float:
    """From 0 to 1: how much of the text is characters that are common where the codec is used."""
    text = sample.decode(codec, "replace")
    foreign = [sign for sign in text if sign > "\x7f"]
    if not foreign:
        return 0.0
    common = _common(codec)
    wrong = text.count("\ufffd")
    return max(0.0, sum(common.get(sign, 0.0) for sign in foreign) - 2 * wrong) / len(foreign)


@cache
def _common(codec: str) -> dict[str, float]:
    """Weights of characters: 1 for what only this language has, less for what may as well be another's."""
    kana = dict.fromkeys(map(chr, range(0x3041, 0x30FF)), 1.0)
    marks = dict.fromkeys(map(chr, (*range(0x3000, 0x3010), *range(0xFF01, 0xFF20))), 0.7)
    if codec == "cp949":
        return dict.fromkeys(map(chr, range(0xAC00, 0xD7A4)), 0.45) | dict.fromkeys(_SYLLABLES, 1.0)
    if codec == "gb18030":
        return _signs("gb2312", range(0xB0, 0xD8), 0.85) | marks
    if codec == "big5":
        return _signs("big5", range(0xA4, 0xC7), 0.8) | marks
    return _signs("euc_jp", range(0xB0, 0xD0), 0.7) | kana | marks


def _signs(codec: str, leads: range, weight: float) -> dict[str, float]:
    """The characters of a codec that begin with these bytes: in the national standards the common ones."""
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    text = "".join(bytes([lead, trail]).decode(codec, "ignore") for lead in leads for trail in trails)
    return {sign: weight for sign in text if sign > "\x7f"}


def _decode(text: bytes, codec: str | None) -> bytes | None:
    """The text in UTF-8, None if more than a fifth of its characters beyond ASCII are wrong in the codec."""
    if not codec:
        return None
    decoded = text.decode(codec, "replace")
    wrong = decoded.count("\ufffd")
    if wrong and 5 * wrong > len(_FOREIGN.findall(decoded)):
        return None
    return decoded.encode("utf-8", "replace")


_FOREIGN = re.compile(r"[^\x00-\x7f]")


@cache
def _codec(name: str) -> str | None:
    """Python's name of an encoding that CA may name; None if it is unknown, or no superset of ASCII."""
    wider = {
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
    return wider.get(codec.name, codec.name)


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

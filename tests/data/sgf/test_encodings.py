"""Names and moves in the encodings that programs write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goengine.data.sgf.encodings import detect, utf8_game, utf16_codec
from goengine.data.sgf.records import record_from_sgf

MOVES = (3 * 19 + 15, 15 * 19 + 3, 3 * 19 + 3)


def game(black: str, white: str, charset: str = "") -> str:
    named = f"CA[{charset}]" if charset else ""
    return f"(;GM[1]FF[4]{named}SZ[19]PB[{black}]BR[9d]PW[{white}];B[pd];W[dp];B[dd])"


def read(text: bytes) -> tuple[str, str, str]:
    record = record_from_sgf(text)
    assert (record.moves, record.fault) == (MOVES, "")
    return record.black_name, record.black_rank, record.white_name


NAMED = [
    ("UTF-8", "utf-8", "古力", "José"),
    ("utf8", "utf-8", "古力", "José"),
    ("GB2312", "gb2312", "古力", "柯洁"),
    ("GBK", "gbk", "聶衛平", "馬曉春"),
    ("GB18030", "gb18030", "古力", "柯洁"),
    ("Big5", "big5", "許功蓋", "林至涵"),
    ("Shift_JIS", "shift_jis", "表十ソ", "能登 申"),
    ("MS_KANJI", "shift_jis", "井山 裕太", "趙 治勲"),
    ("EUC-JP", "euc_jp", "井山 裕太", "趙 治勲"),
    ("EUC-KR", "euc_kr", "이세돌", "이창호"),
    ("ISO-8859-1", "latin-1", "José", "Müller"),
    ("ISO-8859-15", "iso8859-15", "José", "Œuvre"),
    ("windows-1251", "cp1251", "Шикшин", "Динерштейн"),
    ("UTF-16", "utf-8", "古力", "柯洁"),  # CA was not updated when the text was converted
]


@pytest.mark.parametrize(("charset", "codec", "black", "white"), NAMED, ids=[row[0] for row in NAMED])
def test_encodings_that_ca_names(charset: str, codec: str, black: str, white: str) -> None:
    text = game(black, white, charset).encode(codec)
    assert read(text) == (black, "9d", white)
    assert read(utf8_game(text)) == (black, "9d", white)  # a second conversion changes nothing


UNNAMED = [
    ("utf-8", "古力", "José"),
    ("utf-8-sig", "古力", "柯洁"),
    ("gb18030", "古力", "柯洁"),
    ("gb18030", "聂卫平", "马晓春"),
    ("big5", "許功蓋", "林至涵"),  # second bytes that are backslashes and brackets
    ("big5", "周俊勳", "張栩"),
    ("shift_jis", "表十ソ", "能登 申"),
    ("shift_jis", "井山 裕太", "趙 治勲"),
    ("euc_jp", "コスミ", "シチョウ"),
    ("euc_kr", "이세돌", "이창호"),
    ("euc_kr", "신진서", "박정환"),
    ("latin-1", "José", "Müller"),
]


@pytest.mark.parametrize("charset", ["", "UTF-8", "no such", "US-ASCII", "ISO-8859-1", "EUC-TW"])
@pytest.mark.parametrize(("codec", "black", "white"), UNNAMED, ids=[f"{row[0]} {row[1]}" for row in UNNAMED])
def test_encodings_that_ca_does_not_name(charset: str, codec: str, black: str, white: str) -> None:
    assert read(game(black, white, charset).encode(codec)) == (black, "9d", white)


@pytest.mark.parametrize(
    "charset", ["Shift_JIS", "Big5", "GB2312", "EUC-KR", "EUC-JP", "UTF-16", "utf-7", "hex"]
)
@pytest.mark.parametrize(("codec", "black", "white"), UNNAMED, ids=[f"{row[0]} {row[1]}" for row in UNNAMED])
def test_a_wrong_ca_loses_no_moves(charset: str, codec: str, black: str, white: str) -> None:
    assert read(game(black, white, charset).encode(codec))[1] == "9d"


def test_cyrillic_is_detected() -> None:
    assert read(game("Александр Динерштейн", "Илья Шикшин").encode("cp1251"))[2] == "Илья Шикшин"


def test_a_hint_decides_between_two_languages() -> None:
    text = game("井山 裕太", "趙 治勲").encode("euc_jp")
    assert read(utf8_game(text, hint="euc_jp")) == ("井山 裕太", "9d", "趙 治勲")


def test_only_broken_characters_are_replaced() -> None:
    for charset, codec in (("GB2312", "gb2312"), ("UTF-8", "utf-8"), ("", "utf-8")):
        text = game("聂卫平X", "马晓春", charset).encode(codec).replace(b"X", b"\xff")
        assert read(text) == ("聂卫平\ufffd", "9d", "马晓春")


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_utf_32_are_detected(codec: str) -> None:
    start = " (\n;PB[古力])".encode(codec)
    codec_of_start = utf16_codec(start)
    assert codec_of_start
    assert start.decode(codec_of_start) == " (\n;PB[古力])"
    assert utf16_codec(b"(;PB[Ann])") is None


NAMES = st.text(
    st.characters(codec="gb2312", exclude_characters="[]\\", exclude_categories=["Cc"]),
    min_size=1,
    max_size=5,
)


@given(NAMES, NAMES, st.sampled_from(["gb18030", "utf-8", "utf-16"]))
def test_any_name_in_the_encoding_of_ca(black: str, white: str, codec: str) -> None:
    text = game(black, white, codec).encode("utf-8" if codec == "utf-16" else codec)
    assert read(text) == (" ".join(black.split()), "9d", " ".join(white.split()))


@given(st.binary(max_size=60), st.sampled_from(["", "CA[Big5]", "CA[Shift_JIS]", "CA[UTF-8]", "CA[\xff]"]))
def test_any_bytes_become_utf_8(text: bytes, charset: str) -> None:
    utf8_game(b"(;" + charset.encode("latin-1") + b"PB[" + text + b"])").decode("utf-8")
    assert detect(text)[-1] == "latin-1"

"""Parsing mutated records; `python -m tests.fuzz` parses any number of them."""

import random
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from support import shared_dir

from tests.fuzz.reader import TOKENS, mutated, read_game, read_text


@cache
def seeds() -> list[bytes]:
    return [path.read_bytes() for path in sorted((shared_dir() / "sgf-zoo").glob("*.sgf"))]


@settings(max_examples=300)
@given(st.integers(0))
def test_mutated_files(seed: int) -> None:
    read_text(mutated(seeds(), random.Random(seed)))


@settings(max_examples=300)
@given(st.lists(st.sampled_from(TOKENS) | st.binary(max_size=3), max_size=20).map(b"".join))
def test_texts_of_sgf_tokens(text: bytes) -> None:
    read_text(b"(;" + text)
    read_game(b"(;GM[1]" + text)

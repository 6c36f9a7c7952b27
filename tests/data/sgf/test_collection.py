"""Splitting SGF text into games."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goengine.data.sgf.collection import MAX_GAME_BYTES, split_collection
from goengine.errors import GoEngineError

GAMES = [
    b"(;GM[1]FF[4]SZ[9];B[aa];W[bb])",
    b"(;GM[1]SZ[9]C[brackets ) ( \\] and \\\\];B[cc](;W[dd])(;W[ee]))",
    b"( \n;B[pd]C[(;B[dd\\])])",
]


@given(st.lists(st.sampled_from(GAMES)), st.sampled_from([b"", b"\n", b"junk ] text\n"]), st.integers(1, 60))
def test_block_boundaries_do_not_matter(games: list[bytes], between: bytes, step: int) -> None:
    text = between.join([b"", *games, b""])
    blocks = [text[i : i + step] for i in range(0, len(text), step)]
    assert list(split_collection(blocks)) == games


BROKEN_BETWEEN_WHOLE = {
    "no last bracket": b"(;GM[1]SZ[9];B[aa];W[bb]",
    "cut off in a move": b"(;GM[1]SZ[9];B[a",
    "cut off in a comment": b"(;GM[1]SZ[9]C[so",
    "cut off in a branch": b"(;FF[4]SZ[9];B[aa](;W[bb])(;W[cc]",
    "a bracket too many": b"(;FF[4]SZ[9];B[aa]))",
    "a value's bracket too many": b"(;FF[4]SZ[9]C[a]b];B[aa])",
    "no node": b"()",
    "a value's bracket missing": b"(;GM[1]SZ[9];B[aa;W[bb])",
}


@pytest.mark.parametrize("broken", BROKEN_BETWEEN_WHOLE.values(), ids=BROKEN_BETWEEN_WHOLE.keys())
def test_a_broken_game_does_not_affect_others(broken: bytes) -> None:
    games = list(split_collection([b"\n".join([GAMES[0], broken, GAMES[1], GAMES[2]])]))
    assert [game for game in games if game in GAMES] == GAMES


def test_a_game_without_end_is_damage() -> None:
    with pytest.raises(GoEngineError, match="16 MiB"):
        list(split_collection([b"(;C[", *[b" " * (1 << 20)] * (MAX_GAME_BYTES >> 20)]))

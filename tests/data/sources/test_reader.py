"""Reading games from folders, collections and archives, intact and damaged."""

import bz2
import gzip
import os
import zipfile
from pathlib import Path

import pytest
from support.example_records import example_records

from goengine.data.sgf.records import record_to_sgf
from goengine.data.sources.reader import Reject, SourceGame, Sources, read_record
from goengine.errors import GoEngineError
from goengine.game.board import WHITE, Board

GAMES = [
    b"(;GM[1]FF[4]SZ[9];B[aa];W[bb])",
    b"(;GM[1]SZ[9]C[brackets ) ( \\] and \\\\];B[cc](;W[dd])(;W[ee]))",
    b"( \n;B[pd]C[(;B[dd\\])])",
]


def read(*paths: Path) -> tuple[list[SourceGame], list[Reject]]:
    rejects: list[Reject] = []
    return list(Sources(paths).games(rejects.append)), rejects


def test_files_folders_and_archives(tmp_path: Path) -> None:
    collection = b"\n".join(GAMES)
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    (folder / "b.sgf").write_bytes(GAMES[0])
    (folder / "deep" / "a.SGF.GZ").write_bytes(gzip.compress(collection))
    (folder / "notes.txt").write_bytes(b"(;B[aa])")
    (folder / "picture.gz").write_bytes(gzip.compress(b"\x00\x01"))
    packed = tmp_path / "packed.bz2"
    packed.write_bytes(bz2.compress(collection))
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x/one.sgf", GAMES[0])
        file.writestr("x/readme.txt", b"(;B[aa])")
        file.writestr("two.sgf.bz2", bz2.compress(collection))
    games, rejects = read(folder, packed, archive)
    assert rejects == []
    assert [(game.source.removeprefix(f"{tmp_path}/"), game.index) for game in games] == [
        ("folder/b.sgf", 0),
        *(("folder/deep/a.SGF.GZ", i) for i in range(3)),
        *(("packed.bz2", i) for i in range(3)),
        ("archive.zip/x/one.sgf", 0),
        *(("archive.zip/two.sgf.bz2", i) for i in range(3)),
    ]
    assert [game.sgf for game in games] == [GAMES[0], *GAMES, *GAMES, GAMES[0], *GAMES]


def test_byte_order_marks(tmp_path: Path) -> None:
    (tmp_path / "a.sgf").write_bytes("(;PB[莫];B[aa])".encode("utf-16"))
    (tmp_path / "b.sgf").write_bytes("(;PB[莫];B[aa])".encode("utf-8-sig"))
    assert [game.sgf for game in read(tmp_path)[0]] == ["(;PB[莫];B[aa])".encode()] * 2


def test_utf_16_without_a_mark(tmp_path: Path) -> None:
    for name, codec in (("a.sgf", "utf-16-le"), ("b.sgf", "utf-16-be"), ("c.sgf", "utf-32")):
        (tmp_path / name).write_bytes("(;PB[莫];B[aa])".encode(codec))
    assert [game.sgf for game in read(tmp_path)[0]] == ["(;PB[莫];B[aa])".encode()] * 3


ASIAN_GAMES = {  # characters whose second byte is a backslash or a bracket
    "shift_jis": [
        "(;PB[表ソ]BR[9d];B[aa])",
        "(;PB[十]PW[能登];B[bb];W[cc])",
        "(;EV[名人戦ーー]PB[ボ];B[dd])",
    ],
    "big5": ["(;PB[許功蓋]BR[9d];B[aa])", "(;PW[林至涵];B[bb](;W[cc])(;W[dd]))", "(;PB[周俊勳];B[dd])"],
    "gb18030": ["(;PB[乗囙]BR[9d];B[aa])", "(;PW[聂卫平]PB[俒];B[bb])", "(;PB[马晓春]EV[名人战];B[dd])"],
}


@pytest.mark.parametrize("codec", ASIAN_GAMES)
@pytest.mark.parametrize("charset", ["", "CA"])
def test_collections_in_asian_encodings(tmp_path: Path, codec: str, charset: str) -> None:
    games = ASIAN_GAMES[codec]
    if charset:
        games = [game.replace("(;", f"(;CA[{codec}]", 1) for game in games]
    (tmp_path / "a.sgf").write_bytes("\n".join(games * 40).encode(codec))
    read_games, rejects = read(tmp_path)
    assert rejects == []
    expected = [game.replace(f"CA[{codec}]", "CA[UTF-8]").encode() for game in games]
    assert [game.sgf for game in read_games] == expected * 40


def test_collections_of_several_encodings(tmp_path: Path) -> None:
    games = [
        game.replace("(;", f"(;CA[{codec}]", 1) for codec, games in ASIAN_GAMES.items() for game in games
    ]
    codecs = [codec for codec, games in ASIAN_GAMES.items() for _ in games]
    (tmp_path / "a.sgf").write_bytes(b"\n".join(map(str.encode, games, codecs)))
    read_games, _ = read(tmp_path)
    expected = [game.replace(f"CA[{codec}]", "CA[UTF-8]") for game, codec in zip(games, codecs, strict=True)]
    assert [game.sgf.decode() for game in read_games] == expected


def test_links_are_followed_without_cycles(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    for path in (folder / "deep", elsewhere):
        path.mkdir(parents=True)
    (folder / "a.sgf").write_bytes(GAMES[0])
    (elsewhere / "b.sgf").write_bytes(GAMES[1])
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "there").symlink_to(elsewhere)
    (folder / "gone.sgf").symlink_to(tmp_path / "nothing")
    (folder / "self.sgf").symlink_to(folder / "self.sgf")
    os.mkfifo(folder / "pipe.sgf")
    games, rejects = read(folder)
    assert [game.source for game in games] == [f"{folder}/a.sgf", f"{folder}/there/b.sgf"]
    assert rejects == []


def test_unreadable_files_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.sgf", "b.sgf", "c.sgf"):
        (tmp_path / name).write_bytes(GAMES[0])
    sources = Sources([tmp_path])
    (tmp_path / "a.sgf").unlink()  # after it was listed
    original_open = Path.open

    def forbid(path: Path, *arguments: object) -> object:
        if path.name == "b.sgf":
            raise PermissionError(13, "Permission denied")
        return original_open(path, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", forbid)
    rejects: list[Reject] = []
    games = list(sources.games(rejects.append))
    assert [game.source for game in games] == [f"{tmp_path}/c.sgf"]
    assert [str(reject) for reject in rejects] == [
        f"{tmp_path}/a.sgf, index 0: unreadable file: No such file or directory",
        f"{tmp_path}/b.sgf, index 0: unreadable file: Permission denied",
    ]


def test_long_text_without_games_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goengine.data.sgf.collection.MAX_GAME_BYTES", 1 << 20)
    (tmp_path / "a.sgf").write_bytes(GAMES[0] + b" " * (3 << 20) + GAMES[1])
    games, rejects = read(tmp_path)
    assert [game.sgf for game in games] == [GAMES[0]]
    assert [str(reject) for reject in rejects] == [
        f"{tmp_path}/a.sgf, index 1: damaged file: no game starts within 1 MiB"
    ]


def test_progress_is_reported_in_bytes(tmp_path: Path) -> None:
    for name in ("a.sgf", "b.sgf"):
        (tmp_path / name).write_bytes(GAMES[0])
    sources = Sources([tmp_path])
    assert sources.total_bytes == 2 * len(GAMES[0])
    done = [sources.done_bytes for _ in sources.games(lambda _: None)]
    assert done == sorted(done)
    assert sources.done_bytes == sources.total_bytes


def truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


LONG = b"\n".join(b"(;GM[1]C[%d];B[aa])" % (i * 7919) for i in range(200_000))
DAMAGED = [
    ("empty.sgf", b"", 0, "no SGF game"),
    ("binary.sgf", bytes(range(256)) * 50, 0, "no SGF game"),
    ("empty.bz2", b"", 0, "damaged file: it is truncated"),
    ("not.bz2", b"(;B[aa])", 0, "damaged file"),
    ("not.gz", b"(;B[aa])", 0, "damaged file"),
    ("not.zip", b"(;B[aa])", 0, "damaged file"),
    ("cut.sgf.bz2", truncated(bz2.compress(LONG)), 50_000, "damaged file: it is truncated"),
    ("cut.sgf.gz", truncated(gzip.compress(LONG, 1)), 50_000, "damaged file: it is truncated"),
]


@pytest.mark.parametrize(("name", "data", "at_least", "reason"), DAMAGED, ids=[row[0] for row in DAMAGED])
def test_games_before_the_damage_are_read(
    tmp_path: Path, name: str, data: bytes, at_least: int, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "whole.sgf").write_bytes(GAMES[0])
    games, rejects = read(tmp_path / name, tmp_path / "whole.sgf")
    assert games[-1].sgf == GAMES[0]
    assert len(games) - 1 >= at_least
    assert len(rejects) == 1
    assert str(rejects[0]).startswith(f"{tmp_path / name}, index {len(games) - 1}: {reason}")
    assert rejects[0].kind == reason.partition(":")[0]


def test_paths_without_games_are_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("(;B[aa])")
    for path, reason in (
        (tmp_path / "absent", "no such file or folder"),
        (tmp_path / "notes.txt", "not a game file"),
        (tmp_path, "no game file in this folder"),
    ):
        with pytest.raises(GoEngineError, match=reason):
            Sources([path])


@pytest.fixture
def collection(tmp_path):
    path = tmp_path / "games.sgf.bz2"
    path.write_bytes(bz2.compress(b"".join(map(record_to_sgf, example_records()))))
    return path


@pytest.mark.parametrize("number", [1, 5, 12])
def test_games_are_counted_from_one(collection, number):
    assert read_record(collection, number).moves == example_records()[number - 1].moves


@pytest.mark.parametrize("plies", [0, 1, 20, None])
def test_a_position_after_a_number_of_plies(collection, plies):
    record = read_record(collection, 2)
    board = Board.from_record(record, plies)
    assert [point for _, point in board.moves] == list(record.moves[:plies])


def test_setup_stones_and_first_player_are_used(collection):
    record = read_record(collection, 12)
    board = Board.from_record(record, 0)
    assert board.to_play == WHITE
    assert board.setup_stones == ([0, 80], [5])


@pytest.mark.parametrize(
    ("text", "number", "plies", "message"),
    [
        (b"(;SZ[9];B[aa])", 2, None, "there is no game 2, it holds 1"),
        (b"(;SZ[9];B[aa])", 1, 2, "there is no position after 2 plies, the game has 1"),
        (b"(;SZ[9];B[aa];W[aa])", 1, None, "move 2: White cannot play A9"),
        (b"(;SZ[99])", 1, None, "game 1: board size"),
        (b"nothing", 1, None, "game 1 cannot be read: .*no SGF game"),
    ],
)
def test_positions_that_do_not_exist(tmp_path, text, number, plies, message):
    path = tmp_path / "g.sgf"
    path.write_bytes(text)
    with pytest.raises(GoEngineError, match=message):
        Board.from_record(read_record(path, number), plies)

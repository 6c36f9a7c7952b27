"""Games in compressed files and archives, intact, damaged and malicious."""

import io
import lzma
import os
import struct
import tarfile
import tracemalloc
import zlib
from pathlib import Path

import py7zr
import pytest
from support.archives import ARCHIVES, COMPRESS, seven_zipped, tar, zipped

from goengine.data.sources.members import decompressed
from goengine.data.sources.reader import Reject, SourceGame, Sources

GAMES = [b"(;GM[1]SZ[9]C[game %d];B[aa];W[bb])" % number for number in range(7)]
ONE, MANY = GAMES[0], b"\n".join(GAMES)


def read(*paths: Path) -> tuple[list[SourceGame], list[Reject]]:
    rejects: list[Reject] = []
    return list(Sources(paths).games(rejects.append)), rejects


MEMBERS = {
    "x/one.sgf": ONE,
    "readme.txt": b"(;B[aa])",
    "x/many.SGF": MANY,
    "many.sgf.gz": COMPRESS[".gz"](MANY),
    "many.sgf.zst": COMPRESS[".zst"](MANY),
    "inner.zip": zipped({"a.sgf": ONE}),
    "y/inner.tar.gz": b"",
}
READ = [("x/one.sgf", 1), ("x/many.SGF", 7), ("many.sgf.gz", 7), ("many.sgf.zst", 7)]


@pytest.mark.parametrize("suffix", ARCHIVES)
def test_games_in_archives(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"games{suffix}"
    path.write_bytes(ARCHIVES[suffix](MEMBERS))
    sources = Sources([tmp_path])
    rejects: list[Reject] = []
    games = []
    done = []
    for game in sources.games(rejects.append):
        games.append(game)
        done.append(sources.done_bytes)
    assert [(game.source, game.index) for game in games] == [
        (f"{path}/{name}", index) for name, count in READ for index in range(count)
    ]
    assert [game.sgf for game in games] == [ONE, *GAMES * 3]
    assert sorted((reject.source, reject.kind) for reject in rejects) == [
        (f"{path}/{name}", "nested archive") for name in ("inner.zip", "y/inner.tar.gz")
    ]
    assert max(done) <= sources.done_bytes == sources.total_bytes
    assert [file.name for file in tmp_path.rglob("*")] == [path.name]


@pytest.mark.parametrize("suffix", COMPRESS)
def test_games_in_compressed_files(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"games.sgf{suffix}"
    path.write_bytes(COMPRESS[suffix](MANY) + COMPRESS[suffix](b"\n" + MANY))  # as from `cat`
    games, rejects = read(path)
    assert rejects == []
    assert [game.sgf for game in games] == GAMES * 2


@pytest.mark.parametrize("suffix", [*COMPRESS, *ARCHIVES])
@pytest.mark.parametrize("keep", [0.0, 0.3, 0.7, 0.98])
def test_truncated_files(tmp_path: Path, suffix: str, keep: float) -> None:
    text = b"\n".join(b"(;GM[1]C[%d];B[aa])" % (i * 7919) for i in range(60_000))
    members = {"a.sgf": text[: len(text) // 2], "b.sgf": text[len(text) // 2 :]}
    whole = ARCHIVES[suffix](members) if suffix in ARCHIVES else COMPRESS[suffix](text)
    path = tmp_path / f"games.sgf{suffix}"
    path.write_bytes(whole[: int(keep * len(whole))])
    (tmp_path / "whole.sgf").write_bytes(ONE)
    games, rejects = read(path, tmp_path / "whole.sgf")
    assert games[-1].sgf == ONE
    assert rejects
    assert all(reject.source.startswith(str(path)) for reject in rejects)
    if suffix not in (".zip", ".7z") and keep > 0.9:  # their table of contents is at the end
        assert len(games) > 10_000


@pytest.mark.parametrize("suffix", [*COMPRESS, *ARCHIVES])
def test_files_damaged_in_the_middle(tmp_path: Path, suffix: str) -> None:
    members = {f"{number}.sgf": b"(;C[" + os.urandom(3000).hex().encode() + b"])" for number in range(30)}
    whole = bytearray(
        ARCHIVES[suffix](members) if suffix in ARCHIVES else COMPRESS[suffix](b"".join(members.values()))
    )
    middle = len(whole) // 2
    whole[middle : middle + 7000] = bytes(7000)
    (tmp_path / f"a.sgf{suffix}").write_bytes(whole)
    (tmp_path / "whole.sgf").write_bytes(ONE)
    games, rejects = read(tmp_path)
    assert games[-1].sgf == ONE
    assert rejects
    if suffix == ".zip":
        assert len(games) >= 26  # only the damaged members are lost


def test_encrypted_members_are_rejected(tmp_path: Path) -> None:
    plain = bytearray(zipped({"a.sgf": ONE, "b.sgf": ONE}))
    for header, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        plain[plain.index(header) + offset] |= 1  # says that a.sgf is encrypted
    (tmp_path / "a.zip").write_bytes(plain)
    (tmp_path / "b.7z").write_bytes(seven_zipped({"a.sgf": ONE}, password="x"))
    (tmp_path / "c.7z").write_bytes(seven_zipped({"a.sgf": ONE}, password="x", header_encryption=True))
    games, rejects = read(tmp_path)
    assert [game.source for game in games] == [f"{tmp_path}/a.zip/b.sgf"]
    assert [(reject.source, reject.kind) for reject in rejects] == [
        (f"{tmp_path}/{name}", "encrypted") for name in ("a.zip/a.sgf", "b.7z", "c.7z")
    ]


def test_unsafe_names_and_links_are_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    names = {"../up.sgf": ONE, "/root.sgf": ONE, "C:\\a.sgf": ONE}
    (folder / "a.zip").write_bytes(zipped(names))
    buffer = io.BytesIO(tar(names))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        link = tarfile.TarInfo("link.sgf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    (folder / "b.tar").write_bytes(buffer.getvalue())
    before = set(Path("/").iterdir())
    games, rejects = read(folder)
    assert [game.sgf for game in games] == [ONE] * 6
    assert rejects == []
    assert set(Path("/").iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_an_unsafe_name_in_a_7z_archive_is_skipped(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w") as archive:
        archive.set_encoded_header_mode(False)
        for name in ("aa/up.sgf", "b.sgf"):
            archive.writestr(ONE, name)
    data = bytearray(buffer.getvalue().replace("aa/up".encode("utf-16-le"), "../up".encode("utf-16-le")))
    start, size = struct.unpack_from("<QQ", data, 12)
    struct.pack_into("<I", data, 28, zlib.crc32(data[32 + start : 32 + start + size]))
    struct.pack_into("<I", data, 8, zlib.crc32(data[12:32]))
    (tmp_path / "a.7z").write_bytes(data)
    games, rejects = read(tmp_path)
    assert [game.source for game in games] == [f"{tmp_path}/a.7z/b.sgf"]
    assert [str(reject) for reject in rejects] == [
        f"{tmp_path}/a.7z/../up.sgf, index 0: unsafe name: it leads out of the archive"
    ]


BOMB_BYTES = 40 << 20


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst", ".zip", ".tar.gz", ".7z"])
@pytest.mark.parametrize("start", [b"", b"(;C["], ids=["no game", "no end"])
def test_decompression_bombs_take_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, start: bytes
) -> None:
    monkeypatch.setattr("goengine.data.sgf.collection.MAX_GAME_BYTES", 1 << 20)
    bomb = start + bytes(BOMB_BYTES)
    data = ARCHIVES[suffix]({"a.sgf": bomb, "b.sgf": ONE}) if suffix in ARCHIVES else COMPRESS[suffix](bomb)
    del bomb
    path = tmp_path / f"bomb.sgf{suffix}"
    path.write_bytes(data)
    del data
    tracemalloc.start()
    games, rejects = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [game.sgf for game in games] == ([ONE] if suffix in ARCHIVES else [])
    assert [reject.kind for reject in rejects] == ["damaged file"]
    if suffix != ".7z":  # py7zr's blocks are up to 128 MB
        assert peak < BOMB_BYTES / 3


@pytest.mark.long
def test_the_memory_of_xz_files_is_limited() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}]
    data = lzma.compress(ONE, filters=filters)
    with pytest.raises(lzma.LZMAError, match="limit"):
        decompressed("a.xz", io.BytesIO(data)).read()  # type: ignore[arg-type]


def test_padding_between_xz_streams_is_skipped() -> None:
    data = lzma.compress(b"a" * 100_000) + bytes(8) + lzma.compress(b"b") + bytes(4)
    assert decompressed("a.xz", io.BytesIO(data)).read() == b"a" * 100_000 + b"b"  # type: ignore[arg-type]


def test_closing_the_iterator_stops_the_thread(tmp_path: Path) -> None:
    (tmp_path / "a.7z").write_bytes(seven_zipped({f"{number}.sgf": MANY * 1000 for number in range(20)}))
    games = Sources([tmp_path]).games(lambda _: None)
    assert next(games).sgf == ONE
    games.close()  # waits for the thread that extracts

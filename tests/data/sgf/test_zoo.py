"""The sgf-zoo: 103 files of many programs. The expected values were written down from the files' text."""

import pytest
from support import shared_dir

from goengine.data.sgf.game_info import parse_result
from goengine.data.sgf.records import GameRecord, record_from_sgf
from goengine.data.sources.reader import Reject, Sources
from goengine.errors import GoEngineError

# File, moves, setup stones of Black and White, komi, result, handicap: 19x19, one game, whole. Moves count
# an inserted pass between two moves of one colour: one in ai-fox-27, none elsewhere.
ORDINARY = [
    ("ai-10-2016.12.30-Magist-Meng_Tailing", 148, 0, 0, 6.5, "W+R", 0),
    ("ai-2-1_Phoenix_Go_VS_FineArt", 246, 0, 0, 7.5, "W+R", 0),
    ("ai-2-5_DeepZenGo_VS_CGI", 330, 0, 0, 7.5, "W+R", 0),
    ("ai-37-2017.01.02-Park_Yeong-hun-Master", 173, 0, 0, 6.5, "B+R", 0),
    ("ai-4-3_DeepZenGo_VS_TianRang", 219, 0, 0, 7.5, "B+R", 0),
    ("ai-4-6_FineArt_VS_CGI", 309, 0, 0, 7.5, "W+R", 0),
    ("ai-5-mayoigo-Akira", 114, 0, 0, 6.5, "W+R", 0),
    ("ai-54-2017.01.04-Nie_Weiping-Master", 254, 0, 0, 6.5, "B+7.5", 0),
    ("ai-6-3_Dolbaram_VS_DeepZenGo", 238, 0, 0, 7.5, "W+R", 0),
    ("ai-6-BaduGI-Natsukaze", 233, 0, 0, 6.5, "B+R", 0),
    ("ai-7-1_Phoenix_Go_VS_FineArt", 217, 0, 0, 7.5, "B+R", 0),
    ("ai-7-Natsukaze-Akira", 129, 0, 0, 6.5, "B+R", 0),
    ("ai-AG_vs_AG_-_G40_-_English", 266, 0, 0, 7.5, "W+Resign", 0),
    ("ai-AG_vs_AG_-_G45_-_English", 340, 0, 0, 7.5, "W+Resign", 0),
    ("ai-Game_001", 294, 0, 0, 7.5, "W+R", 0),
    ("ai-Game_006", 274, 0, 0, 7.5, "W+R", 0),
    ("ai-Game_011", 312, 0, 0, 7.5, "W+R", 0),
    ("ai-Game_012", 189, 0, 0, 7.5, "B+R", 0),
    ("ai-Zen19L-GodMoves_1", 221, 0, 0, 6.5, "B+Resign", 0),
    ("ai-Zen19L-GodMoves_3", 173, 0, 0, 6.5, "B+Resign", 0),
    ("ai-fox-01", 161, 0, 0, 0.0, "B+R", 0),
    ("ai-fox-02", 152, 0, 0, 0.0, "W+R", 0),
    ("ai-fox-03", 271, 0, 0, 0.0, "B+7.5", 0),
    ("ai-fox-04", 254, 0, 0, 0.0, "W+0.5", 0),
    ("ai-fox-05", 221, 0, 0, 0.0, "B+R", 0),
    ("ai-fox-06", 267, 0, 0, 0.0, "B+4.5", 0),
    ("ai-fox-07", 231, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-08", 129, 0, 0, 0.0, "B+R", 0),
    ("ai-fox-09", 145, 0, 0, 0.0, "B+R", 0),
    ("ai-fox-10", 172, 0, 0, 0.0, "W+R", 0),
    ("ai-fox-11", 186, 0, 0, 0.0, "W+R", 0),
    ("ai-fox-12", 163, 0, 0, 0.0, "B+R", 0),
    ("ai-fox-13", 143, 0, 0, 0.0, "B+R", 0),
    ("ai-fox-14", 211, 0, 0, 0.0, "B+R", 0),
    ("ai-fox-15", 183, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-16", 160, 0, 0, 7.5, "W+R", 0),
    ("ai-fox-17", 161, 0, 0, 7.5, "B+0.0", 0),
    ("ai-fox-18", 63, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-19", 243, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-20", 144, 0, 0, 7.5, "W+R", 0),
    ("ai-fox-21", 106, 0, 0, 7.5, "W+R", 0),
    ("ai-fox-22", 191, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-23", 101, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-24", 206, 0, 0, 7.5, "W+R", 0),
    ("ai-fox-25", 275, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-26", 193, 0, 0, 7.5, "B+R", 0),
    ("ai-fox-27", 256, 0, 0, 7.5, "W+R", 0),
    ("handicap-or-odd-0196-00-00", 43, 2, 2, None, "? (No further moves known)", 0),
    ("handicap-or-odd-20160312-Lee-Sedol-vs-AlphaGo", 176, 0, 0, 7.5, "W+Resign", 0),
    ("handicap-or-odd-20160313-AlphaGo-vs-Lee-Sedol", 180, 0, 0, 7.5, "W+Resign", 0),
    ("handicap-or-odd-AlphaGo-vs-Lee-Sedol-20160310", 211, 0, 0, 7.5, "B+Resign", 0),
    ("handicap-or-odd-Lee-Sedol-vs-AlphaGo-20160309", 186, 0, 0, 7.5, "W+Resign", 0),
    ("handicap-or-odd-Lee-Sedol-vs-AlphaGo-20160315", 280, 0, 0, 7.5, "W+Resign", 0),
    ("handicap-or-odd-ab_aw", 290, 2, 2, 0.0, "B+1", 0),
    ("kgs-01", 62, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-03", 214, 0, 0, 7.5, "W+8.50", 0),
    ("kgs-05", 50, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-07", 208, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-09", 221, 0, 0, 7.5, "B+Resign", 0),
    ("kgs-11", 254, 4, 0, 0.5, "B+Resign", 4),
    ("kgs-13", 158, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-15", 186, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-17", 199, 0, 0, 7.5, "B+Resign", 0),
    ("kgs-19", 211, 0, 0, 7.5, "B+Resign", 0),
    ("kgs-21", 226, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-23", 250, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-25", 213, 0, 0, 7.5, "B+Resign", 0),
    ("kgs-27", 192, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-29", 199, 0, 0, 7.5, "B+Resign", 0),
    ("kgs-31", 124, 0, 0, 7.5, "", 0),
    ("kgs-33", 295, 0, 0, 7.5, "B+Resign", 0),
    ("kgs-35", 140, 2, 0, 0.5, "W+Resign", 2),
    ("kgs-37", 82, 0, 0, 0.5, "W+Resign", 0),
    ("kgs-39", 105, 2, 0, 0.5, "W+Resign", 2),
    ("kgs-41", 129, 2, 0, 0.5, "W+Resign", 2),
    ("kgs-43", 132, 0, 0, 0.5, "W+Resign", 0),
    ("kgs-45", 200, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-47", 70, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-49", 141, 4, 0, 0.5, "W+Resign", 4),
    ("kgs-51", 348, 6, 0, 0.5, "B+Resign", 6),
    ("kgs-53", 262, 0, 0, 7.5, "W+Resign", 0),
    ("kgs-55", 315, 0, 0, 7.5, "B+Resign", 0),
    ("kgs-57", 265, 4, 0, 0.5, "W+Resign", 4),
    ("kgs-59", 60, 0, 0, 7.5, "", 0),
    ("kgs-61", 190, 0, 0, 7.5, "W+Resign", 0),
]  # fmt: skip

# Unusual files, a row for each game: board size, moves, setup stones, komi, result, Black's name, fault. The
# moves of the last count a pass between two of Black's.
UNUSUAL: dict[str, list[tuple[int, int, int, int, float | None, str, str, str]]] = {
    "encodings-chinese": [(19, 2, 0, 0, None, "", "古力", "")],
    "encodings-complex": [(19, 186, 0, 0, 7.5, "?", "", "")],
    "encodings-japanese": [(19, 2, 0, 0, None, "", "井山 裕太", "")],
    "encodings-japanese_bad": [(19, 2, 0, 0, None, "", "\ufffd\ufffd\ufffdR \ufffdT\ufffd\ufffd", "")],
    "encodings-korean": [(19, 2, 0, 0, None, "", "이세돌", "")],
    "encodings-nihon-kiin": [(19, 8, 0, 0, 6.5, "257手完, 黒中押し勝ち", "申眞ソ", "")],
    "encodings-no-ca": [(19, 7, 12, 10, None, "", "", "")],
    "encodings-utf16le": [(19, 164, 0, 0, 0.0, "", "Kitani Minoru", "")],
    "encodings-utf8bom": [(19, 164, 0, 0, 0.0, "", "Kitani Minoru", "")],
    "gogui-ff4_ex.1": [(19, 13, 0, 0, None, "", "", "")],
    "gogui-ff4_ex.2": [(19, 2, 0, 0, None, "W+3.5", "B. Lack", "")],
    "gogui-ff4_ex": [(19, 13, 0, 0, None, "", "", ""), (19, 2, 0, 0, None, "W+3.5", "B. Lack", "")],
    "gogui-game-1": [(9, 3, 0, 0, 6.5, "", "", "")],
    "gogui-invalidmove": [(9, 2, 0, 0, 6.5, "", "", "bad point: move 3 is off the board")],
    "gogui-size-after-valid-points": [(19, 0, 1, 1, None, "", "", "")],
    "gogui-time-settings-unknown-ot": [(19, 0, 0, 0, None, "", "", "")],
    "gogui-verbose-property-names": [(19, 185, 0, 0, 6.0, "B+Resign", "Robin Upton", "")],
}

REFUSED = {
    "gogui-size-after-invalid-points": "bad point: a setup stone is off the board, 'pp'",
}


def read(name: str) -> list[GameRecord]:
    rejects: list[Reject] = []
    games = list(Sources([shared_dir() / "sgf-zoo" / f"{name}.sgf"]).games(rejects.append))
    assert rejects == []
    return [record_from_sgf(game.sgf, game.source, game.index) for game in games]


@pytest.mark.parametrize("row", ORDINARY, ids=[row[0] for row in ORDINARY])
def test_ordinary_files(row: tuple[str, int, int, int, float | None, str, int]) -> None:
    name, moves, black, white, komi, result, handicap = row
    (record,) = read(name)
    assert (record.size, len(record.moves)) == (19, moves)
    assert (len(record.setup_black), len(record.setup_white)) == (black, white)
    assert (record.komi, record.result, record.handicap, record.fault) == (komi, result, handicap, "")
    assert record.first_player == (2 if black else 1)


@pytest.mark.parametrize("name", UNUSUAL)
def test_unusual_files(name: str) -> None:
    assert [
        (
            *(record.size, len(record.moves), len(record.setup_black), len(record.setup_white)),
            *(record.komi, record.result, record.black_name, record.fault),
        )
        for record in read(name)
    ] == UNUSUAL[name]


@pytest.mark.parametrize("name", REFUSED)
def test_refused_files(name: str) -> None:
    with pytest.raises(GoEngineError) as error:
        read(name)
    assert str(error.value) == REFUSED[name]


def test_every_file_is_covered() -> None:
    names = {path.stem for path in (shared_dir() / "sgf-zoo").glob("*.sgf")}
    assert names == {row[0] for row in ORDINARY} | UNUSUAL.keys() | REFUSED.keys()
    assert len(names) == 103


def test_every_result_is_parsed() -> None:
    unknown = {"", "?", "? (No further moves known)"}
    for result in {row[5] for row in ORDINARY} | {game[5] for games in UNUSUAL.values() for game in games}:
        assert (parse_result(result).winner is None) == (result in unknown), result

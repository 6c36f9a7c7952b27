"""Analysis commands: arguments, lines, and when they end."""

import json

import pytest
from support.gtp_talk import new_engine, talk

from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.protocol import Stream, answer


@pytest.fixture
def engine() -> Engine:
    return new_engine()


def infos(line: str) -> list[dict[str, str]]:
    """Return the key-value pairs of each `info`, its variation under "pv"."""
    parsed = []
    for info in line.split(" ownership ")[0].split(" rootInfo ")[0].split("info ")[1:]:
        head, _, variation = info.partition(" pv ")
        words = head.split()
        parsed.append({**dict(zip(words[::2], words[1::2], strict=True)), "pv": variation.strip()})
    return parsed


def full_board() -> str:
    """Return arguments of gogui-setup: a 5x5 board full of black stones except for two eyes."""
    eyes = {("a", 1), ("e", 5)}
    return " ".join(f"b {c}{row}" for c in "abcde" for row in range(1, 6) if (c, row) not in eyes)


@pytest.mark.parametrize("name", ["analyze", "lz-analyze"])
def test_leela_zero_format(engine: Engine, name: str) -> None:
    [response] = talk(engine, f"7 {name} b 10")
    head, line = response.split("\n")
    assert head == "=7"
    moves = infos(line)
    assert len(moves) == 10
    for order, move in enumerate(moves):
        assert list(move) == ["move", "visits", "winrate", "prior", "lcb", "order", "pv"]
        assert int(move["order"]) == order
        assert 0 <= int(move["lcb"]) <= int(move["winrate"]) <= 10_000
        assert int(move["prior"]) == round(10_000 / 81)
        assert int(move["visits"]) >= 10
        assert move["pv"].split()[0] == move["move"]
    assert engine.session.board.ply == 0


def test_katago_format(engine: Engine) -> None:
    [response] = talk(engine, "kata-analyze w 10 ownership true rootInfo true maxmoves 3")
    line = response.split("\n")[1]
    moves = infos(line)
    assert len(moves) == 3
    for move in moves:
        assert {"winrate", "scoreLead", "scoreMean", "prior", "lcb", "order", "visits"} < set(move)
        assert 0 <= float(move["lcb"]) <= float(move["winrate"]) <= 1
    root = line.partition(" rootInfo ")[2].split()
    assert root[:2] == ["visits", str(sum(int(move["visits"]) for move in moves))]
    ownership = line.partition(" ownership ")[2].split()
    assert len(ownership) == 81
    assert all(-1 <= float(owner) <= 1 for owner in ownership)


def test_values_are_from_the_view_of_the_analysed_player(engine: Engine) -> None:
    """Black owns the board, with one dead white stone."""
    talk(engine, "gogui-setup b c3 b d3 b e3 b f3 b g3 b c7 b d7 b e7 b g7 b c5 b g5 w a1")
    for colour, sign in (("b", 1), ("w", -1)):
        [response] = talk(engine, f"kata-analyze {colour} 10 ownership true maxmoves 2")
        line = response.split("\n")[1]
        assert all((float(move["scoreLead"]) > 0) == (sign > 0) for move in infos(line))
        owners = [sign * float(owner) for owner in line.partition(" ownership ")[2].split()]
        assert sum(owners) / 81 > 0.3


@pytest.mark.parametrize(
    ("arguments", "moves"),
    [
        ("", 10),
        ("b", 10),
        ("100", 10),
        ("interval 100", 10),
        ("w interval 5 minmoves 2 maxmoves 4", 4),
        ("maxmoves 1", 1),
        ("maxmoves 0", 1),
        ("minmoves 80", 10),
        ("minmoves 80 maxmoves 80", 80),
        ("avoid b a1,a2,a3 10", 10),
        ("allow b a1,a2,a3 10", 3),
        ("allow w a1,a2,a3 10", 10),
        ("pvVisits true movesOwnership false", 10),
    ],
)
def test_arguments(engine: Engine, arguments: str, moves: int) -> None:
    [response] = talk(engine, f"kata-analyze {arguments}")
    assert len(infos(response.split("\n")[1])) == moves


def test_allowed_and_avoided_points(engine: Engine) -> None:
    [response] = talk(engine, "lz-analyze allow b a1,a2,a3 1")
    assert {move["move"] for move in infos(response)} == {"A1", "A2", "A3"}
    [response] = talk(engine, "lz-analyze avoid b a1 1 avoid b a2,a3 1 maxmoves 81 minmoves 81")
    assert len(infos(response)) == 78
    assert not {"A1", "A2", "A3"} & {move["move"] for move in infos(response)}


@pytest.mark.parametrize(
    "arguments",
    [
        "x",
        "b x",
        "10 b",
        "interval",
        "interval x",
        "ownership maybe",
        "ownership",
        "avoid b a1",
        "allow b z9 1",
    ],
)
def test_bad_arguments_are_errors_before_the_stream(engine: Engine, arguments: str) -> None:
    for name in ("lz-analyze", "kata-analyze", "kata-genmove_analyze", "cgos-genmove_analyze"):
        assert talk(engine, f"3 {name} {arguments}") == ["?3 syntax error"]


def test_an_analysis_is_endless_and_improves(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "goengine.gtp.engine.analysis.ENOUGH_PLAYOUTS", 10**9
    )  # so that a fast machine does not reach it
    response = answer("lz-analyze b 10", engine.handlers)
    assert isinstance(response, Stream)
    assert response.endless
    assert response.interval == 0.1
    lines = [infos(next(response.lines)) for _ in range(4)]
    visits = [sum(int(move["visits"]) for move in line) for line in lines]
    assert visits == sorted(set(visits))
    assert [len(line[0]["pv"].split()) for line in lines] == [1, 2, 3, 4]


def test_an_analysis_stops_at_enough_playouts(engine: Engine) -> None:
    response = answer("lz-analyze b 10", engine.handlers)
    assert isinstance(response, Stream)
    lines = [next(response.lines) for _ in range(60)]
    assert lines[-1] == lines[-2]


@pytest.mark.parametrize("name", ["genmove_analyze", "lz-genmove_analyze", "kata-genmove_analyze"])
@pytest.mark.parametrize("arguments", ["b", "b 50", "b interval 50 ownership true"])
def test_a_move_with_an_analysis(engine: Engine, name: str, arguments: str) -> None:
    [response] = talk(engine, f"5 {name} {arguments}")
    head, line, last = response.split("\n")
    assert head == "=5"
    move = last.removeprefix("play ")
    assert move in {info["move"] for info in infos(line)}
    assert engine.session.board.ply == 1
    assert talk(engine, f"play w {move}") == ["? illegal move"]


def test_a_pass_with_an_analysis() -> None:
    engine = new_engine(size=5)
    talk(engine, f"gogui-setup {full_board()}")
    [response] = talk(engine, "kata-genmove_analyze b")
    assert response.split("\n")[-1] == "play pass"
    [info] = infos(response.split("\n")[1])
    assert (info["move"], info["pv"], float(info["prior"])) == ("pass", "pass", 0)


def test_without_a_sensible_point_a_pass_is_analysed() -> None:
    """Black has only its eyes, White only suicide; without lines an analysis would never end."""
    engine = new_engine(size=5)
    talk(engine, f"gogui-setup {full_board()}")
    for colour, owner in (("b", "1.000"), ("w", "-1.000")):
        for name in ("analyze", "kata-analyze", "lz-analyze"):
            [info] = infos(talk(engine, f"{name} {colour} 5")[0].split("\n")[1])
            assert (info["move"], info["pv"]) == ("pass", "pass")
        [response] = talk(engine, f"kata-analyze {colour} 5 ownership true")
        assert set(response.partition(" ownership ")[2].split()) == {owner}
        [response] = talk(engine, f"cgos-analyze {colour} 5")
        assert [move["move"] for move in json.loads(response.split("\n")[1])["moves"]] == ["pass"]


def test_an_avoided_move_is_not_played(engine: Engine) -> None:
    for name in ("lz-genmove_analyze", "kata-genmove_analyze", "cgos-genmove_analyze"):
        talk(engine, "clear_board")
        assert talk(engine, f"{name} b allow b a1 1")[0].split("\n")[-1] == "play A1"
        assert talk(engine, f"{name} b allow b a1 1")[0].split("\n")[-1] == "play pass"
        first = talk(engine, "clear_board", "reg_genmove b")[1].removeprefix("= ")
        played = talk(engine, f"{name} b avoid b pass,{first} 1")[0].split("\n")[-1]
        assert played not in (f"play {first}", "play pass")


def test_cgos_format(engine: Engine) -> None:
    [response] = talk(engine, "cgos-genmove_analyze b")
    head, text, last = response.split("\n")
    content = json.loads(text)
    assert head == "="
    assert set(content) == {"winrate", "score", "visits", "moves", "ownership"}
    assert len(content["ownership"]) == 81
    assert content["visits"] == sum(move["visits"] for move in content["moves"])
    assert last.removeprefix("play ") in {move["move"] for move in content["moves"]}
    assert set(content["moves"][0]) == {"move", "winrate", "score", "prior", "pv", "visits"}
    [response] = talk(engine, "cgos-analyze w 10")
    assert json.loads(response.split("\n")[1])["moves"]

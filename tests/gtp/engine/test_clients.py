"""The installed engine with Sabaki's client and GoGui's regression tests."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.regression import run_regression

import goengine
from goengine.gtp.client import Client

HERE = Path(__file__).parents[1]
ENGINE = [sys.executable, "-m", "goengine", "gtp"]
REGRESSION_TESTS = sorted((HERE / "regression").glob("*.tst"))

NODE = shutil.which("node")
SABAKI_CLIENT = HERE / "clients" / "node_modules" / "@sabaki" / "gtp"
GOGUI_REGRESS = shutil.which("gogui-regress")


@pytest.fixture(scope="module")
def sabaki() -> dict[str, Any]:
    """What Sabaki's client received; see clients/sabaki.mjs."""
    if NODE is None:
        pytest.skip("node is not installed")
    if not SABAKI_CLIENT.is_dir():
        pytest.skip("Sabaki's GTP client is not installed: npm install --prefix tests/gtp/clients")
    done = subprocess.run(
        [NODE, str(HERE / "clients" / "sabaki.mjs"), *ENGINE], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sabaki_attaches(sabaki: dict[str, Any]) -> None:
    assert (sabaki["name"], sabaki["version"], sabaki["protocol"]) == ("goengine", goengine.__version__, "2")
    assert {"analyze", "lz-analyze", "kata-analyze", "genmove_analyze"} <= set(sabaki["commands"])
    assert any("ready after" in line for line in sabaki["stderr"])


@pytest.mark.parametrize("name", ["analysis", "kata"])
def test_sabaki_interrupts_an_analysis(sabaki: dict[str, Any], name: str) -> None:
    result = sabaki[name]
    assert (result["error"], result["interrupt"]) == (False, "2")
    head, *lines, end = result["lines"]
    assert (head, end) == ("=", "")
    visits = [int(line.split()[4]) for line in lines]
    assert len(lines) >= 3
    assert visits == sorted(visits)
    for line in lines:
        for info in line.split("info ")[1:]:
            words = info.split()
            values = dict(zip(words[::2], words[1::2], strict=False))
            assert int(values["visits"]) >= 10  # Sabaki draws no text for fewer
            winrate = float(values["winrate"])
            assert 0 <= winrate <= 1 if name == "kata" else winrate.is_integer() and 0 <= winrate <= 10_000
            assert words[words.index("pv") + 1] == values["move"]
    assert ("ownership" in lines[0]) == (name == "kata")
    if name == "kata":
        ownership = lines[-1].partition("ownership ")[2].split()
        assert len(ownership) == 361
        assert all(-1 <= float(owner) <= 1 for owner in ownership)


def test_sabaki_synchronises_positions(sabaki: dict[str, Any]) -> None:
    def stones(diagram: str) -> set[tuple[str, str]]:
        rows = [line.split() for line in diagram.replace("(", " ").replace(")", " ").splitlines()]
        return {
            (mark, f"{column}{row[0]}")
            for row in rows
            if len(row) == 21
            for column, mark in zip("ABCDEFGHJKLMNOPQRST", row[1:-1], strict=True)
            if mark in "XO"
        }

    black, white = "X", "O"
    assert stones(sabaki["afterUndo"]) == {
        *((black, point) for point in ("Q16", "Q4", "R10")),
        *((white, point) for point in ("D4", "D16")),
    }
    assert stones(sabaki["arranged"]) == {
        *((black, point) for point in ("A1", "B1", "C1", "C2", "D4")),
        *((white, point) for point in ("E5", "F5")),
    }
    assert "komi 0.5" in sabaki["arranged"]


def test_sabaki_gets_a_move_with_an_analysis(sabaki: dict[str, Any]) -> None:
    head, info, move, end = sabaki["genmove"]
    assert (head, end) == ("=", "")
    assert info.startswith("info move ")
    word, vertex = move.split()
    assert word == "play"
    assert sabaki["history"][-1] == {"name": "play", "args": ["W", vertex.upper()]}
    assert f"move {vertex} " in info


def test_sabaki_sees_a_refusal_and_the_end(sabaki: dict[str, Any]) -> None:
    assert sabaki["refused"] == {"error": True, "content": "unacceptable size"}
    assert sabaki["quit"] == {"error": False, "content": ""}
    assert sabaki["exit"] == 0


@pytest.mark.long
@pytest.mark.parametrize("path", REGRESSION_TESTS, ids=lambda path: path.stem)
def test_regression(path: Path) -> None:
    with Client(ENGINE, timeout=300) as engine:
        tests = run_regression(engine, path)
    assert tests
    assert [test for test in tests if not test.passed] == []


@pytest.mark.skipif(GOGUI_REGRESS is None, reason="gogui-regress is not installed")
def test_gogui_regress(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(GOGUI_REGRESS), "-output", str(tmp_path), " ".join(ENGINE), *map(str, REGRESSION_TESTS)],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr

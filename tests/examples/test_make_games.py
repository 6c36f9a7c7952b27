"""The script that made the bundled games."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.example_scripts import EXAMPLES, load_example

from goengine.data.sgf.records import record_from_sgf
from goengine.data.sources.reader import Sources
from goengine.game.board import Board

SCRIPT = EXAMPLES / "make_games.py"
make_games = load_example("make_games")

GNUGO = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")


def test_pairings_have_the_numbers_and_alternate_colours() -> None:
    pairings = make_games.make_pairings(3, 4, 2, seed=1)
    assert [(p.black, p.white) for p in pairings] == [
        ("policy", "policy"),
        ("policy", "policy"),
        ("policy", "policy"),
        ("policy", "gnugo"),
        ("gnugo", "policy"),
        ("policy", "gnugo"),
        ("gnugo", "policy"),
        ("gnugo", "gnugo"),
        ("gnugo", "gnugo"),
    ]
    assert len({p.seed for p in pairings}) == len({p.opening for p in pairings}) == 9
    assert pairings == make_games.make_pairings(3, 4, 2, seed=1)
    assert pairings != make_games.make_pairings(3, 4, 2, seed=2)


@pytest.mark.slow
@pytest.mark.skipif(GNUGO is None, reason="GNU Go is not installed")
def test_games_are_complete_and_legal(tmp_path: Path) -> None:
    out = tmp_path / "games.sgf.bz2"
    subprocess.run([sys.executable, SCRIPT, out, "--gnugo", "2"], check=True, timeout=300)
    records = [record_from_sgf(game.sgf) for game in Sources([out]).games(pytest.fail)]
    assert len(records) == 2
    for record in records:
        board = Board(19, 7.5)
        for move in record.moves:
            board.play(move)
        assert board.is_over or record.result.endswith("+R")
        assert record.result[:2] in ("B+", "W+")
        assert record.black_name.startswith("GNU Go 3")
        assert (record.komi, record.rules) == (7.5, "Chinese")


def test_an_unwritable_file_is_refused_before_the_games(tmp_path: Path) -> None:
    out = tmp_path / "absent" / "x.sgf.bz2"
    done = subprocess.run([sys.executable, SCRIPT, out, "--policy", "1"], capture_output=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.decode().startswith(f"error: {out}: cannot be written (there is no folder")


def test_zero_games_are_an_error(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "x.sgf.bz2"], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "error: no game was finished\n")

"""The script that trains in sessions of limited time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.example_records import example_records

from goengine.data.table.writer import write_table

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_the_same_command_continues_until_the_run_is_complete(tmp_path: Path) -> None:
    write_table(tmp_path / "games.parquet", example_records(4, 9))
    out = tmp_path / "run"
    settings = {"filters": 4, "layers": 3, "batch_size": 8, "threads": 1, "positions": 24, "decay": 0.4}
    arguments = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    script = ROOT / "examples" / "train_in_sessions.sh"
    outputs = []
    for minutes in (0, 0, 1, 1):
        done = subprocess.run(
            [script, out, str(minutes), tmp_path / "games.parquet", *arguments],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHON": sys.executable},
        )
        assert done.returncode == 0, done.stderr
        outputs.append(done.stdout)
    assert f"{out}/checkpoint.pt: 8 positions" in outputs[0]
    assert f"{out}/checkpoint.pt: 16 positions" in outputs[1]
    assert f"{out}/model: trained on 24 positions" in outputs[2]
    assert outputs[3] == f"{out}/model: complete\n"

"""The wheel, installed as users do, next to their own packages data, training and gtp."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy
import pytest
from support.example_records import example_records

import goengine
from goengine.data.table.writer import write_table

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.wheel


class User:
    """A user's environment and folder."""

    def __init__(self, environment: Path, folder: Path) -> None:
        self.scripts = environment / ("Scripts" if os.name == "nt" else "bin")
        self.folder = folder
        self.site = next(environment.glob("[Ll]ib/**/site-packages"))

    def run(self, *command: str | Path, text: str = "") -> str:
        """What a program of the environment prints, started in the folder."""
        variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        variables["GOENGINE_CACHE"] = str(self.site.parent / "cache")
        done = subprocess.run(
            [str(self.scripts / command[0]), *map(str, command[1:])],
            input=text,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=variables,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def python(self, program: str) -> str:
        """What a program prints."""
        return self.run("python", "-c", program).strip()


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> User:
    folder = tmp_path_factory.mktemp("user")
    wheels = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    source = tmp_path_factory.mktemp("source") / "goengine"  # building leaves files where it builds
    for name in ("goengine", "data", "training", "gtp"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", wheels, source], check=True)
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=False)
    made = User(environment, folder)
    wheel = next(wheels.glob("goengine-*.whl"))
    python = made.scripts / "python"
    subprocess.run([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)
    # What goengine needs is that of the running environment; its own .pth files are not read from there.
    (made.site / "needs.pth").write_text(f"{Path(numpy.__file__).parents[1]}\n")
    (folder / "data.py").write_text("raise ImportError('the data of a user')\n")
    for name in ("training", "gtp"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(f"raise ImportError('the {name} of a user')\n")
    write_table(folder / "games.parquet", example_records(6, 9))
    return made


def test_the_installed_copy_is_imported(user: User):
    places = user.python(
        "import goengine; print(goengine.__file__, goengine.data.__file__, goengine.gtp.__file__, sep='\\n')"
    ).splitlines()
    assert len(places) == 3
    assert all(Path(place).is_relative_to(user.site / "goengine") for place in places)


def test_script_and_module(user: User):
    version = f"goengine {goengine.__version__}"
    assert user.run("goengine", "--version").strip() == version
    assert user.run("python", "-m", "goengine", "--version").strip() == version
    program = "from importlib.metadata import version; print(version('goengine'))"
    assert user.python(program) == goengine.__version__


def test_configs_and_games_by_name(user: User):
    listed = user.run("goengine", "train", "--list-configs")
    assert {"policy-64", "policy-192", "small", "reinforce-9x9", "pattern", "photographs"} == {
        line.split()[0] for line in listed.splitlines()
    }
    assert "probability" in user.run("goengine", "policy", "--sgf", "bundled", "--ply", "30")


def test_python_api(user: User):
    program = """
import goengine
from goengine.data.sources.reader import Sources
games = list(Sources([goengine.data.bundled_games()]).games(print))
board = goengine.Board(19)
board.play("Q16")
print(len(games) > 50, goengine.encode(board).shape, goengine.load_policy().size)
"""
    assert user.python(program) == "True (48, 19, 19) 19"


def test_a_move_over_gtp(user: User):
    answers = user.run("goengine", "gtp", text="name\ngenmove b\nquit\n").split("\n\n")
    assert answers[0] == "= goengine"
    assert answers[1].startswith("= ")
    assert answers[1] != "= "


def test_an_opponent_over_gtp_in_the_environment(user: User):
    program = """
import sys
import gymnasium
import goengine.env
command = f'"{sys.executable}" -m goengine gtp'
game = gymnasium.make("goengine/Go-v0", size=19, opponent=command)
game.reset(seed=1)
observation, reward, ended, _, _ = game.step(60)
print(reward, ended)
game.close()
"""
    assert user.python(program) == "0.0 False"


def test_training_by_torchrun(user: User):
    words = ["--nproc-per-node=1", "--standalone", "-m", "goengine", "train", "games.parquet", "--out", "run"]
    settings = ["positions=64", "batch_size=16", "layers=3", "filters=4", "threads=1", "warmup_steps=1"]
    user.run("python", "-m", "torch.distributed.run", *words, "--config", "small", *_each("--set", settings))
    assert (user.folder / "run" / "model" / "model.safetensors").exists()


def _each(option: str, values: list[str]) -> list[str]:
    return [word for value in values for word in (option, value)]

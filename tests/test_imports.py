"""Imports point one way: the packages stand in one order, and nothing imports in a circle."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import goengine
import goengine.data
import goengine.gtp
import goengine.training

ROOT = Path(__file__).parents[1]

# From the ground up: a package imports those of the lines before its own, and itself.
ORDER = [
    {"errors", "points", "colours"},
    {"data.sgf"},
    {"util"},
    {"kernel"},
    {"game"},
    {"nn"},
    {"policy"},
    {"player", "drawing"},
    {"env"},
    {"data"},
    {"training", "gtp"},
    {"cli"},
]
LEVELS = {name: level for level, names in enumerate(ORDER) for name in names}

# The folders that are installed as goengine's; the last three are next to it in the repository.
FOLDERS = {
    "goengine": ROOT / "goengine",
    "goengine.data": ROOT / "data",
    "goengine.training": ROOT / "training",
    "goengine.gtp": ROOT / "gtp",
}
MODULES = {
    ".".join((package, *path.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__"): path
    for package, folder in FOLDERS.items()
    for path in sorted(folder.rglob("*.py"))
}
# goengine itself imports for type checkers alone, and what is named at its first use; __main__ starts cli.
TREE = {name: path for name, path in MODULES.items() if name not in ("goengine", "goengine.__main__")}


def imported(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            assert node.module is not None
            members = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in members)


IMPORTS = {name: {other for other in imported(path) if other in TREE} - {name} for name, path in TREE.items()}


def package(module: str) -> str:
    """Return the part of goengine that a module belongs to, as ORDER names it."""
    _, *names = module.split(".")
    return "data.sgf" if names[:2] == ["data", "sgf"] else names[0]


def folder(module: str) -> str:
    """The package that a module lies in. The GTP engine's commands are a part of the engine."""
    is_package = TREE[module].name == "__init__.py"
    return (module if is_package else module.rpartition(".")[0]).removesuffix(".commands")


def test_the_tests_see_the_working_tree():
    for module in (goengine, goengine.data, goengine.training, goengine.gtp):
        assert module.__file__ is not None
        assert Path(module.__file__).parent == FOLDERS[module.__name__]


def test_every_package_is_in_the_order():
    assert {package(name) for name in TREE} == LEVELS.keys()


@pytest.mark.parametrize("name", sorted(LEVELS))
def test_a_package_imports_none_above_it(name: str):
    for module, others in IMPORTS.items():
        if package(module) == name:
            for other in others:
                other_level = LEVELS[package(other)]
                below = other_level < LEVELS[name] or package(other) == name or LEVELS[name] == 0
                assert below, f"{module} imports {other}"


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The nodes that are left when all that point at none of the rest are taken away again and again."""
    left = dict(graph)
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_modules_import_each_other_in_no_circle():
    assert circle(IMPORTS) == []


def test_folders_import_each_other_in_no_circle():
    graph: dict[str, set[str]] = {}
    for module, others in IMPORTS.items():
        here = graph.setdefault(folder(module), set())
        here |= {folder(other) for other in others} - {folder(module)}
    graph.pop("goengine")  # errors, points and colours
    assert circle(graph) == []


def test_no_folder_is_a_heap():
    for path in {path.parent for path in TREE.values()}:
        assert len(list(path.glob("*.py"))) <= 17, path  # __init__ included


def test_every_package_is_installed():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    assert set(settings["tool"]["setuptools"]["packages"]) == packages


def test_nothing_imports_by_a_folder_of_the_repository():
    for path in sorted(ROOT.glob("*/**/*.py")):
        if path.is_relative_to(ROOT / ".venv") or path.is_relative_to(ROOT / "build"):
            continue
        names = {name.partition(".")[0] for name in imported(path)}
        assert not names & {"data", "training", "gtp"}, path


@pytest.mark.long
def test_a_machine_that_trains_needs_no_library_that_only_reads_or_plays() -> None:
    program = """
import sys
for name in ("sgfmill", "gymnasium", "charset_normalizer", "backports", "py7zr"):
    sys.modules[name] = None  # importing them fails
import goengine.cli, goengine.training.bench.train
import goengine.training.evaluation.evaluate, goengine.training.policy.task, goengine.training.policy.release
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr

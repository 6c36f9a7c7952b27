"""Imports point one way: from the front rooms to the library, and inside the library from moves to rules."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What each room may import of the others; the command line, which sees all, is not of the list.
ROOMS = {
    "goengine": set(),
    "data": {"goengine"},
    "training": {"data", "goengine"},
    "gtp": {"data", "goengine"},
}

# The floors of the library, from the ground up: a module imports none above its own.
FLOORS = [
    [
        "code_words",
        "errors",
        "files",
        "interrupts",
        "jit",
        "points",
        "report_page",
        "reuse",
        "rules",
        "sharing",
        "threads",
        "windows",
    ],
    ["layers"],
    ["images", "placement"],
    ["architectures", "patterns"],
    ["model_folder"],
    ["resizing"],
    ["value_head"],
    ["kernel"],
    ["board"],
    ["charts"],
    ["planes"],
    ["lockstep"],
    ["network", "onnx_model"],
    ["activations", "classifier", "folding"],
    ["policy"],
    ["torch_policy", "onnx_policy"],
    ["backends"],
    ["scoring"],
    ["ending"],
    ["player"],
    ["env"],
]


def imported(path: Path) -> Iterator[str]:
    """The full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources(room: str) -> list[Path]:
    return [path for path in sorted((ROOT / room).rglob("*.py")) if "cli" not in path.parts]


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_no_room_above_them(room: str) -> None:
    paths = sources(room)
    assert paths
    entry = {ROOT / "goengine" / "__main__.py", ROOT / "training" / "__main__.py"}  # start the command line
    for path in paths:
        names = {name.partition(".")[0] for name in imported(path)}
        assert names & set(ROOMS) <= ROOMS[room] | {room}, path
        if path not in entry:
            assert not any(name.startswith("goengine.cli") for name in imported(path)), path


def test_the_library_imports_no_floor_above() -> None:
    floor = {name: level for level, names in enumerate(FLOORS) for name in names}
    for path in sources("goengine"):
        own = path.relative_to(ROOT / "goengine").parts[0].removesuffix(".py")
        if own in ("__init__", "__main__"):
            continue
        for name in imported(path):
            package, _, module = name.partition(".")
            other = module.partition(".")[0]
            if package == "goengine" and other:
                assert floor[other] <= floor[own], f"{path} imports {name}"


def test_modules_import_each_other_in_no_circle() -> None:
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for room in ROOMS
        for path in sources(room)
    }
    left = {name: {other for other in imported(path) if other in modules} for name, path in modules.items()}
    left["goengine"] = set()  # its imports are for type checkers, and done when a name is first used
    while free := {name for name, others in left.items() if not (others - {name}) & left.keys()}:
        for name in free:
            del left[name]
    assert not left, f"a circle among {sorted(left)}"


@pytest.mark.long
def test_a_machine_that_trains_needs_no_library_that_only_reads_or_plays() -> None:
    program = """
import sys
for name in ("sgfmill", "gymnasium", "charset_normalizer", "backports", "py7zr"):
    sys.modules[name] = None  # importing them fails
import goengine.cli, training.evaluate, training.policy_task, training.release, training.bench.train
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr

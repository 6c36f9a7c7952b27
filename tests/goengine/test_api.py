"""The public interface: names, documentation, and the examples in docstrings."""

import doctest
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import goengine

PUBLIC = ["goengine", "goengine.data", "goengine.game", "goengine.nn", "goengine.policy"]
FOLDERS = {
    name: Path(str(importlib.import_module(name).__file__)).parent
    for name in ("goengine", "goengine.data", "goengine.training", "goengine.gtp")
}
WITH_EXAMPLES = sorted(
    ".".join((package, *path.relative_to(folder).with_suffix("").parts)).removesuffix(".__init__")
    for package, folder in FOLDERS.items()
    for path in folder.rglob("*.py")
    if "    >>> " in (text := path.read_text(encoding="utf-8")) or "\n>>> " in text
)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_exist_and_have_docstrings(name):
    module = importlib.import_module(name)
    for member in module.__all__:
        value = getattr(module, member)
        if inspect.ismodule(value) or inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{name}.{member}"


@pytest.mark.parametrize("name", PUBLIC)
def test_completion_shows_all_public_names(name):
    module = importlib.import_module(name)
    shown = [member for member in dir(module) if not member.startswith("_")]
    assert shown == sorted(module.__all__)


def test_unknown_names_raise_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'goengine' has no attribute 'Bord'"):
        goengine.Bord  # noqa: B018


def test_importing_goengine_imports_no_large_library():
    program = "import sys, goengine; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for library in ("numpy", "numba", "torch", "pydantic"):
        assert f"'{library}'" not in done.stdout


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_are_true(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0

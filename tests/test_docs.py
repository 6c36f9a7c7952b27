"""The documents: short lines, links that lead somewhere, commands and imports that exist."""

import ast
import importlib
import os
import re
import shlex
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from test_imports import MODULES, ORDER

from goengine.cli import app
from goengine.training.classify.config import ClassifierConfig
from goengine.training.config import TrainConfig
from goengine.training.reinforce.config import ReinforceConfig

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "training/RESULTS.md", *ROOT.glob(".github/**/*.md")]
)
NEED_FILES = {"models.md", "benchmarks.md"}  # whose examples need a user's files or an account
RUN = [
    page
    for page in DOCS.rglob("*.md")
    if page.name not in NEED_FILES and "```python" in page.read_text("utf-8")
]
MAX_LINE = 120

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^]]+\]: (\S+)$", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
OPTIONAL = {"onnxruntime", "sgfmill", "py7zr", "distributed"}  # what examples import besides goengine
NOT_CODE = {"goengine/Go-v0", "goengine.exe", "goengine.version"}  # names that look like files or modules

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page: Path, *languages: str) -> Iterator[str]:
    """Yield the code blocks of a page that are in one of the languages ("" for none)."""
    for language, code in FENCE.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield code


def prose(page: Path) -> str:
    """Return a page without its code blocks and inline code."""
    return re.sub(r"`[^`\n]+`", "", FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub and MkDocs make them."""
    headings = HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def commands(page: Path) -> Iterator[list[str]]:
    """Yield the words of each goengine command in a page: in its blocks and its inline code."""
    text = page.read_text(encoding="utf-8")
    lines = "\n".join(blocks(page, "", "bash")).replace("\\\n", " ").splitlines()
    inline = (code.replace("\n", " ") for code in re.findall(r"`(goengine [^`]+)`", FENCE.sub("", text)))
    for line in [*lines, *inline]:
        command = re.sub(r"\$\(.*\)", "VALUE", line.strip().removeprefix("$ "))
        if command.startswith("goengine "):
            yield shlex.split(command.split(" | ")[0], comments=True)[1:]


def parser_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that the first words name, and the words after them."""
    command: click.Command = typer.main.get_command(app)
    rest = list(words)
    while (group := getattr(command, "commands", None)) and rest and not rest[0].startswith("-"):
        assert rest[0] in group, f"goengine has no command {' '.join(words)}"
        command = group[rest.pop(0)]
    return command, rest


@each_page
def test_lines_are_short(page: Path):
    lines = page.read_text(encoding="utf-8").splitlines()
    long = [number for number, line in enumerate(lines, 1) if len(line) > MAX_LINE]
    assert long == []


@each_page
def test_links_lead_somewhere(page: Path):
    for link in (inline or named for inline, named in LINK.findall(prose(page))):
        target, _, anchor = link.partition("#")
        prefix = "https://github.com/goengine/goengine/blob/main/"
        if target.startswith(prefix):
            assert (ROOT / target.removeprefix(prefix)).exists(), link
        elif not target.startswith("https://"):
            path = (page.parent / target).resolve() if target else page
            assert path.exists(), link
            assert not anchor or anchor in anchors(path), link


@each_page
def test_commands_and_their_options_exist(page: Path):
    for words in commands(page):
        command, rest = parser_of(words)
        known = {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        known |= {"--help", "-h"}
        used = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
        assert used <= known, f"goengine {' '.join(words)}: no {', '.join(sorted(used - known))}"


@each_page
def test_python_examples_import_what_exists(page: Path):
    for code in blocks(page, "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module not in OPTIONAL:
                module = importlib.import_module(str(node.module))
                assert all(hasattr(module, alias.name) for alias in node.names), ast.unparse(node)


@each_page
def test_files_and_modules_exist(page: Path):
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:goengine|data|training|gtp|tests|examples|docs|\.ci)/[\w./-]+)`", text):
        assert (ROOT / name).exists() or name in NOT_CODE, name
    for name in re.findall(r"`(goengine(?:\.\w+)+)\b", text):
        module, _, member = name.rpartition(".")
        known = name in MODULES or name in NOT_CODE or hasattr(importlib.import_module(module), member)
        assert known, name


@pytest.mark.long
@pytest.mark.parametrize("page", RUN, ids=lambda page: str(page.relative_to(ROOT)))
def test_python_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
    for code in blocks(page, "python"):
        exec(compile(code, page.name, "exec"), {"__name__": "example"})


@each_page
def test_training_settings_exist(page: Path):
    known = TrainConfig.model_fields | ClassifierConfig.model_fields | ReinforceConfig.model_fields
    for name in re.findall(r"--set (\w+)=", page.read_text(encoding="utf-8")):
        assert name in known or name == "NAME", name


def test_the_training_guide_lists_every_setting():
    settings = (
        (DOCS / "train.md").read_text(encoding="utf-8").partition("| setting |")[2].partition("\n\n")[0]
    )
    listed = set(re.findall(r"`(\w+)`", settings))
    arguments = {
        "out",
        "table",
        "validation",
        "start_hash",
    }  # of the command; start_hash is written by the run
    assert TrainConfig.model_fields.keys() - listed == arguments


@each_page
def test_toml_examples_are_toml(page: Path):
    for code in blocks(page, "toml"):
        tomllib.loads(code)


def test_every_page_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        assert re.search(rf"[ :-] {page.relative_to(DOCS).as_posix()}$", navigation, re.MULTILINE), page


def test_every_picture_is_shown():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    for picture in (DOCS / "pictures").iterdir():
        assert f"pictures/{picture.name}" in text, picture


def test_the_architecture_lists_every_folder():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(goengine[.\w]*)` \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(name for name, path in MODULES.items() if path.name == "__init__.py")


def test_the_architecture_lists_the_import_order():
    dependencies = (DOCS / "architecture.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    lines = dependencies.partition("```\n")[2].partition("```")[0].splitlines()
    assert [set(line.split(", ")) for line in lines] == ORDER


@pytest.mark.parametrize(
    "package", ["goengine", "goengine.data", "goengine.game", "goengine.nn", "goengine.policy"]
)
def test_public_names_are_in_the_api_reference(package: str):
    shown = re.findall(
        r"^::: (\S+)$", "\n".join(page.read_text("utf-8") for page in (DOCS / "api").iterdir()), re.M
    )
    names = {name.rpartition(".")[2] for name in shown}
    public = [name for name in importlib.import_module(package).__all__ if f"goengine.{name}" not in MODULES]
    assert [name for name in public if name not in names and f"{package}.{name}" not in shown] == []


def test_the_citation_is_of_this_version():
    version = importlib.import_module("goengine").__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")

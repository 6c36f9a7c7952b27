"""Reports for people: a page that needs no other file, or a picture."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from goengine.errors import GoEngineError
from goengine.util.files import check_target

SUFFIXES = (".html", ".png")

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ border-bottom: 1px solid #ddd; padding: 0.25rem 0.8rem; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }}
img {{ max-width: 100%; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def check_report(path: Path) -> None:
    """Look before long work whether a report can have this name.

    Raises GoEngineError if it is neither .html nor .png, or what `check_target` raises.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise GoEngineError(f"{path}: a report is an {' or a '.join(SUFFIXES)} file")
    check_target(path)


def html_page(title: str, parts: Iterable[str]) -> str:
    """A page: the title as text, the parts as HTML."""
    return _PAGE.format(title=escape(title), body="\n".join(parts))


def html_picture(name: str, png: bytes) -> str:
    """A heading, and a picture that lies in the page itself."""
    data = base64.b64encode(png).decode("ascii")
    return f'<h2>{escape(name)}</h2>\n<img alt="{escape(name)}" src="data:image/png;base64,{data}">'


def html_table(rows: Sequence[Sequence[str]], heading: bool = True) -> str:
    """A table of texts; the first row is the heading, if there is one."""
    tags = ["th" if heading else "td", *["td"] * (len(rows) - 1)]
    lines = (
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for row, tag in zip(rows, tags, strict=True)
    )
    return "\n".join(["<table>", *lines, "</table>"])

"""Report pages: HTML files that include their pictures."""

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
    """Check, before long work, that a report can be written to a file.

    Raises:
        GoEngineError: If it is neither an .html nor a .png file, or `check_target` refuses it.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise GoEngineError(f"{path}: a report is an {' or a '.join(SUFFIXES)} file")
    check_target(path)


def html_page(title: str, parts: Iterable[str]) -> str:
    """Return a page; the title is text, the parts are HTML."""
    return _PAGE.format(title=escape(title), body="\n".join(parts))


def html_picture(name: str, png: bytes) -> str:
    """Return a heading and a PNG picture, which is included in the page."""
    data = base64.b64encode(png).decode("ascii")
    return f'<h2>{escape(name)}</h2>\n<img alt="{escape(name)}" src="data:image/png;base64,{data}">'


def html_table(rows: Sequence[Sequence[str]], heading: bool = True) -> str:
    """Return a table of texts; the first row is the heading if `heading` is set."""
    tags = ["th" if heading else "td", *["td"] * (len(rows) - 1)]
    lines = (
        "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for row, tag in zip(rows, tags, strict=True)
    )
    return "\n".join(["<table>", *lines, "</table>"])

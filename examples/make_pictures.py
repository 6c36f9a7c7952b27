"""Draw the pictures of README.md and docs/play.md: `python examples/make_pictures.py`.

The probabilities of a policy and an ownership map in a bundled game, and sketches of the dialogues in which
Sabaki and GoGui configure an engine. The sketches are not screenshots.
"""

import io
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from PIL import Image

import goengine
from goengine.data.sources.reader import read_record
from goengine.drawing import palette
from goengine.drawing.boards import board_picture, ownership_picture
from goengine.drawing.charts import figure_png
from goengine.game.board import Board
from goengine.game.scoring import estimate

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
GAMES = ROOT / "data" / "bundled" / "games.sgf.bz2"
GAME, OPENING_PLY, LATE_PLY = 1, 40, 170

SABAKI = [
    ("Name", "goengine"),
    ("Path", "/home/you/goengine/.venv/bin/goengine"),
    ("Arguments", "gtp --temperature 0.5"),
    ("Initial commands", ""),
]
GOGUI = [
    ("Command:", '"/home/you/my go/.venv/bin/goengine" gtp'),
    ("Working directory:", ""),
]


def main() -> None:
    """Draw all pictures."""
    PICTURES.mkdir(exist_ok=True)
    policy = goengine.load_policy()
    early, late = position(OPENING_PLY), position(LATE_PLY)
    pictures = {
        "heat-map.png": board_picture(
            early, policy.policy(early), f"Where Black would play move {OPENING_PLY + 1}, in percent"
        ),
        "ownership.png": ownership_picture(
            late, estimate(late).ownership, f"Who owns what after move {LATE_PLY}"
        ),
        "sabaki.png": dialogue("Sabaki: Engines, an engine's four fields (a sketch)", SABAKI),
        "gogui.png": dialogue("GoGui: Program, New Program (a sketch)", GOGUI),
    }
    pictures["playing.png"] = side_by_side(pictures["heat-map.png"], pictures["ownership.png"])
    for name, picture in pictures.items():
        size = small_copy(picture, PICTURES / name)
        print(f"{PICTURES / name}: {size / 1000:.0f} kB")


def position(ply: int) -> goengine.Board:
    """Return a position of a bundled game."""
    return Board.from_record(read_record(GAMES, GAME), ply)


def dialogue(title: str, fields: list[tuple[str, str]]) -> bytes:
    """Draw a sketch of a form with its fields, as a PNG picture."""
    height = 0.42 * len(fields) + 0.75
    figure = Figure(figsize=(6.4, height), dpi=100, facecolor=palette.PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, 6.4)
    axes.set_ylim(height, 0)
    axes.axis("off")
    axes.add_patch(box(0.1, 0.1, 6.2, height - 0.2, palette.FORM))
    axes.text(0.3, 0.36, title, va="center", fontsize=11, weight="bold")
    for row, (label, value) in enumerate(fields):
        y = 0.62 + 0.42 * row
        axes.text(0.3, y + 0.16, label, va="center", fontsize=10)
        axes.add_patch(box(1.9, y, 4.2, 0.32, palette.PAPER))
        axes.text(2.0, y + 0.16, value, va="center", fontsize=10, family="monospace")
    return figure_png(figure)


def side_by_side(left: bytes, right: bytes) -> bytes:
    """Join two PNG pictures into one, the first on the left."""
    images = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in (left, right)]
    joined = Image.new(
        "RGB", (sum(image.width for image in images), max(image.height for image in images)), palette.PAPER
    )
    joined.paste(images[0], (0, 0))
    joined.paste(images[1], (images[0].width, 0))
    output = io.BytesIO()
    joined.save(output, "PNG")
    return output.getvalue()


def small_copy(picture: bytes, path: Path) -> int:
    """Write a PNG picture of 160 colours, at most 1,080 x 640 pixels, and return its size in bytes."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.thumbnail((1080, 640), Image.Resampling.LANCZOS)
    image.quantize(160, kmeans=2).save(path, optimize=True)
    return path.stat().st_size


def box(x: float, y: float, width: float, height: float, colour: str) -> FancyBboxPatch:
    """Return a rectangle with round corners."""
    return FancyBboxPatch(
        (x, y),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.05",
        facecolor=colour,
        edgecolor=palette.EDGE,
    )


if __name__ == "__main__":
    main()

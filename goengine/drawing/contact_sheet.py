"""Many small pictures on one sheet, each with a caption, as photographers print their films."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

_MARGIN, _GAP = 12, 8
_CAPTION_SIZE, _TITLE_SIZE = 11, 15
_LINE = 1.3  # height of a line of text, in sizes of its letters
_INK, _PAPER = "#222222", "white"


@dataclass(frozen=True)
class Tile:
    """A picture and what stands below it, which may be several lines."""

    image: Image.Image
    caption: str = ""


def contact_sheet(
    tiles: Sequence[Tile], title: str = "", columns: int | None = None, side: int = 96
) -> bytes:
    """The tiles as one PNG picture, row by row.

    columns: None for a sheet about as wide as high. side: pixels of a tile's longer side; smaller pictures
    are enlarged by whole factors and keep their pixels sharp, larger ones are reduced.
    """
    columns = min(len(tiles), columns or math.ceil(math.sqrt(len(tiles) * 1.6)))
    rows = math.ceil(len(tiles) / columns)
    pictures = [_sized(tile.image, side) for tile in tiles]
    captions = [tile.caption for tile in tiles]
    font, heading = ImageFont.load_default(_CAPTION_SIZE), ImageFont.load_default(_TITLE_SIZE)
    lines = max((caption.count("\n") + 1 if caption else 0) for caption in captions)
    text_width = max(font.getlength(line) for caption in captions for line in [*caption.split("\n"), ""])
    width = max(*(picture.width for picture in pictures), math.ceil(text_width), 1)
    height = max(picture.height for picture in pictures)
    row_height = height + math.ceil(lines * _LINE * _CAPTION_SIZE) + _GAP
    top = _MARGIN + (math.ceil(2 * _TITLE_SIZE) if title else 0)
    wide = max(columns * (width + _GAP) - _GAP, math.ceil(heading.getlength(title)))
    sheet = Image.new("RGB", (2 * _MARGIN + wide, top + rows * row_height - _GAP + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((_MARGIN, _MARGIN), title, _INK, heading)
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        row, column = divmod(number, columns)
        x, y = _MARGIN + column * (width + _GAP), top + row * row_height
        sheet.paste(picture, (x + (width - picture.width) // 2, y + (height - picture.height) // 2))
        draw.multiline_text(
            (x + width / 2, y + height + 2), caption, _INK, font, anchor="ma", align="center", spacing=2
        )
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _sized(image: Image.Image, side: int) -> Image.Image:
    longer = max(image.size)
    image = image.convert("RGB")
    if longer > side:
        share = side / longer
        size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
        return image.resize(size, Image.Resampling.LANCZOS)
    factor = side // longer
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)

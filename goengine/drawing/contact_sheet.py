"""Contact sheets: many small pictures with captions in one picture."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from goengine.drawing import palette

_MARGIN, _GAP = 12, 8
_CAPTION_SIZE, _TITLE_SIZE = 11, 15
_LINE_HEIGHT = 1.3  # of the size of the letters


@dataclass(frozen=True)
class Tile:
    """A picture with a caption, which may have several lines."""

    image: Image.Image
    caption: str = ""


def contact_sheet(
    tiles: Sequence[Tile], title: str = "", columns: int | None = None, side: int = 96
) -> bytes:
    """Draw tiles row by row, as a PNG picture.

    Args:
        tiles: At least one.
        title: The title of the sheet.
        columns: The number of columns; None for a sheet about as wide as high.
        side: The longer side of a tile, in pixels. Larger pictures are reduced, smaller ones are enlarged by
            a whole factor, without smoothing.
    """
    columns = min(len(tiles), columns or math.ceil(math.sqrt(len(tiles) * 1.6)))
    rows = math.ceil(len(tiles) / columns)
    pictures = [_resized(tile.image, side) for tile in tiles]
    captions = [tile.caption for tile in tiles]
    font, heading = ImageFont.load_default(_CAPTION_SIZE), ImageFont.load_default(_TITLE_SIZE)
    lines = max((caption.count("\n") + 1 if caption else 0) for caption in captions)
    text_width = max(font.getlength(line) for caption in captions for line in [*caption.split("\n"), ""])
    width = max(*(picture.width for picture in pictures), math.ceil(text_width), 1)
    height = max(picture.height for picture in pictures)
    row_height = height + math.ceil(lines * _LINE_HEIGHT * _CAPTION_SIZE) + _GAP
    top = _MARGIN + (math.ceil(2 * _TITLE_SIZE) if title else 0)
    total_width = max(columns * (width + _GAP) - _GAP, math.ceil(heading.getlength(title)))
    sheet = Image.new(
        "RGB", (2 * _MARGIN + total_width, top + rows * row_height - _GAP + _MARGIN), palette.PAPER
    )
    draw = ImageDraw.Draw(sheet)
    if title:
        draw.text((_MARGIN, _MARGIN), title, palette.TEXT, heading)
    for number, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        row, column = divmod(number, columns)
        x, y = _MARGIN + column * (width + _GAP), top + row * row_height
        sheet.paste(picture, (x + (width - picture.width) // 2, y + (height - picture.height) // 2))
        draw.multiline_text(
            (x + width / 2, y + height + 2),
            caption,
            palette.TEXT,
            font,
            anchor="ma",
            align="center",
            spacing=2,
        )
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _resized(image: Image.Image, side: int) -> Image.Image:
    longer = max(image.size)
    image = image.convert("RGB")
    if longer > side:
        scale = side / longer
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        return image.resize(size, Image.Resampling.LANCZOS)
    factor = side // longer
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)

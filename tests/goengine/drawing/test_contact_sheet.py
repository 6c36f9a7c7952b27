"""Contact sheets and board tiles, by their pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from goengine.drawing.board_tile import board_tile
from goengine.drawing.contact_sheet import Tile, contact_sheet
from goengine.game.board import BLACK, WHITE
from goengine.nn.placement import Box


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def colours(image: Image.Image) -> set[tuple[int, int, int]]:
    return {colour for _, colour in image.getcolors(1 << 24)}


def test_a_sheet_holds_all_tiles_in_order():
    names = ["red", "lime", "blue", "yellow", "cyan"]
    tiles = [Tile(Image.new("RGB", (4, 4), name)) for name in names]
    sheet = opened(contact_sheet(tiles, columns=3, side=40))
    places = [(12 + (i % 3) * 48 + 20, 12 + (i // 3) * 48 + 20) for i in range(5)]
    pixels = [sheet.getpixel(place) for place in places]
    assert pixels == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]


def test_small_pictures_keep_their_pixels_and_large_ones_are_reduced():
    checks = Image.fromarray(np.indices((3, 3)).sum(0).astype(np.uint8) % 2 * 255)
    sheet = opened(contact_sheet([Tile(checks)], side=30))
    assert colours(sheet) == {(0, 0, 0), (255, 255, 255)}
    assert opened(contact_sheet([Tile(Image.new("L", (900, 300)))], side=90)).size == (90 + 24, 30 + 24)


def test_titles_and_captions_enlarge_the_sheet():
    tile = Tile(Image.new("L", (30, 30)))
    plain = opened(contact_sheet([tile], side=30))
    labelled = opened(contact_sheet([Tile(tile.image, "a long caption\nof two lines")], "Title", side=30))
    assert labelled.width > plain.width
    assert labelled.height > plain.height + 40


@pytest.fixture
def stones():
    board = np.zeros((9, 9), np.int8)
    board[2, 3], board[2, 4] = BLACK, WHITE
    return board


def test_a_board_shows_its_stones(stones):
    tile = board_tile(stones, cell=20)
    assert tile.size == (180, 180)
    assert max(tile.getpixel((70, 50))) < 40
    assert min(tile.getpixel((90, 50))) > 240
    marked = board_tile(stones, marked=2 * 9 + 3, cell=20)
    assert marked.tobytes() != tile.tobytes()


def test_a_part_may_extend_beyond_the_board(stones):
    part = board_tile(stones, Box(-1, 4, 2, 7), cell=20)
    assert part.size == (100, 100)
    assert part.getpixel((50, 5)) == (185, 178, 165)  # outside
    assert max(part.getpixel((30, 70))) < 40  # the black stone, one to the right and three down

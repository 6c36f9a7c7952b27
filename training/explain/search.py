"""Searches for what is like an image, or like a position: what is asked about, and where it is looked for."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from goengine.data.samples import fixed_sample
from goengine.data.sources.reader import read_record
from goengine.data.table.arrow import games_from_records
from goengine.data.table.game_table import GameTable, is_table
from goengine.data.table.hashes import game_hashes
from goengine.data.table.load import load_games
from goengine.drawing.board_tile import board_tile
from goengine.drawing.contact_sheet import Tile
from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY, WHITE, Board
from goengine.game.planes import encode_packed
from goengine.nn.classifier import ImageClassifier
from goengine.nn.images import fit_image, read_image
from goengine.nn.network import PolicyNetwork
from goengine.points import INVERSE, NUM_SYMMETRIES, transform_planes
from goengine.training.classify.image_set import FilePictures, ImageSet, image_files, load_images
from goengine.training.explain.examples import Examples, ImageExamples, PositionExamples, planes_of
from goengine.training.explain.retrieval import Match


class Search(Protocol):
    """What is asked about, and where it is looked for.

    Public attributes:
      title -- for people
      side -- pixels of a neighbour's picture
      asked -- the picture of what is asked about
      examples -- where it is looked for
      queries -- what is asked about, as inputs [Q, channels, height, width], in all ways that it may look
      excluded -- groups of the examples that are the very thing asked about
    """

    title: str
    side: int
    asked: Tile
    examples: Examples
    queries: Tensor
    excluded: set[int]

    def tile(self, match: Match) -> Tile:
        """The picture of a neighbour."""

    def facts(self, match: Match) -> dict[str, Any]:
        """Which one a neighbour is."""


class ImageSearch:
    """The images most like an image."""

    side = 112

    def __init__(self, network: ImageClassifier, query: Path, collection: str) -> None:
        """Looks in a folder, whatever is in it, or in images as `load_images` takes them.

        Raises GoEngineError if the image cannot be read, or there are none to look at.
        """
        self._images = _images(collection)
        self.title = f"Most like {query.name}"
        image = read_image(query)
        self.asked = Tile(image, f"{query.name}\n(asked about)")
        self.examples: Examples = ImageExamples(network, self._images)
        self.queries = ImageExamples.of_files(network, [query]).inputs(np.array([0]))
        pixels = fit_image(image, network.input, network.fit)
        self.excluded = {
            row
            for row in range(len(self._images))
            if self._is_file(row, query) or self._shows(row, network, pixels)
        }

    def _is_file(self, row: int, query: Path) -> bool:
        pictures = self._images.pictures
        return (
            isinstance(pictures, FilePictures)
            and pictures.paths[self._images.numbers[row]].resolve() == query.resolve()
        )

    def _shows(self, row: int, network: ImageClassifier, pixels: NDArray[np.uint8]) -> bool:
        if isinstance(self._images.pictures, FilePictures):
            return False  # a copy of a file is told from the file by its name
        return bool((fit_image(self._images.image(row), network.input, network.fit) == pixels).all())

    def tile(self, match: Match) -> Tile:
        where = self.examples.describe(match.row)
        return Tile(self.examples.picture(match.row), f"{where}\n{match.similarity:.3f}")

    def facts(self, match: Match) -> dict[str, Any]:
        facts: dict[str, Any] = {"image": self._images.describe(match.row)}
        if name := self._images.classes[self._images.labels[match.row]]:
            facts["class"] = name
        return facts


def _images(collection: str) -> ImageSet:
    """Labelled images, or the files in a folder that has none for each class."""
    folder = Path(collection)
    if folder.is_dir() and (files := image_files(folder)):
        in_folders = [file for file in files if file.parent != folder]
        if len({file.relative_to(folder).parts[0] for file in in_folders}) < 2:
            nothing = np.zeros(len(files), np.int64)
            return ImageSet(collection, ("",), nothing, FilePictures(files), np.arange(len(files)))
    return load_images(collection)


class PositionSearch:
    """The positions of other games most like a position, under all symmetries of the board.

    Boards are shown with the player to move as black, as the network sees them; neighbours turned and
    mirrored so that they lie as what is asked about.
    """

    side = 228

    def __init__(
        self,
        network: PolicyNetwork,
        query: Path,
        number: int,
        plies: int | None,
        collection: Path,
        positions: int,
    ) -> None:
        """Looks at so many positions of a game table or of game files; all of them if there are fewer.

        Raises GoEngineError if there is no such game or position, no game to look at, or one of another size.
        """
        record = read_record(query, number)
        board = Board.from_record(record, plies)
        if board.size != network.size:
            raise GoEngineError(
                f"{query}: a board of {board.size}x{board.size}, the model sees {network.size}x{network.size}"
            )
        self._table = GameTable.open(collection) if is_table(collection) else None
        games = self._table.games if self._table else load_games(collection, network.size)
        if games.size != network.size:
            raise GoEngineError(
                f"{collection}: games of {games.size}x{games.size}, the model sees "
                f"{network.size}x{network.size}"
            )
        self._positions = PositionExamples(network, games, *fixed_sample(games, positions))
        self.examples: Examples = self._positions
        own = game_hashes(games_from_records([record], record.size))[0]
        self.excluded = set(np.flatnonzero(game_hashes(games) == own).tolist())
        planes = planes_of(network, encode_packed(board)[None])[0].cpu().numpy()
        images = np.stack([transform_planes(planes, s) for s in range(NUM_SYMMETRIES)])
        self.queries = planes_of(network, encode_packed(board)[None]).new_tensor(images)
        self.asked = Tile(self._picture(planes), f"{query.name}, move {board.ply + 1}\n(asked about)")
        self.title = f"Most like {query.name} after {board.ply} plies (the player to move is black)"

    def tile(self, match: Match) -> Tile:
        """Turned back by the symmetry that made the query like it."""
        planes = self._positions.inputs(np.array([match.row]))[0].cpu().numpy()
        facts = self.facts(match)
        caption = f"game {facts['game']}, move {facts['move']}\n{match.similarity:.3f}"
        return Tile(self._picture(transform_planes(planes, INVERSE[match.query])), caption)

    def facts(self, match: Match) -> dict[str, Any]:
        """game: its row, from 0; move: the number of the one that was played next."""
        game, ply = int(self._positions.game[match.row]), int(self._positions.ply[match.row])
        facts: dict[str, Any] = {"game": game, "move": ply + 1}
        if self._table is not None:
            record = self._table.record(game)
            facts |= {"black": record.black_name, "white": record.white_name, "date": record.date}
        return facts

    def _picture(self, planes: NDArray[np.float32]) -> Image.Image:
        own, other = planes[0] > 0, planes[1] > 0
        return board_tile(np.where(own, BLACK, np.where(other, WHITE, EMPTY)).astype(np.int8))

"""Searches for the images or the positions most similar to one: its query and the examples searched."""

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
    """A query and the examples to search.

    Attributes:
        title: The title of the result.
        side: The side of a neighbour's picture in pixels.
        query_tile: The picture of the query.
        examples: The examples to search.
        queries: The query as inputs, [Q, channels, height, width], under all symmetries.
        excluded: The groups of examples that are the query itself.
    """

    title: str
    side: int
    query_tile: Tile
    examples: Examples
    queries: Tensor
    excluded: set[int]

    def tile(self, match: Match) -> Tile:
        """Return the picture of a neighbour with a caption."""

    def facts(self, match: Match) -> dict[str, Any]:
        """Return what identifies a neighbour, for a table or JSON."""


class ImageSearch:
    """A search for the images most similar to an image file."""

    side = 112

    def __init__(self, network: ImageClassifier, query: Path, collection: str) -> None:
        """Prepare a search.

        Args:
            network: The classifier whose layers are compared.
            query: The image file.
            collection: A folder of images, or the name of an image set as for `load_images`.

        Raises:
            GoEngineError: If the image cannot be read, or there are no images to search.
        """
        self._images = _images(collection)
        self.title = f"Most like {query.name}"
        image = read_image(query)
        self.query_tile = Tile(image, f"{query.name}\n(query)")
        self.examples: Examples = ImageExamples(network, self._images)
        self.queries = ImageExamples.of_files(network, [query]).inputs(np.array([0]))
        pixels = fit_image(image, network.input, network.fit)
        self.excluded = {
            row
            for row in range(len(self._images))
            if self._is_file(row, query) or self._has_pixels(row, network, pixels)
        }

    def _is_file(self, row: int, query: Path) -> bool:
        pictures = self._images.pictures
        return (
            isinstance(pictures, FilePictures)
            and pictures.paths[self._images.numbers[row]].resolve() == query.resolve()
        )

    def _has_pixels(self, row: int, network: ImageClassifier, pixels: NDArray[np.uint8]) -> bool:
        if isinstance(self._images.pictures, FilePictures):
            return False  # copies of a file under other names are other images
        return bool((fit_image(self._images.image(row), network.input, network.fit) == pixels).all())

    def tile(self, match: Match) -> Tile:
        """Return the picture of a neighbour with its class, file and similarity."""
        name = self.examples.describe(match.row)
        return Tile(self.examples.picture(match.row), f"{name}\n{match.similarity:.3f}")

    def facts(self, match: Match) -> dict[str, Any]:
        """Return the file of a neighbour, and its class if it has a name."""
        facts: dict[str, Any] = {"image": self._images.describe(match.row)}
        if name := self._images.classes[self._images.labels[match.row]]:
            facts["class"] = name
        return facts


def _images(collection: str) -> ImageSet:
    """Load an image set, or the files of a folder without a folder for each class."""
    folder = Path(collection)
    if folder.is_dir() and (files := image_files(folder)):
        in_folders = [file for file in files if file.parent != folder]
        if len({file.relative_to(folder).parts[0] for file in in_folders}) < 2:
            labels = np.zeros(len(files), np.int64)
            return ImageSet(collection, ("",), labels, FilePictures(files), np.arange(len(files)))
    return load_images(collection)


class PositionSearch:
    """A search for the positions of other games most similar to a position, under all symmetries.

    Pictures show the player to move as Black, and neighbours under the symmetry that matches the query.
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
        """Prepare a search.

        Args:
            network: The policy whose layers are compared.
            query: The game file.
            number: The game in the file, counted from 1.
            plies: The moves and passes before the position; None for the last position.
            collection: A game table or game files.
            positions: The largest number of positions to draw from the collection.

        Raises:
            GoEngineError: If there is no such game or position, there are no games to search, or a board has
                another size than the network's.
        """
        record = read_record(query, number)
        board = Board.from_record(record, plies)
        if board.size != network.size:
            raise GoEngineError(
                f"{query}: a board of {board.size}x{board.size}; expected {network.size}x{network.size}, "
                "the size of the model"
            )
        self._table = GameTable.open(collection) if is_table(collection) else None
        games = self._table.games if self._table else load_games(collection, network.size)
        if games.size != network.size:
            raise GoEngineError(
                f"{collection}: games of {games.size}x{games.size}; expected {network.size}x{network.size}, "
                "the size of the model"
            )
        self._positions = PositionExamples(network, games, *fixed_sample(games, positions))
        self.examples: Examples = self._positions
        own = game_hashes(games_from_records([record], record.size))[0]
        self.excluded = set(np.flatnonzero(game_hashes(games) == own).tolist())
        planes = planes_of(network, encode_packed(board)[None])[0].cpu().numpy()
        images = np.stack([transform_planes(planes, s) for s in range(NUM_SYMMETRIES)])
        self.queries = planes_of(network, encode_packed(board)[None]).new_tensor(images)
        self.query_tile = Tile(self._picture(planes), f"{query.name}, move {board.ply + 1}\n(query)")
        self.title = f"Most like {query.name} after {board.ply} plies (the player to move is black)"

    def tile(self, match: Match) -> Tile:
        """Return the picture of a neighbour, under the symmetry that matches the query."""
        planes = self._positions.inputs(np.array([match.row]))[0].cpu().numpy()
        facts = self.facts(match)
        caption = f"game {facts['game']}, move {facts['move']}\n{match.similarity:.3f}"
        return Tile(self._picture(transform_planes(planes, INVERSE[match.query])), caption)

    def facts(self, match: Match) -> dict[str, Any]:
        """Return the game of a neighbour, counted from 0, the number of its next move, and the players."""
        game, ply = int(self._positions.game[match.row]), int(self._positions.ply[match.row])
        facts: dict[str, Any] = {"game": game, "move": ply + 1}
        if self._table is not None:
            record = self._table.record(game)
            facts |= {"black": record.black_name, "white": record.white_name, "date": record.date}
        return facts

    def _picture(self, planes: NDArray[np.float32]) -> Image.Image:
        own, other = planes[0] > 0, planes[1] > 0
        return board_tile(np.where(own, BLACK, np.where(other, WHITE, EMPTY)).astype(np.int8))

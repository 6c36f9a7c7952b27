"""Examples of a network's inputs, images or Go positions, as tensors and as pictures."""

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from goengine.drawing.board_tile import board_tile
from goengine.game.board import BLACK, EMPTY, WHITE, Board
from goengine.game.planes import encode_packed
from goengine.kernel.batch import encode_samples, packed_bytes
from goengine.kernel.replay import Games
from goengine.nn.classifier import ImageClassifier
from goengine.nn.images import pixels_image
from goengine.nn.network import PolicyNetwork, unpack
from goengine.nn.placement import Box
from goengine.points import format_vertex
from goengine.training.classify.image_set import FilePictures, FittedImages, ImageSet


class Examples(Protocol):
    """N examples of a network's inputs.

    Attributes:
        groups: The group of each example, int64 [N]. Similar examples share one, such as positions of a game.
    """

    groups: NDArray[np.int64]

    def inputs(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the network's inputs for some examples, float32 [B, channels, height, width]."""

    def picture(self, row: int, box: Box | None = None) -> Image.Image:
        """Return a picture of an example, or of the part of it in a box."""

    def describe(self, row: int) -> str:
        """Return a caption that identifies an example."""


class ImageExamples:
    """Images resized for a classifier; each is its own group."""

    def __init__(self, network: ImageClassifier, images: ImageSet) -> None:
        """Use the images of a set as inputs of a network."""
        self._network = network
        self._images = images
        self._fitted = FittedImages(images, network.input, network.fit)
        self.groups = np.arange(len(images))

    @classmethod
    def of_files(cls, network: ImageClassifier, paths: list[Path]) -> "ImageExamples":
        """Use image files without classes."""
        labels = np.zeros(len(paths), np.int64)
        return cls(network, ImageSet("", ("",), labels, FilePictures(paths), np.arange(len(paths))))

    def inputs(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the standardised images."""
        device = next(self._network.parameters()).device
        pixels = torch.from_numpy(self._fitted.read(rows)).to(device)
        return self._network.standardise(pixels.float() / 255)

    def picture(self, row: int, box: Box | None = None) -> Image.Image:
        """Return the resized image, or the part of it in a box; points outside the image are grey."""
        image = pixels_image(self._fitted.read(np.array([row]))[0]).convert("RGB")
        if box is None:
            return image
        part = Image.new("RGB", (box.right - box.left, box.bottom - box.top), "#999999")
        part.paste(image, (-box.left, -box.top))
        return part

    def describe(self, row: int) -> str:
        """Return the class, if it has a name, and the file."""
        file = Path(self._images.describe(row)).name
        class_name = self._images.classes[self._images.labels[row]]
        return f"{class_name}\n{file}" if class_name else file


class PositionExamples:
    """Positions of games, grouped by game; pictures show the player to move as Black.

    Attributes:
        groups: The game of each position, int64 [N].
        game: The same.
        ply: The moves and passes before each position, int64 [N].
    """

    def __init__(
        self, network: PolicyNetwork, games: Games, game: NDArray[np.int64], ply: NDArray[np.int64]
    ) -> None:
        """Use the positions of games after `ply` moves and passes of `game`, both int64 [N]."""
        self._network = network
        self._games = games
        self.groups = self.game = game
        self.ply = ply

    def packed(self, rows: NDArray[np.int64], symmetry: int = 0) -> NDArray[np.uint8]:
        """Return bit-packed planes of boards under a symmetry, uint8 [B, packed_bytes(size)].

        Raises:
            GoEngineError: If a game has an illegal move before its position.
        """
        packed = np.empty((len(rows), packed_bytes(self._games.size)), np.uint8)
        symmetries = np.full(len(rows), symmetry, np.uint8)
        encode_samples(self._games, self.game[rows], self.ply[rows], symmetries, packed)
        return packed

    def inputs(self, rows: NDArray[np.int64], symmetry: int = 0) -> Tensor:
        """Return the planes of boards under a symmetry."""
        return planes_of(self._network, self.packed(rows, symmetry))

    def picture(self, row: int, box: Box | None = None) -> Image.Image:
        """Return a picture of the board, or of the part of it in a box."""
        own, other = self.inputs(np.array([row]))[0, :2].cpu().numpy()
        return board_tile(np.where(own, BLACK, np.where(other, WHITE, EMPTY)).astype(np.int8), box)

    def describe(self, row: int) -> str:
        """Return the game, counted from 0, and the number of the next move."""
        return f"game {self.game[row]}\nmove {self.ply[row] + 1}"


class BoardExample:
    """The position of a board, as a single example."""

    def __init__(self, network: PolicyNetwork, board: Board, name: str) -> None:
        """Use the position of a board with a name for its caption."""
        self._network = network
        self._board = board
        self._name = name
        self.groups = np.zeros(1, np.int64)

    def inputs(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the planes of the board for each row."""
        return planes_of(self._network, np.stack([encode_packed(self._board)] * len(rows)))

    def picture(self, row: int, box: Box | None = None) -> Image.Image:  # noqa: ARG002
        """Return a picture of the board, or of the part of it in a box, with the last move marked."""
        last = self._board.last_move
        on_board = last is not None and last < self._board.size**2
        return board_tile(self._board.stones, box, last if on_board else None)

    def describe(self, row: int) -> str:  # noqa: ARG002
        """Return the name and the number of plies."""
        return f"{self._name}\nafter {self._board.ply} plies"


def planes_of(network: PolicyNetwork, packed: NDArray[np.uint8]) -> Tensor:
    """Return the network's inputs for bit-packed planes, on its device."""
    device = next(network.parameters()).device
    return unpack(torch.from_numpy(packed).to(device), network.size, torch.float32)


def answer_name(network: ImageClassifier | PolicyNetwork, answer: int) -> str:
    """Return the name of an output of a network: a class, or a vertex such as "D4"."""
    if isinstance(network, ImageClassifier):
        return network.classes[answer]
    return format_vertex(answer, network.size)

"""What networks are shown, images and Go positions alike: as inputs, and as pictures for people."""

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
    """N things that a network may be shown.

    Public attributes:
      groups -- int64 [N]: those that are nearly the same thing, as positions of one game, share a number
    """

    groups: NDArray[np.int64]

    def inputs(self, rows: NDArray[np.int64]) -> Tensor:
        """What the network takes: float32 [B, channels, height, width]."""

    def picture(self, row: int, box: Box | None = None) -> Image.Image:
        """A picture for people, or of the part of it that is in a box."""

    def describe(self, row: int) -> str:
        """Which one it is, in a few words."""


class ImageExamples:
    """Images, as a classifier sees them."""

    def __init__(self, network: ImageClassifier, images: ImageSet) -> None:
        self._network = network
        self._images = images
        self._fitted = FittedImages(images, network.input, network.fit)
        self.groups = np.arange(len(images))

    @classmethod
    def of_files(cls, network: ImageClassifier, paths: list[Path]) -> "ImageExamples":
        """Of image files whose classes do not matter."""
        nothing = np.zeros(len(paths), np.int64)
        return cls(network, ImageSet("", ("",), nothing, FilePictures(paths), np.arange(len(paths))))

    def inputs(self, rows: NDArray[np.int64]) -> Tensor:
        device = next(self._network.parameters()).device
        pixels = torch.from_numpy(self._fitted.read(rows)).to(device)
        return self._network.standardise(pixels.float() / 255)

    def picture(self, row: int, box: Box | None = None) -> Image.Image:
        """Padding is grey."""
        image = pixels_image(self._fitted.read(np.array([row]))[0]).convert("RGB")
        if box is None:
            return image
        part = Image.new("RGB", (box.right - box.left, box.bottom - box.top), "#999999")
        part.paste(image, (-box.left, -box.top))
        return part

    def describe(self, row: int) -> str:
        where = Path(self._images.describe(row)).name
        name = self._images.classes[self._images.labels[row]]
        return f"{name}\n{where}" if name else where


class PositionExamples:
    """Positions of games, each before a move of a game; pictures show the player to move as black."""

    def __init__(
        self, network: PolicyNetwork, games: Games, game: NDArray[np.int64], ply: NDArray[np.int64]
    ) -> None:
        """game, ply: int64 [N]."""
        self._network = network
        self._games = games
        self.groups = self.game = game
        self.ply = ply

    def packed(self, rows: NDArray[np.int64], symmetry: int = 0) -> NDArray[np.uint8]:
        """The planes, uint8 [B, packed_bytes(size)], of the boards turned and mirrored by a symmetry.

        Raises GoEngineError if a game is illegal before its position.
        """
        packed = np.empty((len(rows), packed_bytes(self._games.size)), np.uint8)
        turned = np.full(len(rows), symmetry, np.uint8)
        encode_samples(self._games, self.game[rows], self.ply[rows], turned, packed)
        return packed

    def inputs(self, rows: NDArray[np.int64], symmetry: int = 0) -> Tensor:
        return planes_of(self._network, self.packed(rows, symmetry))

    def picture(self, row: int, box: Box | None = None) -> Image.Image:
        own, other = self.inputs(np.array([row]))[0, :2].cpu().numpy()
        return board_tile(np.where(own, BLACK, np.where(other, WHITE, EMPTY)).astype(np.int8), box)

    def describe(self, row: int) -> str:
        return f"game {self.game[row]}\nmove {self.ply[row] + 1}"


class BoardExample:
    """One position, of a board that is there."""

    def __init__(self, network: PolicyNetwork, board: Board, name: str) -> None:
        self._network = network
        self._board = board
        self._name = name
        self.groups = np.zeros(1, np.int64)

    def inputs(self, rows: NDArray[np.int64]) -> Tensor:
        return planes_of(self._network, np.stack([encode_packed(self._board)] * len(rows)))

    def picture(self, row: int, box: Box | None = None) -> Image.Image:  # noqa: ARG002
        last = self._board.last_move
        on_board = last is not None and last < self._board.size**2
        return board_tile(self._board.stones, box, last if on_board else None)

    def describe(self, row: int) -> str:  # noqa: ARG002
        return f"{self._name}\nafter {self._board.ply} plies"


def planes_of(network: PolicyNetwork, packed: NDArray[np.uint8]) -> Tensor:
    """Packed planes as the network's input, on its device."""
    device = next(network.parameters()).device
    return unpack(torch.from_numpy(packed).to(device), network.size, torch.float32)


def answer_name(network: ImageClassifier | PolicyNetwork, answer: int) -> str:
    """What an output of a network stands for: a class, or a point."""
    if isinstance(network, ImageClassifier):
        return network.classes[answer]
    return format_vertex(answer, network.size)

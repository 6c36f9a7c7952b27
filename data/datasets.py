"""PyTorch datasets of positions: `GameDataset` is indexed, `GameStream` is a shuffled stream.

A sample is a pair (planes, target): the 48 planes of a position, a uint8 tensor [48, size, size], and the
point that was played next, row * size + column. Passes are left out.

Planes are computed when a sample is drawn. With DataLoader workers, each worker process computes its own; if
processes are not forked (macOS, Windows, Python 3.14), each gets a copy of the games.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from goengine.data.samples import Batch, PositionIndex, SampleStream, encode_batch
from goengine.data.table.game_table import GameTable
from goengine.data.table.load import load_games
from goengine.errors import GoEngineError
from goengine.game.planes import unpack
from goengine.kernel.replay import Games

CHUNK = 256
"""Samples that a GameStream computes at a time, and that a DataLoader worker takes in turn."""

Sample = tuple[Tensor, int]


class GameDataset(Dataset[Sample]):
    """All positions of games, in their order.

    Example:
        >>> from goengine.data import GameDataset
        >>> dataset = GameDataset("bundled")
        >>> len(dataset) > 10_000
        True
        >>> planes, target = dataset[0]
        >>> planes.shape, planes.dtype, 0 <= target < 361
        (torch.Size([48, 19, 19]), torch.uint8, True)

    Attributes:
        games: the games.
        size: board size.
    """

    def __init__(self, source: Games | GameTable | str | Path, size: int = 19) -> None:
        """Load the games.

        Args:
            source: games, a game table, the path of a table, folder, file or archive of games, or
                ``bundled`` for the games that come with goengine.
            size: board size.

        Raises:
            GoEngineError: if there is no game of this board size, or no position in the games; and as
                `load_games` does.
        """
        self.games = _load(source, size)
        self.size = size
        self._index = PositionIndex(self.games)

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, index: int) -> Sample:
        """Return the sample with a number from 0; negative numbers count from the end."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[int]) -> list[Sample]:
        """Return several samples; DataLoader calls it, as computing them together is faster."""
        length = len(self)
        for index in indices:
            if not -length <= index < length:
                raise IndexError(f"no position {index}, the games hold {length:,}")
        game, ply = self._index.locate(np.array(indices, np.int64) % length)
        batch = encode_batch(self.games, game, ply, np.zeros(len(game), np.uint8))
        return list(_samples(batch, self.size))


class GameStream(IterableDataset[Sample]):
    """A stream of positions in random order, in which every epoch holds every position once.

    The order depends on the seed alone. Every iteration starts at the first sample, so iterate once over
    several epochs instead of several times over one. DataLoader workers share the stream: together they yield
    each of its samples once.

    Example:
        >>> from torch.utils.data import DataLoader
        >>> from goengine.data import GameStream
        >>> loader = DataLoader(GameStream("bundled", seed=1, epochs=1), batch_size=64)
        >>> planes, target = next(iter(loader))
        >>> planes.shape, target.shape
        (torch.Size([64, 48, 19, 19]), torch.Size([64]))

    Attributes:
        positions: number of positions in the games, which is the length of an epoch in samples.
        size: board size.
        epochs: number of epochs, or None for an endless stream.
    """

    def __init__(
        self,
        source: Games | GameTable | str | Path,
        size: int = 19,
        seed: int = 0,
        epochs: int | None = None,
        symmetries: bool = True,
    ) -> None:
        """Load the games.

        Args:
            source: games, a game table, the path of a table, folder, file or archive of games, or
                ``bundled`` for the games that come with goengine.
            size: board size.
            seed: selects the order and the symmetries.
            epochs: number of epochs; endless if None.
            symmetries: whether each sample is turned or mirrored at random, by one of the 8 symmetries.

        Raises:
            GoEngineError: if `epochs` is less than 1, there is no game of this board size, or no position in
                the games; and as `load_games` does.
        """
        if epochs is not None and epochs < 1:
            raise GoEngineError(f"a stream of {epochs} epochs; expected at least 1")
        self._stream = SampleStream(_load(source, size), seed, symmetries)
        self.positions = self._stream.positions
        self.size = size
        self.epochs = epochs

    def __iter__(self) -> Iterator[Sample]:
        """Yield the samples from the start of the stream; in a DataLoader worker, its share of them."""
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        for chunk in count(first, step):
            samples = CHUNK
            if self.epochs is not None:
                samples = min(CHUNK, self.epochs * self.positions - chunk * CHUNK)
                if samples <= 0:
                    return
            batch = self._stream.batch(chunk, CHUNK)
            for sample, _ in zip(_samples(batch, self.size), range(samples), strict=False):
                yield sample


def _load(source: Games | GameTable | str | Path, size: int) -> Games:
    if isinstance(source, str | Path):
        return load_games(Path(source), size)
    if source.size != size:
        raise GoEngineError(f"games of {source.size}x{source.size}, expected {size}x{size}")
    return source.games if isinstance(source, GameTable) else source


def _samples(batch: Batch, size: int) -> Iterator[Sample]:
    planes = torch.from_numpy(unpack(batch.packed, size))
    return zip(planes, batch.target.tolist(), strict=True)

"""Two policies play many games in lockstep, one forward pass for all that are to move.

A policy knows points only. Here it moves as long as there is a sensible point (legal, and no true eye of its
own: plane 46), and passes when there is none, so games end when the board is full but for eyes, and are
counted by area as they stand (positional superko, so that they end).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from goengine.game.board import BLACK, WHITE
from goengine.game.lockstep import ENDED, Lockstep
from goengine.nn.network import ConvolutionNetwork, unpack
from goengine.training.device import to_device

RULES = "aga"  # positional superko, no suicide
SENSIBLE = 46  # the plane of sensible points


@dataclass(frozen=True)
class Play:
    """What the first of two policies did in some games, and what came of them.

    packed: uint8 [N, packed_bytes(size)], the positions it moved in. point: int64 [N], what it played.
    game: int64 [N], in which game. outcome: float32 [games], 1 where it won, -1 where it lost, 0 for a draw.
    colour: int8 [games], its own. plies: int64 [games].
    """

    packed: NDArray[np.uint8]
    point: NDArray[np.int64]
    game: NDArray[np.int64]
    outcome: NDArray[np.float32]
    colour: NDArray[np.int8]
    plies: NDArray[np.int64]

    @property
    def win_rate(self) -> float:
        """Won games, a draw half of one."""
        return float((self.outcome.mean() + 1) / 2)


def sensible_logits(logits: Tensor, planes: Tensor) -> Tensor:
    """Logits [B, points], minus infinity where a move is not sensible by the planes [B, 48, size, size]."""
    return logits.float().masked_fill(planes[:, SENSIBLE].flatten(1) == 0, -torch.inf)


class Mover:
    """A network that draws its moves as likely as it finds them."""

    def __init__(
        self, network: ConvolutionNetwork, size: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        self._infer: Callable[[Tensor], Tensor] = network.for_inference(dtype)
        self._size, self._device, self._dtype = size, device, dtype

    def choose(self, packed: NDArray[np.uint8], draws: NDArray[np.float64]) -> NDArray[np.int64]:
        """Points, or passes (size * size) where no point is sensible: int64 [B].

        packed: uint8 [B, packed_bytes(size)]; draws: float64 [B], uniform from 0 to below 1.
        """
        with torch.inference_mode():
            planes = unpack(to_device(packed, self._device), self._size, self._dtype)
            logits = sensible_logits(self._infer(planes), planes)
            stuck = (logits == -torch.inf).all(dim=1).cpu().numpy()
            shares = torch.softmax(logits, dim=1).cpu().numpy()
        sums = np.cumsum(shares, axis=1, dtype=np.float64)
        # The first point whose sum exceeds the draw has a share above zero itself.
        points = (sums > (draws * sums[:, -1])[:, None]).argmax(axis=1)
        return np.where(stuck, self._size**2, points)


def play_games(
    first: Mover,
    second: Mover,
    games: int,
    size: int,
    komi: float,
    max_moves: int,
    random: np.random.Generator,
    threads: int,
) -> Play:
    """`games` games, the first policy Black in the first half of them (the larger, of an odd number).

    threads: that the games are played on; the policies take PyTorch's.
    """
    lockstep = Lockstep(games, size, RULES, max_moves, threads)
    colour = np.where(np.arange(games) < (games + 1) // 2, BLACK, WHITE).astype(np.int8)
    going = np.arange(games)
    packed: list[NDArray[np.uint8]] = []
    points: list[NDArray[np.int64]] = []
    owners: list[NDArray[np.int64]] = []
    while len(going):
        _, planes = lockstep.packed_planes(going)
        draws = random.random(len(going))
        mine = lockstep.to_play(going) == colour[going]
        actions = np.empty(len(going), np.int64)
        for mover, rows in ((first, np.flatnonzero(mine)), (second, np.flatnonzero(~mine))):
            if len(rows):
                actions[rows] = mover.choose(planes[rows], draws[rows])
        status = lockstep.play(going, actions)
        learnt = mine & (actions < size**2)  # a pass was no choice
        packed.append(planes[learnt])
        points.append(actions[learnt])
        owners.append(going[learnt])
        going = going[(status != ENDED) & (lockstep.ply(going) < max_moves)]
    lead = np.array([lockstep.area(game) for game in range(games)]) - komi
    outcome = np.sign(np.where(colour == BLACK, lead, -lead)).astype(np.float32)
    plies = lockstep.ply(np.arange(games))
    return Play(
        np.concatenate(packed), np.concatenate(points), np.concatenate(owners), outcome, colour, plies
    )

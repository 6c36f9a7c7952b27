"""Games between two policies, many at a time, with one forward pass for all games where a policy is to move.

A policy has no probability for passing. It plays sensible points (legal, and not its own true eye: plane 46)
and passes when there is none, so a game ends when the board is full except for eyes. Positional superko
guarantees that it ends. It is scored by area, without removing dead stones.
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
SENSIBLE = 46
"""The plane of sensible points."""


@dataclass(frozen=True)
class Play:
    """The moves of the first of two policies in some games, and the results.

    Attributes:
        packed: The positions before its N moves, bit-packed planes, uint8 [N, packed_bytes(size)].
        point: Its moves, int64 [N].
        game: The game of each move, int64 [N].
        outcome: The result of each game for it: 1 a win, -1 a loss, 0 a draw; float32 [games].
        colour: Its colour in each game, int8 [games].
        plies: The number of moves and passes of each game, int64 [games].
    """

    packed: NDArray[np.uint8]
    point: NDArray[np.int64]
    game: NDArray[np.int64]
    outcome: NDArray[np.float32]
    colour: NDArray[np.int8]
    plies: NDArray[np.int64]

    @property
    def win_rate(self) -> float:
        """The share of games won; a draw counts half."""
        return float((self.outcome.mean() + 1) / 2)


def sensible_logits(logits: Tensor, planes: Tensor) -> Tensor:
    """Return logits [B, points] with minus infinity at points that are not sensible.

    Args:
        logits: [B, points].
        planes: The planes of the positions, [B, 48, size, size].
    """
    return logits.float().masked_fill(planes[:, SENSIBLE].flatten(1) == 0, -torch.inf)


class Mover:
    """A policy that samples its moves from a network's probabilities."""

    def __init__(
        self, network: ConvolutionNetwork, size: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        """Prepare a network on its device for inference in a precision."""
        self._infer: Callable[[Tensor], Tensor] = network.for_inference(dtype)
        self._size, self._device, self._dtype = size, device, dtype

    def choose(self, packed: NDArray[np.uint8], draws: NDArray[np.float64]) -> NDArray[np.int64]:
        """Sample a move in each of B positions.

        Args:
            packed: The positions, bit-packed planes, uint8 [B, packed_bytes(size)].
            draws: Uniform random numbers in [0, 1), float64 [B].

        Returns:
            The points, or passes (size * size) where no point is sensible, int64 [B].
        """
        with torch.inference_mode():
            planes = unpack(to_device(packed, self._device), self._size, self._dtype)
            logits = sensible_logits(self._infer(planes), planes)
            passing = (logits == -torch.inf).all(dim=1).cpu().numpy()
            shares = torch.softmax(logits, dim=1).cpu().numpy()
        sums = np.cumsum(shares, axis=1, dtype=np.float64)
        # The first point whose sum exceeds the draw always has a probability above zero.
        points = (sums > (draws * sums[:, -1])[:, None]).argmax(axis=1)
        return np.where(passing, self._size**2, points)


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
    """Play games between two policies.

    Args:
        first: The first policy, Black in the first half of the games (the larger half of an odd number).
        second: The second policy.
        games: The number of games.
        size: The board size.
        komi: Points for White.
        max_moves: The number of plies after which a game is scored unfinished.
        random: Draws the moves.
        threads: The CPU threads for the rules and the planes; the networks use PyTorch's.
    """
    lockstep = Lockstep(games, size, RULES, max_moves, threads)
    colour = np.where(np.arange(games) < (games + 1) // 2, BLACK, WHITE).astype(np.int8)
    active = np.arange(games)
    packed: list[NDArray[np.uint8]] = []
    points: list[NDArray[np.int64]] = []
    game_numbers: list[NDArray[np.int64]] = []
    while len(active):
        _, planes = lockstep.packed_planes(active)
        draws = random.random(len(active))
        own_turn = lockstep.to_play(active) == colour[active]
        actions = np.empty(len(active), np.int64)
        for mover, rows in ((first, np.flatnonzero(own_turn)), (second, np.flatnonzero(~own_turn))):
            if len(rows):
                actions[rows] = mover.choose(planes[rows], draws[rows])
        status = lockstep.play(active, actions)
        chosen = own_turn & (actions < size**2)  # passes are forced
        packed.append(planes[chosen])
        points.append(actions[chosen])
        game_numbers.append(active[chosen])
        active = active[(status != ENDED) & (lockstep.ply(active) < max_moves)]
    lead = np.array([lockstep.area(game) for game in range(games)]) - komi
    outcome = np.sign(np.where(colour == BLACK, lead, -lead)).astype(np.float32)
    plies = lockstep.ply(np.arange(games))
    return Play(
        np.concatenate(packed), np.concatenate(points), np.concatenate(game_numbers), outcome, colour, plies
    )

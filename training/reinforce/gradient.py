"""The policy gradient: REINFORCE (Williams, Machine Learning 8:229, 1992), as in Silver et al. (2016).

The gradient of each move's log-likelihood counts with its game's outcome less what the policy won on average
with that colour in the same games: White's komi is no merit of its moves.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from goengine.nn.network import unpack
from goengine.training.device import to_device
from goengine.training.reinforce.self_play import Play, sensible_logits


def advantages(play: Play) -> NDArray[np.float32]:
    """Of each game: its outcome less the mean of those with the same colour; float32 [games]."""
    result = play.outcome.copy()
    for colour in np.unique(play.colour):
        same = play.colour == colour
        result[same] -= result[same].mean()
    return result


def accumulate(
    network: nn.Module, play: Play, batch_size: int, size: int, dtype: torch.dtype
) -> tuple[float, float]:
    """Add the gradient of a step's games to the parameters' own.

    The loss is the mean over all games' moves, computed `batch_size` positions at a time. Returns the mean
    log-likelihood of the moves played, in nats, and the mean entropy of the policy in their positions.
    """
    device = next(network.parameters()).device
    weights = advantages(play)[play.game]
    count = len(play.point)
    likelihood = entropy = 0.0
    for begin in range(0, count, batch_size):
        part = slice(begin, begin + batch_size)
        planes = unpack(to_device(play.packed[part], device), size, dtype)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            logits = network(planes)
        logs = torch.log_softmax(sensible_logits(logits, planes), dim=1)
        chosen = logs.gather(1, to_device(play.point[part], device)[:, None])[:, 0]
        (-(to_device(weights[part], device) * chosen).sum() / count).backward()
        with torch.no_grad():
            likelihood += float(chosen.sum())
            entropy -= float((logs.exp() * logs.clamp(min=-1e4)).sum())
    return likelihood / count, entropy / count

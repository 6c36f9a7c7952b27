"""The policy gradient: REINFORCE (Williams, Machine Learning 8:229, 1992), as in Silver et al. (2016).

The gradient of each move's log-likelihood is weighted by the advantage of its game: the outcome minus the
mean outcome of the step's games with the same colour, which removes the effect of komi.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from goengine.nn.network import unpack
from goengine.training.device import to_device
from goengine.training.reinforce.self_play import Play, sensible_logits


def advantages(play: Play) -> NDArray[np.float32]:
    """Return each game's outcome minus the mean outcome of games with the same colour, float32 [games]."""
    result = play.outcome.copy()
    for colour in np.unique(play.colour):
        same = play.colour == colour
        result[same] -= result[same].mean()
    return result


def accumulate(
    network: nn.Module, play: Play, batch_size: int, size: int, dtype: torch.dtype
) -> tuple[float, float]:
    """Add the gradient of a step's games to the parameters' gradients.

    Args:
        network: The policy that played.
        play: The games.
        batch_size: The positions of a forward and backward pass; the loss is the mean over all moves.
        size: The board size.
        dtype: The precision of the network's convolutions.

    Returns:
        The mean log-likelihood of the moves played, and the mean entropy of the policy, both in nats.
    """
    device = next(network.parameters()).device
    weights = advantages(play)[play.game]
    count = len(play.point)
    likelihood = entropy = 0.0
    for start in range(0, count, batch_size):
        part = slice(start, start + batch_size)
        planes = unpack(to_device(play.packed[part], device), size, dtype)
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            logits = network(planes)
        logs = torch.log_softmax(sensible_logits(logits, planes), dim=1)
        chosen = logs.gather(1, to_device(play.point[part], device)[:, None])[:, 0]
        loss = -(to_device(weights[part], device) * chosen).sum() / count
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            likelihood += float(chosen.sum())
            entropy -= float((logs.exp() * logs.clamp(min=-1e4)).sum())
    return likelihood / count, entropy / count

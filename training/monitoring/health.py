"""Whether a network's filters are alive: one whose ReLU gives zero everywhere learns nothing any more."""

import torch
from torch import Tensor, nn

from goengine.nn.network import ConvolutionNetwork


@torch.no_grad()
def dead_filters(network: ConvolutionNetwork, inputs: Tensor) -> dict[str, tuple[int, int]]:
    """By layer with a ReLU: how many filters give zero on every point of these inputs, and how many it has.

    inputs: [B, *network.input], in the precision the network computes in; some hundred samples.
    """
    found: dict[str, tuple[int, int]] = {}
    training = network.training
    network.eval()  # running statistics are not to change
    x, layer = inputs, ""
    with torch.autocast(inputs.device.type, inputs.dtype, enabled=inputs.dtype != torch.float32):
        for placed in network.layers:
            if (module := network._modules.get(placed.name)) is None:
                continue
            x = module(x)
            if isinstance(module, nn.Conv2d):
                layer = placed.name
            elif isinstance(module, nn.ReLU) and x.dim() == 4:
                found[layer] = (int((x.amax(dim=(0, 2, 3)) <= 0).sum()), x.shape[1])
    network.train(training)
    return found


def dead_share(found: dict[str, tuple[int, int]]) -> float:
    """The share of all filters of `dead_filters` that are dead; 0 for a network without ReLUs."""
    return sum(dead for dead, _ in found.values()) / max(1, sum(count for _, count in found.values()))

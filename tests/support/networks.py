"""Small policy networks, untrained but with opinions."""

import torch
from torch import nn

from goengine.nn.network import PolicyNetwork


def small_network(size: int = 9, filters: int = 8, layers: int = 4) -> PolicyNetwork:
    """The same weights each time, drawn so that no two points are equally likely."""
    torch.manual_seed(1)
    network = PolicyNetwork(size, filters, layers)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.15)
    return network.eval()

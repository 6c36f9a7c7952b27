"""Finding what a network holds alike: nearest neighbours of what a layer gives.

An example's embedding is the whole output of a layer, scaled to length 1, so that the nearest is the one of
the smallest angle. For the index it is cut to a few hundred numbers by a random projection, which keeps all
distances nearly as they are (Johnson and Lindenstrauss, 1984); the best that the index finds are then put in
order by their embeddings as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from sklearn.random_projection import GaussianRandomProjection
from torch import Tensor

from goengine.nn.activations import find_layer, layer_output
from goengine.nn.network import ConvolutionNetwork
from goengine.training.explain.examples import Examples

_BATCH = 64  # examples a pass
_INDEXED = 512  # numbers of an embedding in the index, at most
_SORTED = 4  # times as many candidates as are wanted are put in order


@dataclass(frozen=True)
class Match:
    """A neighbour: its row, the cosine of the angle (1 is the same), and the query that it is nearest to."""

    row: int
    similarity: float
    query: int


def default_layer(network: ConvolutionNetwork) -> str:
    """The layer before the last with weights: what the network decides by."""
    learned = [number for number, layer in enumerate(network.layers) if layer.weights]
    return network.layers[max(0, learned[-1] - 1)].name


def nearest(
    network: ConvolutionNetwork,
    layer: str,
    examples: Examples,
    queries: Tensor,
    excluded: set[int],
    count: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> list[Match]:
    """The examples that are most like any of the queries, the most alike first, one of each group.

    queries: inputs [Q, channels, height, width]. excluded: groups of the examples that do not count.

    Raises GoEngineError if there is no such layer, or an example cannot be read.
    """
    find_layer(network, layer)
    wanted = _embeddings(network, queries, layer)
    project = _projection(wanted.shape[1])
    parts = []
    for start in range(0, len(examples.groups), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(examples.groups)))
        parts.append(project(_embeddings(network, examples.inputs(rows), layer)))
        on_progress(min(1.0, (start + _BATCH) / len(examples.groups)))
    index = NearestNeighbors(algorithm="brute").fit(np.concatenate(parts))
    candidates = _candidates(index, project(wanted), examples.groups, excluded, _SORTED * count)
    return _in_order(network, layer, examples, candidates, wanted)[:count]


def _embeddings(network: ConvolutionNetwork, x: Tensor, layer: str) -> NDArray[np.float32]:
    """float32 [B, values], each of length 1."""
    out = layer_output(network, x, layer).flatten(1).float().cpu().numpy()
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)


def _projection(values: int) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    if values <= _INDEXED:
        return lambda embeddings: embeddings
    projection = GaussianRandomProjection(_INDEXED, random_state=0)
    projection.fit(np.zeros((1, values), np.float32))
    return projection.transform


def _candidates(
    index: NearestNeighbors,
    queries: NDArray[np.float32],
    groups: NDArray[np.int64],
    excluded: set[int],
    count: int,
) -> list[int]:
    """Rows near any of the queries, one of each group, the nearest first: `count`, or all there are."""
    asked = min(len(groups), 2 * count)
    while True:
        distances, found = index.kneighbors(queries, asked)
        rows: list[int] = []
        seen = set(excluded)
        for row in found.ravel()[np.argsort(distances.ravel(), kind="stable")].tolist():
            if groups[row] not in seen:
                seen.add(int(groups[row]))
                rows.append(row)
        if len(rows) >= count or asked == len(groups):
            return rows[:count]
        asked = min(len(groups), 4 * asked)


def _in_order(
    network: ConvolutionNetwork,
    layer: str,
    examples: Examples,
    rows: list[int],
    wanted: NDArray[np.float32],
) -> list[Match]:
    if not rows:
        return []
    cosines = _embeddings(network, examples.inputs(np.array(rows)), layer) @ wanted.T  # [rows, queries]
    matches = [
        Match(row, float(cosine.max()), int(cosine.argmax()))
        for row, cosine in zip(rows, cosines, strict=True)
    ]
    return sorted(matches, key=lambda match: -match.similarity)

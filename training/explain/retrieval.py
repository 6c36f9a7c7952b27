"""Nearest neighbours of inputs in the output of a layer.

The embedding of an example is the output of a layer, scaled to length 1; the nearest embedding has the
smallest angle. For the search, a random projection reduces embeddings to a few hundred numbers and nearly
preserves distances (Johnson and Lindenstrauss, 1984); the best candidates are then sorted by their full
embeddings.
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

_BATCH = 64  # examples per pass
_MAX_INDEXED = 512  # numbers of a projected embedding
_CANDIDATES = 4  # sorted by full embeddings, for each result


@dataclass(frozen=True)
class Match:
    """A neighbour of queries.

    Attributes:
        row: The row of the example.
        similarity: The cosine of the angle between the embeddings; 1 for equal directions.
        query: The nearest query.
    """

    row: int
    similarity: float
    query: int


def default_layer(network: ConvolutionNetwork) -> str:
    """Return the layer before the last one with weights: the features of the network's decision."""
    weighted = [number for number, layer in enumerate(network.layers) if layer.weights]
    return network.layers[max(0, weighted[-1] - 1)].name


def nearest(
    network: ConvolutionNetwork,
    layer: str,
    examples: Examples,
    queries: Tensor,
    excluded: set[int],
    count: int,
    on_progress: Callable[[float], None] = lambda _: None,
) -> list[Match]:
    """Return the examples most similar to any of the queries, the most similar first, one of each group.

    Args:
        network: The network.
        layer: The layer whose outputs are compared.
        examples: The examples to search.
        queries: Inputs, [Q, channels, height, width].
        excluded: Groups of examples to leave out.
        count: The number of results.
        on_progress: Called with the completed share, 0 to 1.

    Raises:
        GoEngineError: If there is no such layer, or an example cannot be read.
    """
    find_layer(network, layer)
    query_embeddings = _embeddings(network, queries, layer)
    project = _projection(query_embeddings.shape[1])
    parts = []
    for start in range(0, len(examples.groups), _BATCH):
        rows = np.arange(start, min(start + _BATCH, len(examples.groups)))
        parts.append(project(_embeddings(network, examples.inputs(rows), layer)))
        on_progress(min(1.0, (start + _BATCH) / len(examples.groups)))
    index = NearestNeighbors(algorithm="brute").fit(np.concatenate(parts))
    candidates = _candidates(index, project(query_embeddings), examples.groups, excluded, _CANDIDATES * count)
    return _sort(network, layer, examples, candidates, query_embeddings)[:count]


def _embeddings(network: ConvolutionNetwork, x: Tensor, layer: str) -> NDArray[np.float32]:
    """Return the embeddings of inputs, float32 [B, values], each of length 1."""
    out = layer_output(network, x, layer).flatten(1).float().cpu().numpy()
    embeddings: NDArray[np.float32] = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
    return embeddings


def _projection(values: int) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    if values <= _MAX_INDEXED:
        return lambda embeddings: embeddings
    projection = GaussianRandomProjection(_MAX_INDEXED, random_state=0)
    projection.fit(np.zeros((1, values), np.float32))
    transform: Callable[[NDArray[np.float32]], NDArray[np.float32]] = projection.transform
    return transform


def _candidates(
    index: NearestNeighbors,
    queries: NDArray[np.float32],
    groups: NDArray[np.int64],
    excluded: set[int],
    count: int,
) -> list[int]:
    """Return up to `count` rows near any of the queries, one of each group, the nearest first."""
    neighbours = min(len(groups), 2 * count)
    while True:
        distances, nearest_rows = index.kneighbors(queries, neighbours)
        rows: list[int] = []
        seen = set(excluded)
        for row in nearest_rows.ravel()[np.argsort(distances.ravel(), kind="stable")].tolist():
            if groups[row] not in seen:
                seen.add(int(groups[row]))
                rows.append(row)
        if len(rows) >= count or neighbours == len(groups):
            return rows[:count]
        neighbours = min(len(groups), 4 * neighbours)


def _sort(
    network: ConvolutionNetwork,
    layer: str,
    examples: Examples,
    rows: list[int],
    queries: NDArray[np.float32],
) -> list[Match]:
    if not rows:
        return []
    cosines = _embeddings(network, examples.inputs(np.array(rows)), layer) @ queries.T  # [rows, queries]
    matches = [
        Match(row, float(cosine.max()), int(cosine.argmax()))
        for row, cosine in zip(rows, cosines, strict=True)
    ]
    return sorted(matches, key=lambda match: -match.similarity)

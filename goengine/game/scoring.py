"""Ownership, dead stones, sekis and the score of a position, without a policy.

Unconditional life is exact (`goengine.kernel.life`). Everything else is estimated by playouts
(`goengine.kernel.playouts.games`): accurate on finished positions, rough before.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from goengine.game.board import BLACK, EMPTY, WHITE, Board
from goengine.kernel.life import unconditional
from goengine.kernel.playouts.games import play_out
from goengine.kernel.score import means_of_chains
from goengine.points import pass_move
from goengine.util.parallel import cores, share

PLAYOUTS = 256
"""The default number of playouts: about 10 ms on 19x19; ownership is within 3 % of what many more give."""

_SMALLEST_SLICE = 24  # playouts; they take about 1 ms late in a game, as long as a thread takes to wake up
# A chain is in seki if it ends next to a point that neither side plays in at least this share of playouts.
_SEKI_SHARE = 0.5

_SIGN = {BLACK: 1, WHITE: -1}


@dataclass(frozen=True)
class Estimate:
    """An estimate of a position by playouts.

    Attributes:
        ownership: float32 [size, size], the mean owner of each point: 1 is always Black's, -1 always White's.
        score: The mean score in points under the rules in force, komi included; positive for Black.
        winrate: The share of playouts that Black wins; a draw counts as half.
        dead: Points of dead stones, ascending.
        seki: Points of stones in seki, ascending. Stones in neither list are alive.
    """

    ownership: NDArray[np.float32]
    score: float
    winrate: float
    dead: list[int]
    seki: list[int]


@dataclass(frozen=True)
class Status:
    """The points of a board's stones by their status, ascending.

    Attributes:
        alive: Points of living stones.
        dead: Points of dead stones.
        seki: Points of stones in seki.
    """

    alive: list[int]
    dead: list[int]
    seki: list[int]


class Playouts:
    """Playouts from a position, and their statistics.

    The same seed gives the same playouts, in the same order, on any number of threads.
    """

    def __init__(self, board: Board, seed: int = 0, first: int | None = None) -> None:
        """Prepare playouts of a position; `play` plays them.

        Args:
            board: The position.
            seed: Of the random numbers.
            first: The colour that moves first, the player to move unless given; EMPTY: each colour in half
                of the playouts.
        """
        self._board = board
        self._seed = seed
        first = board.to_play if first is None else first
        # The move that the first player may answer; none if either side moves first.
        self._last = pass_move(board.size) if first == EMPTY or board.last_move is None else board.last_move
        self._first_players = (BLACK, WHITE) if first == EMPTY else (first,)
        self._sums = np.zeros((2, board.size**2), np.int64)  # ownership and neutral neighbours, see play_out
        self._scores = np.empty(0, np.int64)
        self._played = [0] * len(self._first_players)

    @cached_property
    def _settled(self) -> NDArray[np.uint8]:
        return settled_points(self._board)

    def __len__(self) -> int:
        """Return the number of playouts so far."""
        return len(self._scores)

    def play(self, count: int) -> None:
        """Play more playouts, at least 1, on all cores if there are enough of them."""
        position = self._board.arrays
        threads = cores()
        sums = np.zeros((threads, *self._sums.shape), np.int64)
        scores = np.empty(count, np.int64)
        settled = self._settled
        sides = len(self._first_players)
        bounds = [count * side // sides for side in range(sides + 1)]

        def work(thread: int, part: slice) -> None:
            for side, first in enumerate(self._first_players):
                rows = slice(max(part.start, bounds[side]), min(part.stop, bounds[side + 1]))
                if rows.start >= rows.stop:
                    continue
                play_out(
                    position,
                    settled,
                    first,
                    self._last,
                    self._seed + first if sides > 1 else self._seed,
                    self._played[side] + rows.start - bounds[side],
                    sums[thread],
                    scores[rows],
                )

        slices = min(count // _SMALLEST_SLICE, 4 * threads)
        if slices > threads:
            slices -= slices % threads  # the same number for each thread
        share(count, slices, threads, work)
        for side in range(sides):
            self._played[side] += bounds[side + 1] - bounds[side]
        self._sums += sums.sum(axis=0)
        self._scores = np.concatenate([self._scores, scores])

    @property
    def ownership(self) -> NDArray[np.float32]:
        """The mean owner of each point so far: float32 [size, size], see `Estimate`."""
        mean: NDArray[np.float32] = (self._sums[0] / len(self)).astype(np.float32)
        return mean.reshape(self._board.size, self._board.size)

    @property
    def neutral(self) -> NDArray[np.float64]:
        """The share of playouts in which a point's stone ends next to a neutral point: float64 [size, size].

        A point is neutral if neither side would play it.
        """
        shares: NDArray[np.float64] = self._sums[1] / len(self)
        return shares.reshape(self._board.size, self._board.size)

    def estimate(self) -> Estimate:
        """Return the estimate from the playouts so far."""
        owners, neutral = self._sums / len(self)
        return _estimate(self._board, owners, neutral, self._scores)


def estimate(board: Board, playouts: int = PLAYOUTS, seed: int = 0, first: int | None = None) -> Estimate:
    """Estimate a position by playouts; the same seed gives the same estimate.

    On 19x19 a playout takes about 0.04 ms of one core late in a game and 0.1 ms at its beginning, without the
    GIL.

    Args:
        board: The position.
        playouts: The number of playouts, at least 1.
        seed: Of the random numbers.
        first: The colour that moves first, the player to move unless given; EMPTY: each colour in half of the
            playouts.
    """
    games = Playouts(board, seed, first)
    games.play(playouts)
    return games.estimate()


def estimate_either(board: Board, playouts: int = PLAYOUTS, seed: int = 0) -> Estimate:
    """Return `estimate` with half of the playouts started by either side."""
    return estimate(board, playouts, seed, EMPTY)


def status(board: Board, playouts: int = PLAYOUTS, seed: int = 0) -> Status:
    """Return which stones are alive, dead and in seki, whoever moves next.

    Half of the playouts are started by either side. A chain is dead if its points end as the opponent's in
    more than half of them. It is in seki if it lives next to a point that neither side can afford to play.
    """
    estimate = estimate_either(board, playouts, seed)
    stones = np.flatnonzero(board.stones.ravel() != EMPTY)
    not_alive = set(estimate.dead) | set(estimate.seki)
    return Status([int(p) for p in stones if p not in not_alive], estimate.dead, estimate.seki)


def final_score(board: Board, playouts: int = PLAYOUTS, seed: int = 0) -> float:
    """Return the score with dead stones removed, under the rules in force, komi included; positive for Black.

    Empty points that border on both colours count for neither, so an unfinished game is counted as it stands.

    >>> from goengine import Board
    >>> board = Board.from_sgf("(;SZ[5]KM[0.5];B[ca];W[da];B[cb];W[db];B[cc];W[dc];B[cd];W[dd];B[ce];W[de])")
    >>> final_score(board)
    4.5
    """
    result = status(board, playouts, seed)
    return score_of(board, result.dead, result.seki)


def score_of(board: Board, dead: list[int], seki: list[int]) -> float:
    """Return the score for a known status of stones; points next to a seki are not territory."""
    score = board.score(dead)
    if board.rules.scoring == "territory" and seki:
        owner = board.owner(dead)
        score -= sum(_SIGN.get(int(owner[p]), 0) for p in points_next_to_seki(board, dead, seki))
    return score


def settled_points(board: Board) -> NDArray[np.uint8]:
    """Return the owner of each point that is unconditionally settled, else EMPTY: uint8 [size * size].

    These are unconditionally alive stones, and regions between them in which no opponent can live.
    """
    cells, _, near = board.arrays
    alive, territory = np.empty(board.size**2, np.uint8), np.empty(board.size**2, np.uint8)
    unconditional(cells, near, board.rules.suicide, alive, territory)
    return np.where(alive, alive, territory)


def chain_means(board: Board, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of the values over each stone's chain, 0 at empty points: float64 [points]."""
    means = np.empty(board.size**2)
    means_of_chains(board.arrays[0], values, means)
    return means


def chains(board: Board) -> list[list[int]]:
    """Return the chains of a board, each as its points, ascending."""
    stones = board.stones.ravel()
    seen: set[int] = set()
    result = []
    for point in map(int, np.flatnonzero(stones != EMPTY)):
        if point not in seen:
            result.append(board.chain(point))
            seen.update(result[-1])
    return result


def points_next_to_seki(board: Board, dead: list[int], seki: list[int]) -> set[int]:
    """Return the points, empty or of dead stones, that a stone in seki reaches through such points."""
    near = board.arrays[2].reshape(-1, 4)
    stones = board.stones.ravel().copy()
    stones[dead] = EMPTY
    reached: set[int] = set()
    remaining = list(seki)
    while remaining:
        for q in map(int, near[remaining.pop()]):
            if q < board.size**2 and stones[q] == EMPTY and q not in reached:
                reached.add(q)
                remaining.append(q)
    return reached


def _estimate(
    board: Board,
    owners: NDArray[np.float64],
    neutral: NDArray[np.float64],
    areas: NDArray[np.int64],
) -> Estimate:
    stones = board.stones.ravel()
    own = chain_means(board, np.where(stones == WHITE, -owners, owners))
    dead = own < 0
    seki = (own >= 0) & (chain_means(board, neutral) >= _SEKI_SHARE)
    scores = areas - board.komi
    if board.rules.scoring == "territory":
        # A playout's area is its territory plus the stones that were played. Stones of the playout itself
        # cancel out, since both sides alternate and fill their own territory too.
        scores = scores - _stones_played(board)
    wins = float((scores > 0).mean() + (scores == 0).mean() / 2)
    return Estimate(
        owners.reshape(board.size, board.size).astype(np.float32),
        float(scores.mean()),
        wins,
        np.flatnonzero(dead).tolist(),
        np.flatnonzero(seki).tolist(),
    )


def _stones_played(board: Board) -> int:
    """Return how many more stones Black has played than White, setup and captured stones included."""
    on_board = board.stones
    black = int((on_board == BLACK).sum()) + board.captures[WHITE]
    white = int((on_board == WHITE).sum()) + board.captures[BLACK]
    return black - white

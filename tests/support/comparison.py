"""The library's planes beside the reference's, over positions of many games. Runs in worker processes too."""

import random
from collections import defaultdict
from pathlib import Path

import numpy as np

from goengine.game.board import Board
from goengine.game.planes import PLANES, encode, packed_bytes, unpack
from goengine.kernel.batch import encode_samples
from goengine.kernel.replay import Games, legal_prefix
from goengine.points import NUM_SYMMETRIES, transform_planes
from support.real_games import SIZE, real_games
from support.reference import BLACK, WHITE, ReferenceBoard, reference_planes

WHITE_SETUP = 1 << 15


def flat_games(
    size: int,
    moves: list[list[int]],
    setups: list[tuple[list[int], list[int]]] | None = None,
    first_players: list[int] | None = None,
) -> Games:
    """Games as the compiled replay takes them; without setup stones and Black first unless told otherwise."""
    stones = [
        black + [point + WHITE_SETUP for point in white] for black, white in setups or [([], [])] * len(moves)
    ]
    return Games(
        size=size,
        moves=np.array([move for game in moves for move in game], np.uint16),
        move_starts=np.cumsum([0, *map(len, moves)], dtype=np.int64),
        setup=np.array([point for game in stones for point in game], np.uint16),
        setup_starts=np.cumsum([0, *map(len, stones)], dtype=np.int64),
        first_player=np.array(first_players or [BLACK] * len(moves), np.uint8),
    )


def replayed_planes(games: Games, samples: list[tuple[int, int, int]], threads: int = 1) -> np.ndarray:
    """Planes by the compiled replay of (game, ply, symmetry): uint8 [B, 48, size, size]."""
    game, ply, symmetry = (np.array(column) for column in zip(*samples, strict=True))
    packed = np.empty((len(samples), packed_bytes(games.size)), np.uint8)
    encode_samples(games, game, ply, symmetry.astype(np.uint8), packed, threads=threads)
    return unpack(packed, games.size)


def real_positions(folder: Path, games: int, plies: int, seed: int) -> dict[int, list[int]]:
    """A seeded choice of positions: game -> rising plies, `plies` of each game that is long enough."""
    records = real_games(folder)
    choose = random.Random(seed)
    lengths = legal_prefix(flat_games(SIZE, [list(record) for record in records]))
    chosen = choose.sample(range(len(records)), games)
    return {
        game: sorted(choose.sample(range(int(lengths[game]) + 1), plies))
        for game in chosen
        if lengths[game] >= plies
    }


def compare_real_positions(folder: Path, positions: dict[int, list[int]], seed: int = 0) -> tuple[int, str]:
    """Compare `encode` and the compiled replay, under a random symmetry, with the reference.

    Returns how many positions were compared, and what differs at the first that does ("" if none does).
    """
    records = real_games(folder)
    choose = random.Random(seed)
    compared = 0
    for game, plies in positions.items():
        expected: dict[int, np.ndarray] = {}
        board, other = Board(SIZE), ReferenceBoard(SIZE)
        for ply in range(max(plies) + 1):
            if ply in plies:
                expected[ply] = reference_planes(other)
                report = difference(encode(board), expected[ply])
                if report:
                    return compared, f"encode, game {game}, ply {ply}: {report}\n{board}"
            if ply < len(records[game]):
                board.play(records[game][ply])
                other.play(records[game][ply])
        samples = [(0, ply, choose.randrange(NUM_SYMMETRIES)) for ply in plies]
        replayed = replayed_planes(flat_games(SIZE, [list(records[game])]), samples)
        for planes, (_, ply, symmetry) in zip(replayed, samples, strict=True):
            report = difference(planes, transform_planes(expected[ply], symmetry))
            if report:
                return compared, f"replay, game {game}, ply {ply}, symmetry {symmetry}: {report}"
        compared += len(plies)
    return compared, ""


def difference(planes: np.ndarray, expected: np.ndarray) -> str:
    """Which planes differ and where, in one line; "" if none does."""
    wrong = defaultdict(list)
    for index, row, column in np.argwhere(planes != expected):
        wrong[PLANES[index].name].append((int(row), int(column)))
    return "; ".join(f"{name} at {points[:5]}" for name, points in wrong.items())


__all__ = [
    "BLACK",
    "WHITE",
    "compare_real_positions",
    "difference",
    "flat_games",
    "real_positions",
    "replayed_planes",
]

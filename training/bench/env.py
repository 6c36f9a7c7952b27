"""The speed of the gymnasium environment and of other programs, at random moves."""

import importlib.util
import time
from collections.abc import Callable

import gymnasium
import numpy as np
from sgfmill import boards

from goengine.env import GO_ID
from goengine.training.bench.measure import Report, Task, measure

SGFMILL = "sgfmill: random moves, rules alone"
PETTINGZOO = "pettingzoo: go_v5"
_STEPS = 200
_DRAWS = 50


def bench_env(size: int = 19, games: int = 128, seconds: float = 2.0) -> Report:
    """Measure random steps per second of one game and of many games at once, including the choice of actions.

    One game and the reference are measured in processor time; many games, which use all cores, in wall-clock
    time.

    Args:
        size: The board size.
        games: The games of the vector environment.
        seconds: The time to measure each figure for.

    Raises:
        GoEngineError: If the size or the number of games is out of range.
    """
    processor, wall = time.process_time, time.perf_counter
    tasks = [
        Task(SGFMILL, _sgfmill(size), processor),
        *(
            Task(f"one game, {observation}", _single(size, observation), processor)
            for observation in ("board", "planes48")
        ),
        *(
            Task(f"{games} games, {observation}, all cores", _vector(size, games, observation), wall)
            for observation in ("board", "planes48")
        ),
    ]
    if importlib.util.find_spec("pettingzoo") is not None:
        tasks.append(Task(PETTINGZOO, _pettingzoo(size), processor))
    return Report(
        f"The gymnasium environment, {size}x{size}",
        "step",
        measure(tasks, seconds),
        SGFMILL,
        ("random legal moves that fill no own true eye; games of at most 2 moves per point",),
    )


def _single(size: int, observation: str) -> Callable[[], int]:
    env = gymnasium.make(GO_ID, size=size, observation=observation)
    random = np.random.default_rng(0)
    state = env.reset(seed=0)[1]

    def run() -> int:
        nonlocal state
        for _ in range(_STEPS):
            points = np.flatnonzero(state["action_mask"])
            action = points[int(random.random() * (len(points) - 1))]  # passes if nothing else is legal
            _, _, terminated, truncated, state = env.step(action)
            if terminated or truncated:
                _, state = env.reset()
        return _STEPS

    return run


def _vector(size: int, games: int, observation: str) -> Callable[[], int]:
    env = gymnasium.make_vec(GO_ID, num_envs=games, size=size, observation=observation)
    random = np.random.default_rng(0)
    # Drawn in advance: drawing them takes a tenth of the time of a step.
    draws = random.integers(1, 2**16, (_DRAWS, games, size * size + 1), np.uint16)
    state = env.reset(seed=0)[1]

    def run() -> int:
        nonlocal state
        for draw in random.integers(0, _DRAWS, 10):
            scores = draws[draw] * state["action_mask"].view(np.uint8)
            scores[:, -1] = 0  # passes if nothing else is legal
            _, _, _, _, state = env.step(scores.argmax(axis=1))
        return 10 * games

    return run


def _sgfmill(size: int) -> Callable[[], int]:
    random = np.random.default_rng(0)

    def run() -> int:
        board, colour, ko = boards.Board(size), "b", None
        for step in range(_STEPS):
            empty = [
                (row, column)
                for row in range(size)
                for column in range(size)
                if board.get(row, column) is None and (row, column) != ko
            ]
            if not empty:
                return step + 1
            ko = board.play(*empty[int(random.random() * len(empty))], colour)
            colour = "w" if colour == "b" else "b"
        return _STEPS

    return run


def _pettingzoo(size: int) -> Callable[[], int]:
    from pettingzoo.classic import go_v5

    env = go_v5.env(board_size=size)
    random = np.random.default_rng(0)

    def run() -> int:
        env.reset()
        for step in range(_STEPS):
            observation, _, terminated, truncated, _ = env.last()
            if terminated or truncated:
                return step + 1
            points = np.flatnonzero(observation["action_mask"])
            env.step(int(points[int(random.random() * (len(points) - 1))]))
        return _STEPS

    return run

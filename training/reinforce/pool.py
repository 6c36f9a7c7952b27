"""The pool of a run: snapshots of the policy as model folders, named by step; `pool/000000` is the start."""

from pathlib import Path

import numpy as np
import torch

from goengine.errors import GoEngineError
from goengine.nn.network import PolicyNetwork, save_model

_MAX_LOADED = 64  # networks in memory


class Pool:
    """The pool in a run's folder.

    Attributes:
        steps: The steps of the snapshots, rising.
    """

    def __init__(self, folder: Path, until: int) -> None:
        """Open the pool with the snapshots up to the step `until`.

        Later snapshots, of a run that was resumed from an earlier checkpoint, are ignored and overwritten.
        """
        self._folder = folder
        self._networks: dict[int, PolicyNetwork] = {}
        names = sorted(path.name for path in folder.glob("*") if path.name.isdecimal())
        self.steps = [int(name) for name in names if int(name) <= until]

    def add(self, step: int, network: PolicyNetwork) -> None:
        """Save a snapshot of the network."""
        save_model(network, self._path(step), torch.float32, f"# Snapshot after {step} steps\n")
        if step not in self.steps:
            self.steps.append(step)
        self._networks.pop(step, None)

    def draw(self, random: np.random.Generator) -> tuple[int, PolicyNetwork]:
        """Draw a snapshot, all with equal probability; return its step and its network."""
        step = self.steps[int(random.integers(len(self.steps)))]
        return step, self.network(step)

    def network(self, step: int) -> PolicyNetwork:
        """Return the network of the snapshot of a step.

        Raises:
            GoEngineError: If its folder is missing or damaged.
        """
        if step not in self._networks:
            if len(self._networks) >= _MAX_LOADED:
                self._networks.pop(next(iter(self._networks)))
            path = self._path(step)
            if not path.is_dir():
                raise GoEngineError(f"the snapshot {path} is missing, so the run cannot continue")
            self._networks[step] = PolicyNetwork.from_pretrained(path)
        return self._networks[step]

    def _path(self, step: int) -> Path:
        return self._folder / f"{step:06}"

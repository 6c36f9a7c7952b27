"""Earlier selves of a policy, kept as model folders: `pool/000000` is the start, others by their steps."""

from pathlib import Path

import numpy as np
import torch

from goengine.errors import GoEngineError
from goengine.nn.network import PolicyNetwork, save_model

_LOADED = 64  # networks held in memory


class Pool:
    """The pool in a run's folder.

    Public attributes:
      steps -- int list, rising: at which steps its members were kept
    """

    def __init__(self, folder: Path, until: int) -> None:
        """Those kept up to the step `until`.

        Later ones, of a run that went on from an earlier checkpoint, are not looked at, and written over.
        """
        self._folder = folder
        self._networks: dict[int, PolicyNetwork] = {}
        names = sorted(path.name for path in folder.glob("*") if path.name.isdecimal())
        self.steps = [int(name) for name in names if int(name) <= until]

    def add(self, step: int, network: PolicyNetwork) -> None:
        """Keep a copy of the network as it is."""
        save_model(network, self._path(step), torch.float32, f"# An earlier self, after {step} steps\n")
        if step not in self.steps:
            self.steps.append(step)
        self._networks.pop(step, None)

    def draw(self, random: np.random.Generator) -> tuple[int, PolicyNetwork]:
        """Any member, all alike: the step it was kept at, and the network, on the CPU."""
        step = self.steps[int(random.integers(len(self.steps)))]
        return step, self.network(step)

    def network(self, step: int) -> PolicyNetwork:
        """The member kept at a step.

        Raises GoEngineError if its folder is gone or damaged.
        """
        if step not in self._networks:
            if len(self._networks) >= _LOADED:
                self._networks.pop(next(iter(self._networks)))
            path = self._path(step)
            if not path.is_dir():
                raise GoEngineError(f"the run's pool lacks {path}, so the run cannot go on")
            self._networks[step] = PolicyNetwork.from_pretrained(path)
        return self._networks[step]

    def _path(self, step: int) -> Path:
        return self._folder / f"{step:06}"

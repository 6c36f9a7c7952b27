"""What a run of learning by playing is."""

from dataclasses import dataclass
from typing import ClassVar

from goengine.errors import GoEngineError
from goengine.training.config import RunConfig


@dataclass(frozen=True)
class ReinforceConfig(RunConfig):
    """Every setting of such a run. Defaults are those of `configs/reinforce-9x9.toml`, `minutes` apart.

    Of the settings of every run, `batch_size` is how many positions a pass takes, not a step: a step learns
    from all positions of its games. Those of `unknown` it does not have.
    """

    unknown: ClassVar[tuple[str, ...]] = ("average", "compile", "tensorboard")

    # The policy to begin with: default or a model's folder. Without one, a network with random weights for
    # boards of this size.
    start: str = ""
    size: int = 9
    filters: int = 32
    layers: int = 6

    # Games: how many a step plays, and by which rules they are counted.
    games: int = 128
    komi: float = 7.5
    max_moves: int = 0  # at which a game is counted as it stands; 0 for twice the points of the board

    # The pool: a copy of the policy joins it every so many steps. Length in steps, beside minutes; 0 is no
    # limit.
    pool_every: int = 20
    steps: int = 0

    # Evaluation: games against the start, at each validation.
    evaluation_games: int = 100

    batch_size: int = 2048
    optimizer: str = "adamw"
    adam_lr: float = 0.001
    warmup_steps: int = 5
    decay: float = 0.2
    validation_minutes: float = 5.0

    kind = "reinforced policy"
    ranges = RunConfig.ranges | {
        "size": (2, 25),
        "filters": (1, 4096),
        "layers": (2, 100),
        "games": (2, 1 << 16),
        "komi": (-1000, 1000),
        "max_moves": (0, 65000),
        "pool_every": (1, 10**9),
        "steps": (0, 10**9),
        "evaluation_games": (2, 1 << 16),
    }
    kept = (*RunConfig.kept, "start", "size", "filters", "layers", "komi", "max_moves", "pool_every")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in self.unknown:
            if getattr(self, name) != getattr(RunConfig, name):
                raise GoEngineError(f"learning by playing has no setting {name}")

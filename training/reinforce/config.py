"""The settings of a reinforcement learning run."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from goengine.errors import GoEngineError
from goengine.training.config import BoardSize, Filters, Layers, LearningRate, Minutes, RunConfig


class ReinforceConfig(RunConfig):
    """The settings of a reinforcement learning run; apart from `minutes`, the defaults are reinforce-9x9's.

    `batch_size` is the number of positions per forward and backward pass: a step learns from all positions of
    its games.

    Attributes:
        unsupported: The settings of other runs that this kind of run does not have.
    """

    kind = "reinforced policy"
    kept = (*RunConfig.kept, "start", "size", "filters", "layers", "komi", "max_moves", "pool_every")
    unsupported: ClassVar[tuple[str, ...]] = ("average", "best", "compile", "patience", "tensorboard")

    # start: the policy to start from: default, a model's folder, or its id on the hub. Without one, a network
    # of `layers` layers of `filters` filters with random weights, for boards of `size`.
    start: str = ""
    size: BoardSize = 9
    filters: Filters = 32
    layers: Layers = 6

    # games: games per step. max_moves: the move after which a game is scored unfinished; 0 for twice the
    # number of points of the board.
    games: Annotated[int, Field(ge=2, le=1 << 16)] = 128
    komi: Annotated[float, Field(ge=-1000, le=1000)] = 7.5
    max_moves: Annotated[int, Field(ge=0, le=65000)] = 0

    # pool_every: steps between snapshots in the pool. steps: the length of the run; 0 for no limit.
    pool_every: Annotated[int, Field(ge=1, le=10**9)] = 20
    steps: Annotated[int, Field(ge=0, le=10**9)] = 0

    # The games against the starting policy at each evaluation.
    evaluation_games: Annotated[int, Field(ge=2, le=1 << 16)] = 100

    batch_size: Annotated[int, Field(ge=1, le=1 << 20)] = 2048
    optimizer: Literal["muon", "adamw", "sgd"] = "adamw"
    adam_lr: LearningRate = 0.001
    warmup_steps: Annotated[int, Field(ge=0)] = 5
    decay: Annotated[float, Field(ge=0, le=1)] = 0.2
    validation_minutes: Minutes = 5.0

    def model_post_init(self, _context: Any) -> None:
        """Refuse settings that have no effect in this kind of run."""
        for name in self.unsupported:
            if getattr(self, name) != type(self).model_fields[name].default:
                raise GoEngineError(f"goengine reinforce has no setting {name}")

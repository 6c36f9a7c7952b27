"""The settings of training runs: validated models, read from TOML files and `name=value` overrides.

`RunConfig` has the settings that the training loop uses for every task; each task has a subclass.
"""

import itertools
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from goengine.errors import GoEngineError
from goengine.util.toml import read_toml

_CONFIGS = ("configs", "classify/configs")  # folders of this package

Compile = Literal["off", "on", "graphs"]
COMPILED: tuple[Compile, ...] = get_args(Compile)
"""How a network is compiled before it trains: not at all, by torch.compile, or also into CUDA graphs."""

LearningRate = Annotated[float, Field(ge=0, le=10)]
LossWeight = Annotated[float, Field(ge=0, le=100)]
Minutes = Annotated[float, Field(ge=0)]
BoardSize = Annotated[int, Field(ge=2, le=25)]
Filters = Annotated[int, Field(ge=1, le=4096)]
Layers = Annotated[int, Field(ge=2, le=100)]


class RunConfig(BaseModel):
    """The settings of a run of any task. Immutable; a bad value raises GoEngineError.

    Attributes:
        kind: What is trained, as checkpoints name it.
        kept: The settings that a resumed run cannot change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: ClassVar[str]
    kept: ClassVar[tuple[str, ...]] = ("seed", "batch_size", "optimizer")

    # The folder for checkpoints, the log and the model.
    out: str = ""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0

    # The length of the run in minutes of training, without the time between sessions; 0 for no limit. Tasks
    # have other limits too, and the nearest ends the run.
    minutes: Annotated[float, Field(ge=0, le=10**9)] = 0.0

    # Optimization. The learning rates rise over `warmup_steps` (at most a tenth of the run), are stable, and
    # fall to zero over the last share `decay` of the run; see `goengine.training.schedule`. A longer run can
    # continue from `stable.pt`, saved where the fall began.
    # optimizer: muon uses muon_lr and momentum for inner convolutions and adam_lr for other parameters; adamw
    # uses adam_lr; sgd uses sgd_lr and momentum; see `goengine.training.optim`.
    # average: the decay per step of the weights' moving average, which is validated and released; 0 for none.
    batch_size: Annotated[int, Field(ge=1, le=1 << 20)] = 128
    optimizer: Literal["muon", "adamw", "sgd"] = "muon"
    muon_lr: LearningRate = 0.02
    adam_lr: LearningRate = 0.002
    sgd_lr: LearningRate = 0.05
    momentum: Annotated[float, Field(ge=0, le=0.9999)] = 0.95
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.0
    warmup_steps: Annotated[int, Field(ge=0)] = 200
    decay: Annotated[float, Field(ge=0, le=1)] = 0.35
    average: Annotated[float, Field(ge=0, le=0.999999)] = 0.0

    # Machine. threads: CPU threads per step; 0 measures now and then which number is fastest.
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "bfloat16", "float32"] = "auto"
    threads: Annotated[int, Field(ge=0, le=4096)] = 0
    compile: Compile = "off"

    # Records. tensorboard: write the log's figures for TensorBoard too.
    tensorboard: bool = False
    checkpoint_minutes: Minutes = 5.0
    validation_minutes: Minutes = 10.0

    # Selection. best: keep the checkpoint with the lowest validation loss, and release it. patience: end the
    # run after this number of validations without a lower loss; 0 for never.
    best: bool = True
    patience: Annotated[int, Field(ge=0)] = 0

    def __init__(self, **settings: Any) -> None:
        """Set the settings given; the others have their defaults.

        Raises:
            GoEngineError: If a setting does not exist, or its value has another type or is out of range.
        """
        try:
            super().__init__(**settings)
        except ValidationError as error:
            raise GoEngineError(_explain(error, type(self).model_fields)) from error

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values, which may be text as given on a command line.

        Raises:
            GoEngineError: If a setting does not exist, or its value has another type or is out of range.
        """
        fields = type(self).model_fields
        parsed = {
            name: _parse(value, type(fields[name].default))
            if name in fields and isinstance(value, str)
            else value
            for name, value in changes.items()
        }
        return type(self)(**self.model_dump() | parsed)


class TrainConfig(RunConfig):
    """The settings of a policy's run; the defaults suit an hour or two on a CPU."""

    kind = "policy"
    kept = (*RunConfig.kept, "filters", "layers", "normalised")

    # Data: game tables (Parquet). symmetries: draw one of the board's 8 symmetries for each position.
    table: str = ""
    validation: str = ""
    validation_positions: Annotated[int, Field(ge=1)] = 2000
    symmetries: bool = True

    # Network. identity: initialise inner kernels to the identity with a little noise, else He-normal.
    filters: Filters = 64
    layers: Layers = 13
    identity: bool = True

    # Used in training alone and removed at release, except for the value head. normalised: batch
    # normalisation after each convolution. The others are the weights of auxiliary losses, 0 for none:
    # reply_weight of two policies, for the opponent's reply and the player's next move; value_weight of the
    # winner; owner_weight of each point's owner; score_weight of the score. Without value_weight there is no
    # value head, and owner_weight and score_weight have no effect.
    normalised: bool = True
    reply_weight: LossWeight = 0.15
    value_weight: LossWeight = 0.0
    owner_weight: LossWeight = 0.5
    score_weight: LossWeight = 0.02

    # start: the released model to start from: default, a folder, or a model's id on the hub. start_hash: the
    # hash of its weights, set by the run.
    start: str = ""
    start_hash: str = ""

    # The player whose moves alone are learned; empty for all players.
    player: str = ""

    # The length of the run in positions; 0 for no limit.
    positions: Annotated[int, Field(ge=0, le=10**15)] = 0

    batch_size: Annotated[int, Field(ge=1, le=1 << 20)] = 64
    muon_lr: LearningRate = 0.008
    adam_lr: LearningRate = 0.0012
    warmup_steps: Annotated[int, Field(ge=0)] = 100
    decay: Annotated[float, Field(ge=0, le=1)] = 0.8


def _parse(text: str, kind: type) -> Any:
    """Return the value that a text means for a setting of that type; the text itself if it has none."""
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return kind(text)
    except ValueError:
        return text


def _explain(error: ValidationError, fields: dict[str, FieldInfo]) -> str:
    """Return one sentence for the first problem that pydantic found."""
    first = error.errors()[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    name = str(first["loc"][0])
    if name not in fields:
        return f"unknown training setting {name!r}; expected one of {', '.join(fields)}"
    return f"the training setting {name} is {first['input']!r}; expected {_allowed(fields[name])}"


def _allowed(field: FieldInfo) -> str:
    """Return the values that a setting may have, in words."""
    if choices := get_args(field.annotation):
        return f"one of {', '.join(choices)}"
    kinds = {bool: "true or false", int: "an integer", float: "a number", str: "text"}
    words = kinds[type(field.default)]
    limits: dict[str, Any] = {}
    for limit in field.metadata:
        limits |= {name: getattr(limit, name) for name in ("ge", "le") if hasattr(limit, name)}
    if "le" in limits:
        words += f" from {limits['ge']} to {limits['le']}"
    elif "ge" in limits:
        words += f" of at least {limits['ge']}"
    return words


C = TypeVar("C", bound=RunConfig)


def bundled_configs() -> dict[str, Path]:
    """Return the config files installed with goengine, by name."""
    here = Path(__file__).parent
    return {path.stem: path for folder in _CONFIGS for path in sorted((here / folder).glob("*.toml"))}


def list_configs() -> list[tuple[str, str]]:
    """Return the name of each config installed with goengine, and the first sentence of its comment."""

    def first_sentence(path: Path) -> str:
        comment = itertools.takewhile(
            lambda line: line[:1] == "#", path.read_text(encoding="utf-8").splitlines()
        )
        text = " ".join(line.removeprefix("#").strip() for line in comment)
        return text.partition(". ")[0].removesuffix(".") + "."

    return [(name, first_sentence(path)) for name, path in bundled_configs().items()]


def find_config(name: str | Path) -> Path:
    """Return the file of a config: a path, or the name of one installed with goengine, such as policy-64.

    Raises:
        GoEngineError: If the name is neither.
    """
    path = Path(name)
    bundled = bundled_configs()
    if str(path) in bundled:
        return bundled[str(path)]
    if path.name == str(path) and not path.suffix and not path.exists():
        raise GoEngineError(
            f"unknown config {str(path)!r}; expected a TOML file, or one of {', '.join(bundled)}"
        )
    return path


def read_config(name: str | Path, kind: type[C]) -> C:
    """Read the settings of a run; those not in the file keep their defaults.

    Args:
        name: A TOML file, or the name of a config installed with goengine.
        kind: The class of the settings.

    Raises:
        GoEngineError: If the file cannot be read, is not TOML, or has an unknown setting or a bad value.
    """
    path = find_config(name)
    settings = read_toml(path, "training config")
    try:
        return kind().replace(**settings)
    except GoEngineError as error:
        raise GoEngineError(f"{path}: {error}") from error

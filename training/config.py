"""What a training run is: a frozen dataclass, read from a TOML file and from `key=value` overrides.

`RunConfig` is what the loop goes by, whatever is learnt; a task's settings are a class of it.
"""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from goengine.errors import GoEngineError

_INF = float("inf")
_CONFIGS = ("configs", "classify/configs")  # folders of this package

COMPILED = ("off", "on", "graphs")
"""What is made of a network before it trains: nothing, compiled code, or that in CUDA graphs."""


@dataclass(frozen=True)
class RunConfig:
    """The settings of a run of any task.

    Class attributes:
      kind -- what is trained, as checkpoints call it
      ranges -- the lowest and the highest value of a setting
      choices -- the texts that a setting may be
      kept -- settings that a run cannot change when it goes on
    """

    # The folder that checkpoints, the log and the model are written to.
    out: str = ""
    seed: int = 0

    # Length: the run ends at whichever limit comes first; 0 is no limit. Minutes are of wall clock, stops
    # not counted.
    minutes: float = 0.0

    # Optimization. The learning rates warm up over the first steps, stay, then fall to zero over the last
    # `decay` share of the run. A run that is continued later starts from `stable.pt`, kept where the fall
    # began. optimizer: muon (with Adam for what is no inner kernel), adamw or sgd, each with its own rate;
    # see `goengine.training.optim`. average: the share of the weights' moving average that stays at each
    # step; the average is what is validated and released; 0 keeps none.
    batch_size: int = 128
    optimizer: str = "muon"
    muon_lr: float = 0.02
    adam_lr: float = 0.002
    sgd_lr: float = 0.05
    momentum: float = 0.95
    weight_decay: float = 0.0
    warmup_steps: int = 200
    decay: float = 0.35
    average: float = 0.0

    # Machine. threads: CPU threads a step, 0 to measure now and then which number is fastest. compile: the
    # network by torch.compile, and on a GPU also into CUDA graphs.
    device: str = "auto"
    precision: str = "auto"
    threads: int = 0
    compile: str = "off"

    # Records. tensorboard: write the log's figures for TensorBoard too.
    tensorboard: bool = False
    checkpoint_minutes: float = 5.0
    validation_minutes: float = 10.0

    # Choosing: best keeps the checkpoint with the lowest validation loss, which is released. patience: how
    # many validations without a lower loss end the run early; 0 never.
    best: bool = True
    patience: int = 0

    kind: ClassVar[str]
    ranges: ClassVar[dict[str, tuple[float, float]]] = {
        "seed": (0, 2**63 - 1),
        "minutes": (0, 10**9),
        "batch_size": (1, 1 << 20),
        "muon_lr": (0, 10),
        "adam_lr": (0, 10),
        "sgd_lr": (0, 10),
        "momentum": (0, 0.9999),
        "weight_decay": (0, 10),
        "warmup_steps": (0, _INF),
        "decay": (0, 1),
        "average": (0, 0.999999),
        "threads": (0, 4096),
        "patience": (0, _INF),
        "checkpoint_minutes": (0, _INF),
        "validation_minutes": (0, _INF),
    }
    choices: ClassVar[dict[str, tuple[str, ...]]] = {
        "device": ("auto", "cpu", "cuda"),
        "precision": ("auto", "bfloat16", "float32"),
        "optimizer": ("muon", "adamw", "sgd"),
        "compile": COMPILED,
    }
    kept: ClassVar[tuple[str, ...]] = ("seed", "batch_size", "optimizer")

    def __post_init__(self) -> None:
        for name, (low, high) in self.ranges.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise GoEngineError(
                    f"the training setting {name} is {value}; it has to be from {low} to {high}"
                )
        for name, choices in self.choices.items():
            if getattr(self, name) not in choices:
                raise GoEngineError(
                    f"the training setting {name} is {getattr(self, name)!r}; "
                    f"it has to be one of {', '.join(choices)}"
                )

    def replace(self, **changes: Any) -> Self:
        """A copy with those settings; values may be text, as they come from a command line.

        Raises GoEngineError for a setting that does not exist, or a value of another type.
        """
        types = {field.name: type(field.default) for field in dataclasses.fields(self)}
        return dataclasses.replace(
            self, **{name: _convert(types, name, value) for name, value in changes.items()}
        )


@dataclass(frozen=True)
class TrainConfig(RunConfig):
    """Every setting of a policy's run. Defaults are those of `configs/policy-64.toml`, `minutes` apart."""

    # Data: game tables (Parquet).
    table: str = ""
    validation: str = ""
    validation_positions: int = 2000
    symmetries: bool = True

    # Network. identity: inner kernels begin as the identity and a little noise, else as noise (He-normal).
    filters: int = 64
    layers: int = 13
    identity: bool = True

    # What helps to train and is removed at release. normalised: batch normalisation after each convolution.
    # reply_weight: of the losses of two more policies, the opponent's reply and the own next move.
    # value_weight, owner_weight, score_weight: of who wins, who owns each point, by how much; the value head,
    # which release keeps. A weight of 0 leaves a head out; without value_weight there is no value head.
    normalised: bool = True
    reply_weight: float = 0.15
    value_weight: float = 0.0
    owner_weight: float = 0.5
    score_weight: float = 0.02

    # start: a released model to begin with: default, a folder, or a model of the hub. start_hash: of its
    # weights, noted by the run.
    start: str = ""
    start_hash: str = ""

    # player: learn the moves of this player alone; empty for everybody's.
    player: str = ""

    # Length in positions, beside minutes; 0 is no limit.
    positions: int = 0

    batch_size: int = 64
    muon_lr: float = 0.008
    adam_lr: float = 0.0012
    warmup_steps: int = 100
    decay: float = 0.8

    kind = "policy"
    ranges = RunConfig.ranges | {
        "filters": (1, 4096),
        "layers": (2, 100),
        "positions": (0, 10**15),
        "reply_weight": (0, 100),
        "value_weight": (0, 100),
        "owner_weight": (0, 100),
        "score_weight": (0, 100),
        "validation_positions": (1, _INF),
    }
    kept = (*RunConfig.kept, "filters", "layers", "normalised")


def _convert(types: Mapping[str, Any], name: str, value: Any) -> Any:
    """The value in its field's type: from TOML, where types are checked, or from text, where it is parsed."""
    if name not in types:
        raise GoEngineError(f"there is no training setting {name!r}; there are {', '.join(types)}")
    kind = types[name]
    if isinstance(value, str) and kind is not str:
        try:
            if kind is bool:
                return {"true": True, "false": False}[value.lower()]
            return kind(value)
        except (KeyError, ValueError):
            pass
    elif type(value) is kind or (kind is float and type(value) is int):
        return kind(value)
    raise GoEngineError(f"the training setting {name} is {value!r}; it has to be of type {kind.__name__}")


C = TypeVar("C", bound=RunConfig)


def bundled_configs() -> dict[str, Path]:
    """The config files that come with goengine, by name."""
    here = Path(__file__).parent
    return {path.stem: path for folder in _CONFIGS for path in sorted((here / folder).glob("*.toml"))}


def list_configs() -> list[tuple[str, str]]:
    """The names of the configs that come with goengine, and the first line of each one's comment."""
    return [
        (name, path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("#").strip())
        for name, path in bundled_configs().items()
    ]


def find_config(path: str | Path) -> Path:
    """The file of a config: a path, or the name of one that comes with goengine, such as policy-64.

    Raises GoEngineError for a name that is neither.
    """
    path = Path(path)
    bundled = bundled_configs()
    if str(path) in bundled:
        return bundled[str(path)]
    if path.name == str(path) and not path.suffix and not path.exists():
        raise GoEngineError(
            f"there is no config {str(path)!r}; give a TOML file, or one of {', '.join(bundled)}"
        )
    return path


def read_config(path: str | Path, kind: type[C]) -> C:
    """Read a TOML file of settings of that kind of run; those it leaves out keep their defaults.

    path: the file, or the name of a config that comes with goengine.

    Raises GoEngineError if the file cannot be read, is not TOML, or sets something that does not exist.
    """
    path = find_config(path)
    try:
        settings = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise GoEngineError(f"cannot read the training config {path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GoEngineError(f"the training config {path} is not TOML: {error}") from None
    try:
        return kind().replace(**settings)
    except GoEngineError as error:
        raise GoEngineError(f"{path}: {error}") from None

"""What a classifier's training run is."""

from dataclasses import dataclass

from goengine.nn.images import FITS
from goengine.training.config import RunConfig


@dataclass(frozen=True)
class ClassifierConfig(RunConfig):
    """Every setting of a classifier's run."""

    # Data: names of images, see `goengine.training.classify.image_set`.
    data: str = ""
    validation: str = ""

    # Network: a name or a pattern; its input as CxHxW, empty for the network's own, or of a pattern for that
    # of the data. fit: how images come to that size, see `goengine.nn.images.FITS`.
    network: str = "keras-cnn"
    input: str = ""
    fit: str = "scale"

    # Augmentation, see `goengine.training.classify.augmentation`.
    crop: float = 1.0
    flip: bool = False
    colour: float = 0.0

    # Length in passes over the data, beside minutes; 0 is no limit.
    epochs: int = 10

    batch_size: int = 64
    warmup_steps: int = 50
    checkpoint_minutes: float = 1.0
    validation_minutes: float = 0.5

    kind = "classifier"
    ranges = RunConfig.ranges | {"crop": (0.01, 1), "colour": (0, 1), "epochs": (0, 10**9)}
    choices = RunConfig.choices | {"fit": FITS}
    kept = (*RunConfig.kept, "network", "input", "fit", "crop", "flip", "colour")

"""The settings of an image classifier's run."""

from typing import Annotated, Literal

from pydantic import Field

from goengine.training.config import Minutes, RunConfig


class ClassifierConfig(RunConfig):
    """The settings of an image classifier's run."""

    kind = "classifier"
    kept = (*RunConfig.kept, "network", "input", "fit", "crop", "flip", "colour")

    # Data: names of image sets, see `goengine.training.classify.image_set`.
    data: str = ""
    validation: str = ""

    # network: an architecture's name or a pattern. input: its input as CxHxW; empty for the architecture's
    # own, or the data's size for a pattern. fit: how images are resized to it, see `goengine.nn.images.FITS`.
    network: str = "keras-cnn"
    input: str = ""
    fit: Literal["scale", "pad"] = "scale"

    # Augmentation, see `goengine.training.classify.augmentation`.
    crop: Annotated[float, Field(ge=0.01, le=1)] = 1.0
    flip: bool = False
    colour: Annotated[float, Field(ge=0, le=1)] = 0.0

    # The length of the run in passes over the data; 0 for no limit.
    epochs: Annotated[int, Field(ge=0, le=10**9)] = 10

    batch_size: Annotated[int, Field(ge=1, le=1 << 20)] = 64
    warmup_steps: Annotated[int, Field(ge=0)] = 50
    checkpoint_minutes: Minutes = 1.0
    validation_minutes: Minutes = 0.5

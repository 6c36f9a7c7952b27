"""Releasing the classifier of a checkpoint as a model folder with a model card."""

from pathlib import Path

from goengine.nn.classifier import ImageClassifier
from goengine.nn.network import save_model
from goengine.training.cards import fill_card
from goengine.training.checkpoint import Checkpoint, load_checkpoint
from goengine.training.classify.config import ClassifierConfig
from goengine.training.classify.task import classifier_network
from goengine.training.policy.release import storage_dtype


def release_classifier(checkpoint: Path, folder: Path, dtype: str = "float32") -> None:
    """Write the network of a checkpoint as a model folder, with its weights stored as `dtype`.

    Raises:
        GoEngineError: If the checkpoint cannot be read, or the precision is unknown.
    """
    storage = storage_dtype(dtype)
    run = load_checkpoint(checkpoint, ClassifierConfig)
    network = classifier_network(run)
    save_model(network, folder, storage, _card(run, network, dtype))


_TAGS = ("image-classification",)

_CARD = """# An image classifier: {architecture}

Classifies images into {count} classes: {classes}.

## Network

`{architecture}` on {input}: {parameters:,} parameters, {multiply_adds:,.1f} M multiply-adds an image; weights
stored as {dtype}. Images are {fit}, then standardised with the mean and the standard deviation of the
training images.

## Training

- data: `{data}`{augmentation}
- seen: {samples:,} images in {steps:,} steps of {batch_size}, {minutes:.1f} minutes

## Accuracy

{accuracy}

## Use

```
goengine classify predict --model path/to/this/folder image.png
```
"""

_FITS = {
    "scale": "scaled to cover the size of the input, and cropped to the centre",
    "pad": "scaled to fit the size of the input, and padded with black",
}


def _card(run: Checkpoint[ClassifierConfig], network: ImageClassifier, dtype: str) -> str:
    config = run.config
    augmented = [
        f"random crops of at least {config.crop:.0%} of the area" if config.crop < 1 else "",
        "mirror images" if config.flip else "",
        f"colours changed by up to {config.colour:.0%}" if config.colour else "",
    ]
    accuracy = "Not measured."
    if run.validation is not None:
        accuracy = (
            f"Top-1 {run.validation.top1:.2%}, top-5 {run.validation.top5:.2%} on "
            f"{run.validation.samples:,} images, `{Path(config.validation).name}`."
        )
    return fill_card(
        _CARD,
        _TAGS,
        run,
        network,
        dtype,
        architecture=config.network,
        count=len(network.classes),
        classes=", ".join(network.classes),
        fit=_FITS[config.fit],
        data=Path(config.data).name,
        augmentation="".join(f"; {text}" for text in augmented if text),
        accuracy=accuracy,
    )

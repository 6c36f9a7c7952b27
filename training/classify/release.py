"""From a classifier's checkpoint to a model folder: weights in a storage precision, and a model card."""

from pathlib import Path

from goengine.nn.classifier import ImageClassifier
from goengine.nn.network import save_model
from goengine.training.checkpoint import Checkpoint, load_checkpoint
from goengine.training.classify.config import ClassifierConfig
from goengine.training.classify.task import classifier_network
from goengine.training.policy.release import storage_dtype


def release_classifier(checkpoint: Path, folder: Path, dtype: str = "float32") -> None:
    """Write the network of a checkpoint as a model folder, storing its weights as `dtype`.

    Raises GoEngineError if the checkpoint cannot be read, or there is no such precision.
    """
    storage = storage_dtype(dtype)
    run = load_checkpoint(checkpoint, ClassifierConfig)
    network = classifier_network(run)
    save_model(network, folder, storage, _card(run, network, dtype))


_CARD = """---
license: apache-2.0
library_name: goengine
tags: [image-classification]
---

# An image classifier: {network}

Tells {count} classes apart: {classes}.

## Network

`{network}` on {input}: {parameters:,} parameters, {multiply_adds:,.1f} M multiply-adds an image; weights
stored as {dtype}. Images are {fit}, then standardised with the mean and the deviation of the training images.

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
    "scale": "scaled to cover the input's size, and their middle is cut out",
    "pad": "laid in the middle of black",
}


def _card(run: Checkpoint[ClassifierConfig], network: ImageClassifier, dtype: str) -> str:
    config = run.config
    augmented = [
        f"crops of {config.crop:.0%} and more of the area" if config.crop < 1 else "",
        "mirror images" if config.flip else "",
        f"colours up to {config.colour:.0%} off" if config.colour else "",
    ]
    said = "Not measured."
    if run.validation is not None:
        said = (
            f"Top-1 {run.validation.top1:.2%}, top-5 {run.validation.top5:.2%} on "
            f"{run.validation.samples:,} images, `{Path(config.validation).name}`."
        )
    return _CARD.format(
        network=config.network,
        count=len(network.classes),
        classes=", ".join(network.classes),
        input=network.input,
        parameters=network.parameter_count,
        multiply_adds=network.multiply_adds / 1e6,
        dtype=dtype,
        fit=_FITS[config.fit],
        data=Path(config.data).name,
        augmentation="".join(f"; {text}" for text in augmented if text),
        samples=run.samples,
        steps=run.step,
        batch_size=config.batch_size,
        minutes=run.seconds / 60,
        accuracy=said,
    )

"""`goengine classify`: train, evaluate and use image classifiers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.cli import options
from goengine.cli.output import (
    STANDARD_OUTPUT,
    check_evaluation_output,
    print_table,
    table_console,
    write_json,
)
from goengine.cli.runs import run_settings, run_training
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    from goengine.nn.classifier import ImageClassifier

SHOWN_CLASSES = 5

app = typer.Typer(no_args_is_help=True, help="Train, evaluate and use image classifiers.")

_DATA = (
    "digits (8x8, bundled), an IDX file of images, or a folder with a folder of images for each class. "
    "'DATA[:8000]' is a part of it, 'DATA[train]' and 'DATA[test]' are four fifths and a fifth."
)
_ModelOption = Annotated[
    str, typer.Option(metavar="DIR", help="Model folder of a classifier, or its id on the Hugging Face hub.")
]


@app.command()
def train(
    data: Annotated[
        str | None, typer.Argument(metavar="[DATA]", help=f"{_DATA}  [default: digits[train]]")
    ] = None,
    out: options.Out = None,
    network: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Network: keras-cnn, lenet5, lenet5-1998, alexnet, ..., or a pattern such as "
            "'[(CONV-RELU)*2-POOL?]*3-(FC-RELU)*1,SOFTMAX'.  [default: keras-cnn]",
        ),
    ] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="DATA", help="Held-out images to validate on.")
    ] = None,
    resume: options.Resume = None,
    config: options.Config = None,
    epochs: Annotated[int | None, typer.Option(help="Length of the run, in passes over the data.")] = None,
    minutes: options.Minutes = None,
    input_: Annotated[
        str | None,
        typer.Option("--input", metavar="CxHxW", help="Size of images.  [default: that of the network]"),
    ] = None,
    batch_size: options.BatchSize = None,
    threads: options.Threads = None,
    max_minutes: options.MaxMinutes = None,
    seed: options.Seed = None,
    set_: options.Set = None,
) -> None:
    """Train an image classifier.

    Ctrl-C saves the run, and --resume continues it at the same image.
    """
    with held_interrupt():
        from goengine.training.classify.config import ClassifierConfig
        from goengine.training.classify.release import release_classifier
        from goengine.training.classify.task import ClassifierTask, train_classifier

    settings, checkpoint = run_settings(ClassifierConfig, locals())
    if not settings.data:
        settings = settings.replace(data="digits[train]", validation=settings.validation or "digits[test]")
    run_training(
        lambda processes: train_classifier(
            settings, checkpoint, max_minutes=max_minutes, processes=processes
        ),
        release_classifier,
        settings.device,
        ClassifierTask.unit,
        ClassifierTask.command,
    )


@app.command()
def evaluate(
    data: Annotated[str, typer.Argument(metavar="DATA", help=_DATA)],
    model: _ModelOption,
    json: options.Json = None,
    report: options.Report = None,
    run: options.RunLog = None,
) -> None:
    """Measure how often a classifier is right on held-out images.

    With --json -, only the JSON is printed.
    """
    with held_interrupt():
        from goengine.training.classify.evaluation import Measured, classify
        from goengine.training.classify.image_set import FittedImages, load_images
        from goengine.training.classify.report import (
            as_dict,
            class_rows,
            confusion_rows,
            summary_rows,
            write_report,
        )
        from goengine.training.classify.task import check_classes
        from goengine.training.device import choose_device, choose_precision

    log = check_evaluation_output(json, report, run)
    network = _load(model)
    images = load_images(data)
    check_classes(images, network.classes)
    device = choose_device("auto")
    dtype = choose_precision("auto", device)
    result = classify(network.to(device), FittedImages(images, network.input, network.fit), dtype)
    precision = str(dtype).removeprefix("torch.")
    measured = Measured(model, network.classes, images, result, precision, str(device))
    write_json(json, as_dict(measured))
    if report is not None:
        write_report(report, measured, log)
    if json == STANDARD_OUTPUT:
        return
    console = table_console()
    print_table(console, summary_rows(measured), f"{model} on {data}")
    print_table(console, class_rows(measured), "\nBy class")
    if len(rows := confusion_rows(measured)) > 1:
        print_table(console, rows, "\nThe commonest confusions")


@app.command()
def predict(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Image files.")],
    model: _ModelOption,
    json: options.JsonInstead = False,
) -> None:
    """Show the five likeliest classes of images."""
    import numpy as np

    with held_interrupt():
        from goengine.nn.images import fit_image, read_image

    network = _load(model)
    pixels = np.stack([fit_image(read_image(path), network.input, network.fit) for path in images])
    answers = []
    for path, probabilities in zip(images, network.probabilities(pixels), strict=True):
        likeliest = (-probabilities).argsort(kind="stable")[:SHOWN_CLASSES].tolist()
        classes = [{"class": network.classes[c], "probability": float(probabilities[c])} for c in likeliest]
        answers.append({"image": str(path), "classes": classes})
        if not json:
            print(path)
            for c in likeliest:
                print(f"  {probabilities[c]:7.2%}  {network.classes[c]}")
    if json:
        write_json(STANDARD_OUTPUT, answers)


def _load(name: str) -> "ImageClassifier":
    """Load a classifier by its folder or its id on the hub."""
    with held_interrupt():
        from goengine.nn.classifier import ImageClassifier
        from goengine.nn.model_folder import find_model

    return ImageClassifier.from_pretrained(find_model(name))

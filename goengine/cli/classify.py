"""`goengine classify`: training, measuring and asking image classifiers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from goengine.cli.runs import (
    ConfigOption,
    MaxMinutesOption,
    MinutesOption,
    OutOption,
    ResumeOption,
    SetOption,
    ThreadsOption,
    carry_out,
    find_checkpoint,
    run_settings,
)
from goengine.cli.tables import print_table, table_console
from goengine.errors import GoEngineError
from goengine.util.files import check_target, whole_file
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    from goengine.nn.classifier import ImageClassifier

SHOWN_CLASSES = 5

app = typer.Typer(no_args_is_help=True, help="Train an image classifier, measure it, ask it.")

_DATA = (
    "digits (8x8, always there), an IDX file of images, or a folder with a folder of images for each class; "
    "'DATA[:8000]' is a part, 'DATA[train]' and 'DATA[test]' four fifths and a fifth"
)
_ModelOption = Annotated[
    str, typer.Option(metavar="DIR", help="a classifier's model folder, or its id on the Hugging Face hub")
]


@app.command()
def train(
    data: Annotated[
        str | None, typer.Argument(metavar="[DATA]", help=f"{_DATA}  [default: digits[train]]")
    ] = None,
    out: OutOption = None,
    network: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="keras-cnn, lenet5, lenet5-1998, alexnet, ..., or a pattern such as "
            "'[(CONV-RELU)*2-POOL?]*3-(FC-RELU)*1,SOFTMAX'  [default: keras-cnn]",
        ),
    ] = None,
    validation: Annotated[
        str | None, typer.Option(metavar="DATA", help="other images to measure on meanwhile")
    ] = None,
    resume: ResumeOption = None,
    config: ConfigOption = None,
    epochs: Annotated[int | None, typer.Option(help="length of the run, in passes over the data")] = None,
    minutes: MinutesOption = None,
    input_: Annotated[
        str | None,
        typer.Option("--input", metavar="CxHxW", help="the size of images  [default: the network's own]"),
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="images a step")] = None,
    threads: ThreadsOption = None,
    max_minutes: MaxMinutesOption = None,
    seed: Annotated[int | None, typer.Option(help="of the first weights and the order of the data")] = None,
    set_: SetOption = None,
) -> None:
    """Train a network to tell classes of images apart.

    Ctrl-C stops at any time: the run is saved, and --resume goes on at the same image.
    """
    with held_interrupt():
        from goengine.training.classify.config import ClassifierConfig
        from goengine.training.classify.release import release_classifier
        from goengine.training.classify.task import ClassifierTask, train_classifier

    given: dict[str, Any] = {
        "data": data,
        "out": out,
        "network": network,
        "validation": validation,
        "epochs": epochs,
        "minutes": minutes,
        "input": input_,
        "batch_size": batch_size,
        "threads": threads,
        "seed": seed,
    }
    checkpoint = find_checkpoint(resume)
    settings = run_settings(ClassifierConfig, config, checkpoint, given, set_)
    if not settings.data:
        settings = settings.replace(data="digits[train]", validation=settings.validation or "digits[test]")
    carry_out(
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
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write the figures here too; - for standard output alone"),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write charts: a page (.html) or a picture (.png)"),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(metavar="DIR", help="put the learning curves of this run in the report")
    ] = None,
) -> None:
    """Measure how often a classifier is right, on images that it has not learnt from."""
    import json as json_format

    with held_interrupt():
        from goengine.drawing.report_page import check_report
        from goengine.training.classify.evaluation import classify
        from goengine.training.classify.image_set import FittedImages, load_images
        from goengine.training.classify.report import (
            Measured,
            as_dict,
            class_rows,
            confusion_rows,
            summary_rows,
            write_report,
        )
        from goengine.training.classify.task import check_classes
        from goengine.training.device import choose_device, choose_precision
        from goengine.training.run_log import read_run_log

    json_alone = json == Path("-")
    if json is not None and not json_alone:
        check_target(json)
    if report is not None:
        check_report(report)
    if run is not None and report is None:
        raise GoEngineError("the learning curves of --run are drawn in a report; name its file with --report")
    log = read_run_log(run) if run is not None else None
    network = _load(model)
    images = load_images(data)
    check_classes(images, network.classes)
    device = choose_device("auto")
    dtype = choose_precision("auto", device)
    result = classify(network.to(device), FittedImages(images, network.input, network.fit), dtype)
    precision = str(dtype).removeprefix("torch.")
    measured = Measured(model, network.classes, images, result, precision, str(device))
    text = json_format.dumps(as_dict(measured), indent=2) + "\n"
    if json is not None and not json_alone:
        with whole_file(json) as partial:
            partial.write_text(text, encoding="utf-8")
    if report is not None:
        write_report(report, measured, log)
    if json_alone:
        sys.stdout.write(text)
        return
    console = table_console()
    print_table(console, summary_rows(measured), f"{model} on {data}")
    print_table(console, class_rows(measured), "\nBy class")
    if len(rows := confusion_rows(measured)) > 1:
        print_table(console, rows, "\nThe commonest confusions")


@app.command()
def predict(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="image files")],
    model: _ModelOption,
    json: Annotated[bool, typer.Option("--json", help="print JSON instead")] = False,
) -> None:
    """Show the five likeliest classes of images."""
    import json as json_format

    import numpy as np

    with held_interrupt():
        from goengine.nn.images import fit_image, read_image

    network = _load(model)
    pixels = np.stack([fit_image(read_image(path), network.input, network.fit) for path in images])
    answers = []
    for path, probabilities in zip(images, network.probabilities(pixels), strict=True):
        likeliest = (-probabilities).argsort(kind="stable")[:SHOWN_CLASSES].tolist()
        said = [{"class": network.classes[c], "probability": float(probabilities[c])} for c in likeliest]
        answers.append({"image": str(path), "classes": said})
        if not json:
            print(path)
            for c in likeliest:
                print(f"  {probabilities[c]:7.2%}  {network.classes[c]}")
    if json:
        print(json_format.dumps(answers, indent=2))


def _load(name: str) -> "ImageClassifier":
    """A classifier by its folder or its id on the hub. Raises GoEngineError if there is none."""
    with held_interrupt():
        from goengine.nn.classifier import ImageClassifier
        from goengine.nn.model_folder import find_model

    return ImageClassifier.from_pretrained(find_model(name))

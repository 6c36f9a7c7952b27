"""`goengine explain`: pictures of what a network computes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.cli import options
from goengine.cli.output import check_picture, progress_bar, write_picture
from goengine.errors import GoEngineError
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    from goengine.nn.classifier import ImageClassifier
    from goengine.nn.network import PolicyNetwork
    from goengine.training.explain.examples import Examples

app = typer.Typer(no_args_is_help=True, help="Draw what an image classifier or a policy computes.")

_OutOption = Annotated[Path, typer.Option(metavar="FILE.png", help="Picture to write.")]
_LayerOption = Annotated[str, typer.Option(metavar="NAME", help="Layer, named as in goengine inspect.")]
_MostOption = Annotated[int, typer.Option(min=1, help="Maximum number to draw.")]


@app.command()
def filters(
    out: _OutOption,
    model: options.Model = "default",
    layer: _LayerOption = "convolution1",
    most: _MostOption = 64,
) -> None:
    """Draw the filters of a convolution layer."""
    check_picture(out)
    network = load_model(model)
    from goengine.training.explain.sheets import filter_sheet

    write_picture(out, filter_sheet(network, layer, most))


@app.command()
def activations(
    out: _OutOption,
    model: options.Model = "default",
    layer: _LayerOption = "convolution1",
    image: options.Image = None,
    sgf: options.Sgf = None,
    ply: options.Ply = None,
    game: options.Game = 1,
    most: _MostOption = 64,
) -> None:
    """Draw the activations of a layer for an image or a position."""
    check_picture(out)
    network = load_model(model)
    examples = one_example(network, image, sgf, ply, game)
    from goengine.training.explain.sheets import activation_sheet

    write_picture(out, activation_sheet(network, examples, 0, layer, most))


@app.command()
def patches(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Images as for goengine classify, if the model is a classifier; a game table or game files, "
            "if it is a policy.",
        ),
    ],
    out: _OutOption,
    model: options.Model = "default",
    layer: _LayerOption = "convolution2",
    channels: Annotated[
        str, typer.Option(metavar="A-B|A,B,...", help="Channels of the layer, from 0.")
    ] = "0-7",
    top: Annotated[int, typer.Option(min=1, help="Number of patches per channel.")] = 9,
    positions: Annotated[
        int, typer.Option(min=1, help="Number of positions to sample from the games.")
    ] = 2000,
) -> None:
    """Draw the parts of images or boards with the highest activations.

    At most one part per image or game is drawn for a channel. On boards the player to move is black.
    """
    check_picture(out)
    numbers = parse_channels(channels)
    network = load_model(model)
    examples = many_examples(network, data, positions)
    from goengine.training.explain.sheets import patch_sheet

    write_picture(out, patch_sheet(network, examples, layer, numbers, top))


@app.command()
def occlusion(
    out: _OutOption,
    model: options.Model = "default",
    image: options.Image = None,
    sgf: options.Sgf = None,
    ply: options.Ply = None,
    game: options.Game = 1,
    answer: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS|POINT", help="Answer whose probability is measured.  [default: the likeliest]"
        ),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(help="Side of the hidden square.  [default: a seventh of the input's, at least 3]"),
    ] = None,
    stride: Annotated[
        int | None, typer.Option(help="Distance between hidden squares.  [default: a third of the window]")
    ] = None,
) -> None:
    """Draw how hiding parts of the input changes the probability of an answer.

    A hidden part of an image has the mean colour; the planes of a hidden part of a board are zero.
    """
    check_picture(out)
    network = load_model(model)
    examples = one_example(network, image, sgf, ply, game)
    number = _answer_number(network, answer) if answer is not None else None
    window = window or max(3, min(network.input.height, network.input.width) // 7)
    from goengine.training.explain.sheets import occlusion_sheet

    with progress_bar("occluding") as show:
        sheet, figures = occlusion_sheet(
            network, examples, 0, number, window, stride or max(1, window // 3), show
        )
    print(figures)
    write_picture(out, sheet)


def load_model(name: str) -> "ImageClassifier | PolicyNetwork":
    """Load a classifier or a policy by its folder or its id on the hub.

    Raises:
        GoEngineError: If there is no such model.
    """
    with held_interrupt():
        from goengine.nn.classifier import ImageClassifier, is_classifier
        from goengine.nn.model_folder import find_model
        from goengine.policy.loading import load_network

    folder = find_model(name)
    return ImageClassifier.from_pretrained(folder) if is_classifier(folder) else load_network(name)


def one_example(
    network: "ImageClassifier | PolicyNetwork",
    image: Path | None,
    sgf: Path | None,
    ply: int | None,
    game: int,
) -> "Examples":
    """Return the image or the position that the options name.

    Raises:
        GoEngineError: If the model does not take such an input.
    """
    from goengine.data import games_path
    from goengine.data.sources.reader import read_record
    from goengine.game.board import Board
    from goengine.nn.classifier import ImageClassifier
    from goengine.training.explain.examples import BoardExample, ImageExamples

    if isinstance(network, ImageClassifier):
        if image is None or sgf is not None:
            raise GoEngineError("the model is an image classifier; expected --image")
        return ImageExamples.of_files(network, [image])
    if sgf is None or image is not None:
        raise GoEngineError("the model is a policy; expected --sgf, and --ply if wanted")
    board = Board.from_record(read_record(games_path(sgf), game), ply)
    if board.size != network.size:
        raise GoEngineError(
            f"{sgf}: the board is {board.size}x{board.size}; the model expects {network.size}x{network.size}"
        )
    return BoardExample(network, board, sgf.name)


def many_examples(network: "ImageClassifier | PolicyNetwork", data: str, positions: int) -> "Examples":
    """Return images, or positions sampled from games.

    Raises:
        GoEngineError: If the model does not take such inputs.
    """
    from goengine.data.samples import fixed_sample
    from goengine.data.table.load import load_games
    from goengine.nn.classifier import ImageClassifier
    from goengine.training.classify.image_set import load_images
    from goengine.training.explain.examples import ImageExamples, PositionExamples

    if isinstance(network, ImageClassifier):
        return ImageExamples(network, load_images(data))
    games = load_games(Path(data), network.size)
    return PositionExamples(network, games, *fixed_sample(games, positions))


def parse_channels(text: str) -> list[int]:
    """Return the numbers of a text such as 0-7 or 0,3,5.

    Raises:
        GoEngineError: If the text has another form, or names more than 1,000 channels.
    """
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash) and len(part) < 12):
            raise GoEngineError(f"--channels is {text!r}; expected numbers such as 0-7 or 0,3,5")
        numbers += range(int(first), int(last) + 1) if dash else [int(first)]
    if not numbers or len(numbers) > 1000:
        raise GoEngineError(f"--channels is {text!r}; expected up to 1,000 numbers such as 0-7 or 0,3,5")
    return numbers


def _answer_number(network: "ImageClassifier | PolicyNetwork", answer: str) -> int:
    from goengine.nn.classifier import ImageClassifier
    from goengine.points import parse_vertex, pass_move

    if isinstance(network, ImageClassifier):
        if answer not in network.classes:
            raise GoEngineError(f"unknown class {answer!r}; expected one of {', '.join(network.classes)}")
        return network.classes.index(answer)
    point = parse_vertex(answer, network.size)
    if point == pass_move(network.size):
        raise GoEngineError("--answer is a pass, which a policy gives no probability; expected a point")
    return point

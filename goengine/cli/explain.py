"""`goengine explain`: what a network sees, as pictures."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.errors import GoEngineError
from goengine.util.files import check_target, whole_file
from goengine.util.interrupts import held_interrupt

if TYPE_CHECKING:
    from goengine.nn.classifier import ImageClassifier
    from goengine.nn.network import PolicyNetwork
    from goengine.training.explain.examples import Examples

app = typer.Typer(
    no_args_is_help=True, help="Draw what a network sees: an image classifier's or the policy's."
)

ModelOption = Annotated[
    str,
    typer.Option(help="a model's folder or its id on the hub, or default for the policy that comes along"),
]
_OutOption = Annotated[Path, typer.Option(metavar="FILE.png", help="the picture to write")]
_LayerOption = Annotated[str, typer.Option(metavar="NAME", help="as goengine inspect names it")]
_MostOption = Annotated[int, typer.Option(min=1, help="how many to draw at most")]
ImageOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="what to look at, for a classifier: an image file")
]
SgfOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="what to look at, for a policy: a game file")
]
PlyOption = Annotated[
    int | None, typer.Option(min=0, help="moves and passes before the position  [default: all]")
]
GameOption = Annotated[int, typer.Option(min=1, help="which game of a collection")]


@app.command()
def filters(
    out: _OutOption,
    model: ModelOption = "default",
    layer: _LayerOption = "convolution1",
    most: _MostOption = 64,
) -> None:
    """The filters of a convolution layer."""
    check_picture(out)
    network = load_model(model)
    from goengine.training.explain.sheets import filter_sheet

    write_picture(out, filter_sheet(network, layer, most))


@app.command()
def activations(
    out: _OutOption,
    model: ModelOption = "default",
    layer: _LayerOption = "convolution1",
    image: ImageOption = None,
    sgf: SgfOption = None,
    ply: PlyOption = None,
    game: GameOption = 1,
    most: _MostOption = 64,
) -> None:
    """The maps that a layer makes of an image or a position."""
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
            help="where to look: for a classifier images as goengine classify takes them, for a policy a "
            "game table or game files",
        ),
    ],
    out: _OutOption,
    model: ModelOption = "default",
    layer: _LayerOption = "convolution2",
    channels: Annotated[
        str, typer.Option(metavar="A-B|A,B,...", help="which of the layer's channels, counted from 0")
    ] = "0-7",
    top: Annotated[int, typer.Option(min=1, help="how many patches a channel")] = 9,
    positions: Annotated[int, typer.Option(min=1, help="how many positions of games to draw")] = 2000,
) -> None:
    """What excites the channels of a layer most: the parts of images or of boards that they see.

    One patch an image, or a game. On boards the player to move is black.
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
    model: ModelOption = "default",
    image: ImageOption = None,
    sgf: SgfOption = None,
    ply: PlyOption = None,
    game: GameOption = 1,
    answer: Annotated[
        str | None, typer.Option(metavar="CLASS|POINT", help="whose probability  [default: the likeliest]")
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(help="side of the square that hides  [default: a seventh of the input's, at least 3]"),
    ] = None,
    stride: Annotated[
        int | None, typer.Option(help="from one place of the square to the next  [default: a third of it]")
    ] = None,
) -> None:
    """How much the probability of an answer falls where a part of the image or the board is hidden.

    A hidden part is of the mean colour; of a board all its planes are zero.
    """
    from rich.console import Console
    from rich.progress import Progress

    check_picture(out)
    network = load_model(model)
    examples = one_example(network, image, sgf, ply, game)
    number = _answer_number(network, answer) if answer is not None else None
    window = window or max(3, min(network.input.height, network.input.width) // 7)
    from goengine.training.explain.sheets import occlusion_sheet

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("hiding", total=1.0)
        sheet, figures = occlusion_sheet(
            network,
            examples,
            0,
            number,
            window,
            stride or max(1, window // 3),
            lambda share: bar.update(task, completed=share),
        )
    print(figures)
    write_picture(out, sheet)


def load_model(name: str) -> "ImageClassifier | PolicyNetwork":
    """A classifier or a policy by its folder or id. Raises GoEngineError if there is no such model."""
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
    """The image or the position that options name. Raises GoEngineError if it is not what the model sees."""
    from goengine.data import games_path
    from goengine.data.sources.reader import read_record
    from goengine.game.board import Board
    from goengine.nn.classifier import ImageClassifier
    from goengine.training.explain.examples import BoardExample, ImageExamples

    if isinstance(network, ImageClassifier):
        if image is None or sgf is not None:
            raise GoEngineError("the model is an image classifier: name what it is to look at with --image")
        return ImageExamples.of_files(network, [image])
    if sgf is None or image is not None:
        raise GoEngineError("the model is a policy: name what it is to look at with --sgf, and --ply")
    board = Board.from_record(read_record(games_path(sgf), game), ply)
    if board.size != network.size:
        raise GoEngineError(
            f"{sgf}: a board of {board.size}x{board.size}, the model sees {network.size}x{network.size}"
        )
    return BoardExample(network, board, sgf.name)


def many_examples(network: "ImageClassifier | PolicyNetwork", data: str, positions: int) -> "Examples":
    """Images, or positions drawn from games. Raises GoEngineError if the model sees no such thing."""
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
    """0-7 or 0,3,5 as numbers. Raises GoEngineError for a text of another form."""
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash) and len(part) < 12):
            raise GoEngineError(f"channels are numbers such as 0-7 or 0,3,5, not {text!r}")
        numbers += range(int(first), int(last) + 1) if dash else [int(first)]
    if not numbers or len(numbers) > 1000:
        raise GoEngineError(f"channels are numbers such as 0-7 or 0,3,5, up to 1,000, not {text!r}")
    return numbers


def _answer_number(network: "ImageClassifier | PolicyNetwork", answer: str) -> int:
    from goengine.nn.classifier import ImageClassifier
    from goengine.points import parse_vertex, pass_move

    if isinstance(network, ImageClassifier):
        if answer not in network.classes:
            raise GoEngineError(f"there is no class {answer}; there are {', '.join(network.classes)}")
        return network.classes.index(answer)
    point = parse_vertex(answer, network.size)
    if point == pass_move(network.size):
        raise GoEngineError("the policy gives a pass no probability")
    return point


def check_picture(out: Path) -> None:
    """Raises GoEngineError, before any work, if no picture can have this name."""
    if out.suffix.lower() != ".png":
        raise GoEngineError(f"{out}: a picture is a .png file")
    check_target(out)


def write_picture(out: Path, picture: bytes) -> None:
    """Write a PNG picture, and say so on standard error."""
    with whole_file(out) as partial:
        partial.write_bytes(picture)
    print(f"{out}: {len(picture) / 1e3:.0f} kB", file=sys.stderr)

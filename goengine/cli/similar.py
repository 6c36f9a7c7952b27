"""`goengine similar`: the images or positions that a network holds most like a given one."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.cli.explain import GameOption, ModelOption, PlyOption, check_picture, load_model, write_picture
from goengine.cli.tables import print_table
from goengine.errors import GoEngineError

if TYPE_CHECKING:
    from goengine.training.explain.search import Search


def similar(
    query: Annotated[Path, typer.Argument(metavar="QUERY", help="an image file, or a game file (SGF)")],
    collection: Annotated[
        str,
        typer.Argument(
            metavar="WHERE",
            help="where to look: a folder of images, or images as goengine classify takes them; for a policy "
            "a game table or game files",
        ),
    ],
    model: ModelOption = "default",
    layer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="whose output is compared  [default: the one before the last with weights]"
        ),
    ] = None,
    ply: PlyOption = None,
    game: GameOption = 1,
    count: Annotated[int, typer.Option(min=1, help="how many neighbours")] = 11,
    positions: Annotated[
        int, typer.Option(min=1, help="how many positions to draw from the games; the more, the longer")
    ] = 20_000,
    out: Annotated[Path | None, typer.Option(metavar="FILE.png", help="draw them here")] = None,
    json: Annotated[bool, typer.Option("--json", help="print JSON instead")] = False,
) -> None:
    """Find the images, or the positions of other games, that the model holds most alike.

    Positions are compared under all eight symmetries of the board, and from the side of the player to move;
    of each game the most alike is shown, and none of the query's own game.
    """
    import json as json_format

    from rich.console import Console
    from rich.progress import Progress

    if out is not None:
        check_picture(out)
    network = load_model(model)
    from goengine.data import games_path
    from goengine.drawing.contact_sheet import contact_sheet
    from goengine.nn.classifier import ImageClassifier
    from goengine.training.explain.retrieval import default_layer, nearest
    from goengine.training.explain.search import ImageSearch, PositionSearch

    search: Search
    if isinstance(network, ImageClassifier):
        search = ImageSearch(network, query, collection)
    else:
        search = PositionSearch(network, games_path(query), game, ply, games_path(collection), positions)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("comparing", total=1.0)
        matches = nearest(
            network,
            layer or default_layer(network),
            search.examples,
            search.queries,
            search.excluded,
            count,
            lambda share: bar.update(task, completed=share),
        )
    if not matches:
        raise GoEngineError(f"{collection}: there is nothing but what was asked about")
    found = [{"similarity": round(match.similarity, 4), **search.facts(match)} for match in matches]
    if out is not None:
        tiles = [search.query_tile, *(search.tile(match) for match in matches)]
        write_picture(out, contact_sheet(tiles, search.title, side=search.side))
    if json:
        print(json_format.dumps(found, indent=2))
        return
    rows = [[str(value) for value in fact.values()] for fact in found]
    print_table(Console(), [list(found[0]), *rows], search.title)

"""`goengine similar`: the images or positions most similar to a given one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from goengine.cli import options
from goengine.cli.explain import load_model
from goengine.cli.output import (
    STANDARD_OUTPUT,
    check_picture,
    print_table,
    progress_bar,
    write_json,
    write_picture,
)
from goengine.errors import GoEngineError

if TYPE_CHECKING:
    from goengine.training.explain.search import Search


def similar(
    query: Annotated[Path, typer.Argument(metavar="QUERY", help="Image file, or game file (SGF).")],
    collection: Annotated[
        str,
        typer.Argument(
            metavar="WHERE",
            help="What to search: a folder of images, or images as for goengine classify; if the model is a "
            "policy, a game table or game files.",
        ),
    ],
    model: options.Model = "default",
    layer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Layer whose output is compared.  [default: the last but one with weights]"
        ),
    ] = None,
    ply: options.Ply = None,
    game: options.Game = 1,
    count: Annotated[int, typer.Option(min=1, help="Number of results.")] = 11,
    positions: Annotated[
        int, typer.Option(min=1, help="Number of positions to sample from the games.")
    ] = 20_000,
    out: Annotated[Path | None, typer.Option(metavar="FILE.png", help="Draw the results.")] = None,
    json: options.JsonInstead = False,
) -> None:
    """Find the images or positions most similar to a given one.

    Similar means that a layer of the model has similar outputs. Positions are compared under all eight
    symmetries of the board, from the view of the player to move. The most similar position of each game is
    shown, except for the game of the query.
    """
    from rich.console import Console

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
    with progress_bar("comparing") as show:
        matches = nearest(
            network,
            layer or default_layer(network),
            search.examples,
            search.queries,
            search.excluded,
            count,
            show,
        )
    if not matches:
        raise GoEngineError(f"{collection}: there is nothing to compare with, except the query itself")
    results = [{"similarity": round(match.similarity, 4), **search.facts(match)} for match in matches]
    if out is not None:
        tiles = [search.query_tile, *(search.tile(match) for match in matches)]
        write_picture(out, contact_sheet(tiles, search.title, side=search.side))
    if json:
        write_json(STANDARD_OUTPUT, results)
        return
    rows = [[str(value) for value in result.values()] for result in results]
    print_table(Console(), [list(results[0]), *rows], search.title)

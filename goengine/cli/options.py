"""Options that mean the same in several commands."""

from pathlib import Path
from typing import Annotated

import typer

# What is asked about
Model = Annotated[
    str, typer.Option(help="Model folder, its id on the Hugging Face hub, or default for the bundled policy.")
]
Image = Annotated[Path | None, typer.Option(metavar="FILE", help="Image file, if the model is a classifier.")]
Sgf = Annotated[Path | None, typer.Option(metavar="FILE", help="Game file, if the model is a policy.")]
Game = Annotated[int, typer.Option(min=1, help="Number of the game in a collection, from 1.")]
Ply = Annotated[int | None, typer.Option(min=0, help="Moves and passes before the position.  [default: all]")]

# Output
Json = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Also write the figures as JSON; - for standard output.")
]
JsonInstead = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Report = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write charts: a page (.html) or a picture (.png).")
]
RunLog = Annotated[
    Path | None,
    typer.Option("--run", metavar="DIR", help="Add the learning curves of this run to the report."),
]

# Training
Out = Annotated[
    str | None, typer.Option(metavar="DIR", help="Folder for checkpoints, the log and the model.")
]
Resume = Annotated[
    Path | None,
    typer.Option(metavar="DIR|FILE", help="Continue the run in this folder, or from this checkpoint."),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="NAME|FILE",
        help="Settings: a TOML file, or a config that goengine train --list-configs lists.",
    ),
]
Minutes = Annotated[float | None, typer.Option(help="Length of the run, in minutes of training.")]
MaxMinutes = Annotated[
    float | None,
    typer.Option(min=0, help="Pause the run after this time with a checkpoint that --resume continues."),
]
BatchSize = Annotated[int | None, typer.Option(help="Samples per step.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the first weights and of the order of the data.")]
Threads = Annotated[
    int | None, typer.Option(help="CPU threads; 0 measures from time to time which number is fastest.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting of the config file. May be repeated."),
]

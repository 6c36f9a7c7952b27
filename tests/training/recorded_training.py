"""`python recorded_training.py FOLDER ...` is `goengine ...` that notes the samples it draws in FOLDER.

Each process writes FOLDER/RANK.jsonl, a line a batch: its step, games, plies and symmetries.
"""

import json
import os
import sys
from pathlib import Path

from goengine.cli import main
from goengine.data.samples import Batch, SampleStream


def record(path: Path) -> None:
    draw = SampleStream.batch

    def batch(stream: SampleStream, step: int, *shape: int) -> Batch:
        drawn = draw(stream, step, *shape)
        rows = [values.tolist() for values in (drawn.game, drawn.ply, drawn.symmetry)]
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps([step, *rows]) + "\n")
        return drawn

    SampleStream.batch = batch  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    record(Path(sys.argv.pop(1)) / f"{os.environ['RANK']}.jsonl")
    main()

"""The SGF pipeline: from game files to training samples.

- `goengine.data.sources` reads game files and archives: `Sources` yields the SGF text of each game.
- `goengine.data.sgf` parses them: `record_from_sgf` returns a `GameRecord`.
- `goengine.data.table` stores them: `build_table` writes a Parquet game table, `GameTable` reads it.
- `goengine.data.samples` draws training batches from it; `GameDataset` and `GameStream` do so for PyTorch.

The names listed in `__all__` are imported at their first use, so that importing the package is quick.
"""

from typing import TYPE_CHECKING

from goengine.util.lazy import lazy_names

if TYPE_CHECKING:
    from goengine.data.datasets import GameDataset, GameStream
    from goengine.data.samples import Batch, SampleStream
    from goengine.data.sgf.records import GameRecord, record_from_sgf, record_to_sgf
    from goengine.data.sources.reader import BUNDLED_SIZE, Sources, bundled_games, games_path, read_record
    from goengine.data.sources.selection import Selection
    from goengine.data.table.build import build_table
    from goengine.data.table.game_table import GameTable
    from goengine.data.table.load import load_games

_MODULES = {
    "BUNDLED_SIZE": "sources.reader",
    "Batch": "samples",
    "GameDataset": "datasets",
    "GameRecord": "sgf.records",
    "GameStream": "datasets",
    "GameTable": "table.game_table",
    "SampleStream": "samples",
    "Selection": "sources.selection",
    "Sources": "sources.reader",
    "build_table": "table.build",
    "bundled_games": "sources.reader",
    "games_path": "sources.reader",
    "load_games": "table.load",
    "read_record": "sources.reader",
    "record_from_sgf": "sgf.records",
    "record_to_sgf": "sgf.records",
}

__all__ = [
    "BUNDLED_SIZE",
    "Batch",
    "GameDataset",
    "GameRecord",
    "GameStream",
    "GameTable",
    "SampleStream",
    "Selection",
    "Sources",
    "build_table",
    "bundled_games",
    "games_path",
    "load_games",
    "read_record",
    "record_from_sgf",
    "record_to_sgf",
]

__getattr__, __dir__ = lazy_names(
    __name__, {name: f"goengine.data.{module}" for name, module in _MODULES.items()}
)

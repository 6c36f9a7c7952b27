"""From game files to training samples.

sources -> records -> table -> samples: `Sources` finds single games in folders, SGF files and archives,
`record_from_sgf` reads them, `build_table` writes a `GameTable`, a `SampleStream` draws batches from it.
"""

from goengine.data.sources.bundled import BUNDLED_SIZE, bundled_games, games_path

__all__ = ["BUNDLED_SIZE", "bundled_games", "games_path"]

"""From game files to training samples.

sources -> records -> table -> samples: `Sources` finds single games in folders, SGF files and archives,
`record_from_sgf` reads them, `build_table` writes a `GameTable`, a `SampleStream` draws batches from it.
"""

from pathlib import Path

BUNDLED_SIZE = 19
"""The board size of the games that come with goengine."""


def bundled_games() -> Path:
    """The collection of games that comes with goengine, played by programs: an SGF file in bzip2."""
    return Path(__file__).parent / "bundled" / "games.sgf.bz2"

"""The games that come with goengine."""

from pathlib import Path

BUNDLED_SIZE = 19
"""The board size of the games that come with goengine."""


def bundled_games() -> Path:
    """The collection of games that comes with goengine, played by programs: an SGF file in bzip2."""
    return Path(__file__).parents[1] / "bundled" / "games.sgf.bz2"


def games_path(path: str | Path) -> Path:
    """The path of games, which may be the word bundled for those that come with goengine."""
    return bundled_games() if str(path) == "bundled" else Path(path)

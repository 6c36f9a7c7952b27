"""The colours of points and players."""

EMPTY = 0
BLACK = 1
WHITE = 2

COLOUR_NAMES = {BLACK: "Black", WHITE: "White"}


def opponent(colour: int) -> int:
    """Return the other player's colour."""
    return BLACK + WHITE - colour

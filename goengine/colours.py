"""The colours of points and players."""

EMPTY, BLACK, WHITE = 0, 1, 2

COLOUR_NAMES = {BLACK: "Black", WHITE: "White"}


def opponent(colour: int) -> int:
    """Return the other player's colour."""
    return BLACK + WHITE - colour

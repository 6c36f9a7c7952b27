"""What the results of a match say about strength."""

import math

_Z = 1.959964  # of the normal distribution: 95 % lie within so many standard deviations


def wilson_interval(points: float, games: int) -> tuple[float, float]:
    """The 95 % interval of a share of `points` out of `games`; a draw is half a point.

    Wilson, J. Am. Stat. Assoc. 22:209 (1927). With draws it is a little too wide. (0, 1) without games.
    """
    if games == 0:
        return 0.0, 1.0
    share = points / games
    spread = _Z * math.sqrt(share * (1 - share) / games + _Z**2 / (4 * games**2))
    middle = share + _Z**2 / (2 * games)
    scale = 1 + _Z**2 / games
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def elo_difference(share: float) -> float:
    """How many Elo points a player is above one of whom it takes this share; infinite for 0 and 1.

    Elo, "The Rating of Chessplayers" (1978), in its logistic form: 400 points are odds of ten to one.
    """
    if share <= 0:
        return -math.inf
    if share >= 1:
        return math.inf
    return 400 * math.log10(share / (1 - share))

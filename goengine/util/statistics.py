"""Statistics that training and matches share."""

import math

_Z = 1.959964  # the 97.5 % quantile of the normal distribution


def wilson_interval(share: float, trials: float) -> tuple[float, float]:
    """Return the 95 % confidence interval of a share of independent trials.

    Wilson, "Probable inference, the law of succession, and statistical inference", J. Am. Stat. Assoc. 22:209
    (1927).

    Args:
        share: The observed share of successes, from 0 to 1.
        trials: The number of trials. It may be fractional, such as a number of trials divided by a design
            effect; with 0 trials the interval is (0, 1).

    Returns:
        The lower and the upper end, both from 0 to 1.
    """
    if trials == 0:
        return 0.0, 1.0
    centre = share + _Z * _Z / (2 * trials)
    margin = _Z * math.sqrt(share * (1 - share) / trials + (_Z / (2 * trials)) ** 2)
    scale = 1 + _Z * _Z / trials
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)

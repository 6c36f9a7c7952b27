"""When a run ends, and the learning rates on the way: warm-up, stable, decay."""

from goengine.training.config import RunConfig


def progress_of(limit: int, minutes: float, samples: int, seconds: float) -> float:
    """The share of the run that is done, 0 to 1, by whichever limit is nearer; 0 is no limit."""
    shares = [0.0]
    if limit:
        shares.append(samples / limit)
    if minutes:
        shares.append(seconds / (60 * minutes))
    return min(1.0, max(shares))


def learning_rate_factor(config: RunConfig, step: int, progress: float) -> float:
    """What the peak learning rates are multiplied by: warm-up, stable, decay (Hu et al., MiniCPM, 2024).

    Unlike a cosine, the stable phase does not know where it ends: a run can go on for longer from there, and
    be released at any time with a decay of its own.
    """
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    return warm if not config.decay or progress < 1 - config.decay else warm * (1 - progress) / config.decay


def phase_of(config: RunConfig, step: int, progress: float) -> str:
    """warm-up, stable or decay."""
    if step < config.warmup_steps:
        return "warm-up"
    return "stable" if progress < 1 - config.decay else "decay"

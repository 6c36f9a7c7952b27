"""When a run ends, and its learning rates: warm-up, stable, decay."""

from goengine.training.config import RunConfig

WARMUP_SHARE = 0.1
"""The warm-up ends after this share of a run, however many steps the config gives it."""


def progress_of(limit: int, minutes: float, samples: int, seconds: float) -> float:
    """Return the completed share of a run, 0 to 1, by whichever of its limits is nearer.

    Args:
        limit: The samples that end the run; 0 for no limit.
        minutes: The minutes of training that end the run; 0 for no limit.
        samples: The samples seen.
        seconds: The seconds of training.
    """
    shares = [0.0]
    if limit:
        shares.append(samples / limit)
    if minutes:
        shares.append(seconds / (60 * minutes))
    return min(1.0, max(shares))


def remaining_seconds(limit: int, minutes: float, samples: int, seconds: float, rate: float) -> float:
    """Return the time until a run's nearer limit at `rate` samples per second; arguments as `progress_of`."""
    times = []
    if limit:
        times.append((limit - samples) / rate)
    if minutes:
        times.append(60 * minutes - seconds)
    return max(0.0, min(times))


def learning_rate_factor(config: RunConfig, step: int, progress: float) -> float:
    """Return the factor of the peak learning rates at a step: warm-up, stable, decay.

    The warm-up rises linearly and takes `warmup_steps` steps or WARMUP_SHARE of the run, whichever is
    shorter. The schedule is that of Hu et al., MiniCPM (2024): unlike a cosine, its stable phase does not
    depend on the length of the run, so a longer run can continue from it.

    Args:
        config: The run's settings.
        step: The steps already taken.
        progress: The completed share of the run, 0 to 1.
    """
    warmup = min(1.0, max((step + 1) / max(1, config.warmup_steps), progress / WARMUP_SHARE))
    if not config.decay or progress < 1 - config.decay:
        return warmup
    return warmup * (1 - progress) / config.decay


def phase_of(config: RunConfig, step: int, progress: float) -> str:
    """Return the phase of the schedule: warm-up, stable or decay; arguments as `learning_rate_factor`."""
    if step < config.warmup_steps and progress < WARMUP_SHARE:
        return "warm-up"
    return "stable" if progress < 1 - config.decay else "decay"

"""Model cards: Markdown templates filled with the facts of a run and its network."""

from collections.abc import Sequence
from typing import Any

from goengine.nn.network import ConvolutionNetwork
from goengine.training.checkpoint import Checkpoint

_FRONT_MATTER = """---
license: apache-2.0
library_name: goengine
tags: [{tags}]
---

"""


def fill_card(
    template: str,
    tags: Sequence[str],
    run: Checkpoint[Any],
    network: ConvolutionNetwork,
    dtype: str,
    **facts: object,
) -> str:
    """Return a model card: front matter for the Hugging Face hub, and a filled template.

    Args:
        template: Markdown with fields in braces. Every card may use input, parameters, multiply_adds
            (millions), dtype, samples, steps, batch_size and minutes.
        tags: The tags of the model on the hub.
        run: The run's checkpoint.
        network: The released network.
        dtype: The precision of the stored weights.
        **facts: The values of other fields.
    """
    common = {
        "input": network.input,
        "parameters": network.parameter_count,
        "multiply_adds": network.multiply_adds / 1e6,
        "dtype": dtype,
        "samples": run.samples,
        "steps": run.step,
        "batch_size": run.config.batch_size,
        "minutes": run.seconds / 60,
    }
    return _FRONT_MATTER.format(tags=", ".join(tags)) + template.format(**common | facts)

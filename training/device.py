"""Where to compute, and in which precision."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from goengine.errors import GoEngineError


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" is the GPU where there is one.

    Raises GoEngineError if a GPU is asked for and none is there.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise GoEngineError("the device cuda was asked for, but PyTorch finds no GPU here")
    return torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """The precision of that name; "auto" is bfloat16 where the hardware multiplies it, else float32."""
    if name == "auto":
        native = (
            torch.cuda.is_bf16_supported(including_emulation=False)
            if device.type == "cuda"
            else _cpu_multiplies_bfloat16()
        )
        name = "bfloat16" if native else "float32"
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def _cpu_multiplies_bfloat16() -> bool:
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16") or has.get("bf16"))


def to_device(array: NDArray[np.generic], device: torch.device) -> Tensor:
    """The array as a tensor there. A copy to a GPU goes by pinned memory, and nothing waits for it."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)

"""Policies: probabilities for the moves of a board, computed by PyTorch or ONNX Runtime."""

from typing import TYPE_CHECKING

from goengine.util.lazy import lazy_names

if TYPE_CHECKING:
    from goengine.policy.base import Policy
    from goengine.policy.loading import load_network, load_policy
    from goengine.policy.onnx_policy import OnnxPolicy
    from goengine.policy.torch_policy import TorchPolicy

__all__ = ["OnnxPolicy", "Policy", "TorchPolicy", "load_network", "load_policy"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Policy": "goengine.policy.base",
        "load_network": "goengine.policy.loading",
        "load_policy": "goengine.policy.loading",
        "OnnxPolicy": "goengine.policy.onnx_policy",
        "TorchPolicy": "goengine.policy.torch_policy",
    },
)

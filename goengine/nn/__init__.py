"""Networks: layer specs, named architectures, patterns, PyTorch modules and model folders.

>>> from goengine.nn import ARCHITECTURES, place
>>> lenet = ARCHITECTURES["lenet5"]
>>> layers = place(lenet.build(), lenet.input)
>>> print(layers[0].name, layers[0].input, layers[0].output, layers[0].parameters)
convolution1 1x32x32 6x28x28 156
"""

from typing import TYPE_CHECKING

from goengine.util.lazy import lazy_names

if TYPE_CHECKING:
    from goengine.nn.architectures import ARCHITECTURES, policy_layers
    from goengine.nn.classifier import ImageClassifier
    from goengine.nn.layers import Shape
    from goengine.nn.network import ConvolutionNetwork, PolicyNetwork, save_model
    from goengine.nn.patterns import pattern_layers
    from goengine.nn.placement import Layer, place

__all__ = [
    "ARCHITECTURES",
    "ConvolutionNetwork",
    "ImageClassifier",
    "Layer",
    "PolicyNetwork",
    "Shape",
    "pattern_layers",
    "place",
    "policy_layers",
    "save_model",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("ARCHITECTURES", "policy_layers"), "goengine.nn.architectures"),
        "ImageClassifier": "goengine.nn.classifier",
        "Shape": "goengine.nn.layers",
        **dict.fromkeys(("ConvolutionNetwork", "PolicyNetwork", "save_model"), "goengine.nn.network"),
        "pattern_layers": "goengine.nn.patterns",
        **dict.fromkeys(("Layer", "place"), "goengine.nn.placement"),
    },
)

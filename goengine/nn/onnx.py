"""A policy network as an ONNX model, written from its list of layers.

The input "planes" is uint8 [batch, planes, size, size] of 0 and 1, as `goengine.encode` returns them; the
output "probabilities" is float32 [batch, size * size]. The batch may have any size. The model computes in
float32, whatever the precision of the stored weights. This module does not import PyTorch.
"""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.planes import NUM_PLANES, PLANES
from goengine.nn.layers import Convolution, Flatten, PositionBias, ReLU, Softmax
from goengine.nn.model_folder import PolicyConfig
from goengine.nn.placement import Layer

try:
    import onnx
    from onnx import TensorProto, helper
except ImportError as error:
    raise GoEngineError(f"onnx is not installed ({error}); pip install 'goengine[onnx]'") from error

INPUT, OUTPUT = "planes", "probabilities"
SIZE_KEY = "board_size"
STORAGE = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16,
}

_OPSET, _IR_VERSION = 17, 8  # of 2022: every runtime in use has them, and they have bfloat16
_DESCRIPTION = """A policy for the game of Go: how likely a strong player plays each point next.
planes: 0 or 1, seen by the player to move; the metadata plane_names has the name of each plane; row 0 is the
    top
of the board. probabilities: one for each point, row * board_size + column, legal or not; none for a pass."""


def build_onnx(
    config: PolicyConfig, weights: dict[str, NDArray[np.float32]], dtype: str = "float32"
) -> onnx.ModelProto:
    """Build the ONNX model of a policy network.

    Args:
        config: The network's config.
        weights: Its tensors by name, float32.
        dtype: The precision in which the model stores them: float32, float16 or bfloat16.

    Raises:
        GoEngineError: If the precision is unknown, or too small for a weight.
    """
    if dtype not in STORAGE:
        raise GoEngineError(f"unknown precision {dtype!r}; expected one of {', '.join(STORAGE)}")
    layers = config.place()
    stored = [_stored(name, values, dtype) for name, values in weights.items()]
    nodes = [helper.make_node("Cast", [INPUT], ["planes_float32"], to=TensorProto.FLOAT)]
    if dtype != "float32":
        nodes += [
            helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT)
            for tensor, name in zip(stored, weights, strict=True)
        ]
    nodes += _layer_nodes(layers, "planes_float32")
    side, points = config.size, config.size**2
    graph = helper.make_graph(
        nodes,
        "policy",
        [helper.make_tensor_value_info(INPUT, TensorProto.UINT8, ["batch", config.planes, side, side])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", points])],
        stored,
    )
    model = helper.make_model(
        graph,
        producer_name="goengine",
        doc_string=_DESCRIPTION,
        ir_version=_IR_VERSION,
        opset_imports=[helper.make_opsetid("", _OPSET)],
    )
    metadata = {
        SIZE_KEY: str(config.size),
        "filters": str(config.filters),
        "layers": str(config.layers),
        "weights": dtype,
    }
    if config.planes == NUM_PLANES:
        metadata["plane_names"] = json.dumps([plane.name for plane in PLANES])
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return model


def _layer_nodes(layers: Sequence[Layer], x: str) -> list[onnx.NodeProto]:
    """Return the operators of the layers, from the tensor `x` to OUTPUT."""
    nodes = []
    for layer in layers:
        out = OUTPUT if layer is layers[-1] else f"{layer.name}.output"
        match layer.spec:
            case Convolution(extent=F, stride=S, padding=P, bias=bias, groups=groups):
                inputs = [x, f"{layer.name}.weight", *([f"{layer.name}.bias"] if bias else [])]
                node = helper.make_node(
                    "Conv", inputs, [out], kernel_shape=[F, F], strides=[S, S], pads=[P] * 4, group=groups
                )
            case ReLU():
                node = helper.make_node("Relu", [x], [out])
            case PositionBias():
                node = helper.make_node("Add", [x, f"{layer.name}.bias"], [out])
            case Flatten():
                node = helper.make_node("Flatten", [x], [out])
            case Softmax():
                node = helper.make_node("Softmax", [x], [out], axis=1)
            case _:
                raise AssertionError(layer)  # a policy has no other layers
        nodes.append(node)
        x = out
    return nodes


def _stored(name: str, values: NDArray[np.float32], dtype: str) -> onnx.TensorProto:
    """Return the tensor of weights; its name differs if the graph casts it to float32."""
    if dtype == "float32":
        return helper.make_tensor(name, TensorProto.FLOAT, values.shape, values.tobytes(), raw=True)
    with np.errstate(over="ignore"):  # infinities are refused below
        numbers = values.astype(helper.tensor_dtype_to_np_dtype(STORAGE[dtype]))
    if not np.isfinite(numbers.astype(np.float32)).all():
        raise GoEngineError(f"the weights of {name} are too large for {dtype}; store them as float32")
    return helper.make_tensor(f"{name}.{dtype}", STORAGE[dtype], values.shape, numbers.tobytes(), raw=True)

"""A policy network as an ONNX model, written from its list of layers.

Input "planes", uint8 [batch, planes, size, size] of 0 and 1, as `goengine.encode` gives them; output
"probabilities", float32 [batch, size * size], over the points. The batch is of any size. Whatever the
precision in which weights are stored, the model computes in float32. Nothing here needs PyTorch.
"""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.planes import NUM_PLANES, PLANES
from goengine.nn.layers import Convolution, Flatten, PositionBias, ReLU, Softmax
from goengine.nn.model_folder import ModelConfig
from goengine.nn.placement import Layer

try:
    import onnx
    from onnx import TensorProto, helper
except ImportError as error:
    raise GoEngineError(
        f"onnx, which writes ONNX models, is not here ({error}): pip install 'goengine[onnx]'"
    ) from None

INPUT, OUTPUT = "planes", "probabilities"
SIZE_KEY = "board_size"
STORAGE = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16,
}

_OPSET, _IR_VERSION = 17, 8  # of 2022: old enough for every runtime in use, new enough for bfloat16
_ABOUT = """A policy for the game of Go: how likely a strong player plays each point next.
planes: 0 or 1, from the view of the player to move; the metadata plane_names says what each one shows, row 0
is the top of the board. probabilities: of the points, point = row * board_size + column; illegal points are
not left out. Passing is not among them."""


def build_onnx(
    config: ModelConfig, weights: dict[str, NDArray[np.float32]], dtype: str = "float32"
) -> onnx.ModelProto:
    """The policy network of these settings and weights, which are stored as `dtype`.

    Raises GoEngineError if there is no such precision.
    """
    if dtype not in STORAGE:
        raise GoEngineError(f"weights are stored as {', '.join(STORAGE)}, not {dtype}")
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
        doc_string=_ABOUT,
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
    """The layers' operators one after another, from the tensor `x` to OUTPUT."""
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
                raise AssertionError(layer)  # no layer of a policy
        nodes.append(node)
        x = out
    return nodes


def _stored(name: str, values: NDArray[np.float32], dtype: str) -> onnx.TensorProto:
    """A tensor of weights; under a name of its own where the graph casts it back."""
    if dtype == "float32":
        return helper.make_tensor(name, TensorProto.FLOAT, values.shape, values.tobytes(), raw=True)
    with np.errstate(over="ignore"):  # an infinity is found out
        numbers = values.astype(helper.tensor_dtype_to_np_dtype(STORAGE[dtype]))
    if not np.isfinite(numbers.astype(np.float32)).all():
        raise GoEngineError(f"the weights of {name} are too large for {dtype}; store them as float32")
    return helper.make_tensor(f"{name}.{dtype}", STORAGE[dtype], values.shape, numbers.tobytes(), raw=True)

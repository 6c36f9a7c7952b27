"""A policy computed by ONNX Runtime on the CPU, without PyTorch."""

import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.planes import NUM_PLANES, unpack
from goengine.nn.resizing import can_resize
from goengine.points import MAX_SIZE, MIN_SIZE
from goengine.policy.base import Policy
from goengine.policy.symmetry import SymmetryAverage
from goengine.util.parallel import cores

try:
    import onnxruntime
except ImportError as error:
    raise GoEngineError(f"onnxruntime is not installed ({error}); pip install 'goengine[onnx]'") from error

_LARGEST_BATCH = 64  # positions; larger batches take more memory and are no faster
_TIMED_PASSES = 3


class OnnxPolicy(Policy):
    """A policy computed by ONNX Runtime, in float32.

    Attributes:
        threads: The number of CPU threads of a forward pass. Unless given, it is measured once which number
            is fastest for one position.
    """

    def __init__(
        self,
        model: bytes,
        name: str = "policy",
        threads: int | None = None,
        resized: Callable[[int], bytes] | None = None,
    ) -> None:
        """Open an ONNX model.

        Args:
            model: The file's content, as `goengine.nn.onnx` writes it.
            name: The policy's name.
            threads: CPU threads of a forward pass; None to measure which number is fastest.
            resized: Returns the model for a smaller board size; None if it has its own size only.

        Raises:
            GoEngineError: If it is not such a model.
        """
        super().__init__()
        self.name = name
        self._model_for = resized
        most = cores()
        counts = [threads] if threads else sorted({most, *(2**i for i in range(most.bit_length()))})
        first = _open(model, name, counts[0])
        self.size = _board_size(first, name)
        filters = first.get_modelmeta().custom_metadata_map.get("filters", "")
        self.filters = int(filters) if filters.isdecimal() else None
        self._session, self.threads = _fastest(model, name, first, counts, self.size)
        self._symmetry = SymmetryAverage(self.size)

    def can_play(self, size: int) -> bool:
        """Return whether it can evaluate boards of this size: its own, or a smaller one if it can adapt."""
        return size == self.size or (self._model_for is not None and can_resize(self.size, size))

    def _resize(self, size: int) -> "OnnxPolicy":
        assert self._model_for is not None
        return OnnxPolicy(self._model_for(size), self.name, self.threads)

    @property
    def arithmetic(self) -> str:
        """A text for people: which library computes it, in which precision, on which device."""
        return "ONNX Runtime, float32 on cpu"

    def _average(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        step = _LARGEST_BATCH // symmetries
        parts = [self._pass(packed[i : i + step], symmetries) for i in range(0, max(1, len(packed)), step)]
        return np.concatenate(parts)

    def _pass(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        planes = unpack(packed, self.size)
        if symmetries == 1:
            return _run(self._session, planes)
        images = np.ascontiguousarray(self._symmetry.expand(planes))
        return self._symmetry.average(_run(self._session, images))


def _open(model: bytes, name: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors alone, which are raised as exceptions too
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the exceptions of ONNX Runtime have no public base class
        reason = str(error).strip().partition("\n")[0][:200]
        raise GoEngineError(f"{name} is damaged or not an ONNX model: {reason}") from error


def _board_size(session: onnxruntime.InferenceSession, name: str) -> int:
    """Return the board size of a model; raise GoEngineError if its inputs or outputs are not a policy's."""
    inputs = [(value.name, value.type, value.shape[1:]) for value in session.get_inputs()]
    outputs = [(value.name, value.type, value.shape[1:]) for value in session.get_outputs()]
    size = inputs[0][2][-1] if len(inputs) == 1 and inputs[0][2] else None
    if not isinstance(size, int) or not MIN_SIZE <= size <= MAX_SIZE:
        raise GoEngineError(f"{name} is an ONNX model, but not a policy for a Go board: {_describe(inputs)}")
    expected_input = [("planes", "tensor(uint8)", [NUM_PLANES, size, size])]
    if inputs != expected_input or outputs != [("probabilities", "tensor(float)", [size * size])]:
        raise GoEngineError(
            f"{name} is an ONNX model, but not a policy written by goengine export: {_describe(inputs)}"
        )
    return size


def _describe(inputs: list[tuple[str, str, list[int]]]) -> str:
    texts = ", ".join(f"{name} {kind} {shape}" for name, kind, shape in inputs[:3]) or "nothing"
    return f"it takes {texts[:200]} for each position"


def _run(session: onnxruntime.InferenceSession, planes: NDArray[np.uint8]) -> NDArray[np.float32]:
    probabilities: NDArray[np.float32] = session.run(["probabilities"], {"planes": planes})[0]
    return probabilities


def _fastest(
    model: bytes, name: str, first: onnxruntime.InferenceSession, counts: list[int], size: int
) -> tuple[onnxruntime.InferenceSession, int]:
    """Return the session that evaluates one position fastest, and its number of threads.

    Args:
        model: The ONNX model.
        name: The policy's name.
        first: A session with counts[0] threads.
        counts: Numbers of threads to try.
        size: The board size.
    """
    planes = np.zeros((1, NUM_PLANES, size, size), np.uint8)
    best, best_count, best_time = first, counts[0], np.inf
    for count in counts:
        if len(counts) == 1:
            break
        session = first if count == counts[0] else _open(model, name, count)
        _run(session, planes)
        seconds = statistics.median(_seconds(session, planes) for _ in range(_TIMED_PASSES))
        if seconds < best_time:
            best, best_count, best_time = session, count, seconds
    return best, best_count


def _seconds(session: onnxruntime.InferenceSession, planes: NDArray[np.uint8]) -> float:
    begin = time.perf_counter()
    _run(session, planes)
    return time.perf_counter() - begin

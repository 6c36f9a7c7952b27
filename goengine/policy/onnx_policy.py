"""A policy computed by ONNX Runtime on the CPU, without PyTorch."""

import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.planes import NUM_PLANES, unpack
from goengine.nn.resizing import can_resize
from goengine.points import INVERSE, MAX_SIZE, MIN_SIZE, symmetry_tables
from goengine.policy.base import Policy
from goengine.util.parallel import cores

try:
    import onnxruntime
except ImportError as error:
    raise GoEngineError(
        f"onnxruntime, which plays ONNX models, is not here ({error}): pip install 'goengine[onnx]'"
    ) from None

_LARGEST_BATCH = 64  # positions a pass: more takes memory and is no faster
_TIMED_PASSES = 3


class OnnxPolicy(Policy):
    """A policy network of ONNX Runtime, in float32.

    Public attributes, beside those of every policy:
      threads -- how many CPU threads a pass takes: as many as are fastest for one position, measured once
    """

    def __init__(
        self,
        model: bytes,
        name: str = "policy",
        threads: int | None = None,
        resized: Callable[[int], bytes] | None = None,
    ):
        """model: an ONNX model, as `goengine.nn.onnx` writes it. threads: None to measure.
        resized: gives the model for a smaller board, where there is a way.

        Raises GoEngineError if it is no such model.
        """
        super().__init__()
        self.name = name
        self._model_for = resized
        most = cores()
        counts = [threads] if threads else sorted({most, *(2**i for i in range(most.bit_length()))})
        first = _open(model, name, counts[0])
        self.size = _board_size(first, name)
        self._session, self.threads = _fastest(model, name, first, counts, self.size)
        self._images = symmetry_tables(self.size)[:, :-1].astype(np.int64)
        self._origins = self._images[list(INVERSE)]

    def can_play(self, size: int) -> bool:
        return size == self.size or (self._model_for is not None and can_resize(self.size, size))

    def _resize(self, size: int) -> "OnnxPolicy":
        assert self._model_for is not None
        return OnnxPolicy(self._model_for(size), self.name, self.threads)

    @property
    def arithmetic(self) -> str:
        return "ONNX Runtime, float32 on cpu"

    def _average(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        step = _LARGEST_BATCH // symmetries
        parts = [self._pass(packed[i : i + step], symmetries) for i in range(0, max(1, len(packed)), step)]
        return np.concatenate(parts)

    def _pass(self, packed: NDArray[np.uint8], symmetries: int) -> NDArray[np.float32]:
        planes = unpack(packed, self.size)
        if symmetries == 1:
            return _run(self._session, planes)
        flat = planes.reshape(len(packed), NUM_PLANES, -1)
        turned = np.moveaxis(flat[:, :, self._origins], 2, 0)  # point p of image s shows origins[s, p]
        outputs = _run(self._session, np.ascontiguousarray(turned).reshape(-1, *planes.shape[1:]))
        outputs = outputs.reshape(symmetries, len(packed), -1)
        return np.take_along_axis(outputs, self._images[:, None], axis=2).mean(axis=0)


def _open(model: bytes, name: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors, which come as exceptions besides
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's types have no public base
        reason = str(error).strip().partition("\n")[0][:200]
        raise GoEngineError(f"{name} is damaged, or no ONNX model: {reason}") from None


def _board_size(session: onnxruntime.InferenceSession, name: str) -> int:
    """Raises GoEngineError if the model takes or gives something else than a policy for some board does."""
    takes = [(value.name, value.type, value.shape[1:]) for value in session.get_inputs()]
    gives = [(value.name, value.type, value.shape[1:]) for value in session.get_outputs()]
    size = takes[0][2][-1] if len(takes) == 1 and takes[0][2] else None
    if not isinstance(size, int) or not MIN_SIZE <= size <= MAX_SIZE:
        raise GoEngineError(f"{name} is an ONNX model, but no policy for a Go board: {_describe(takes)}")
    expected_input = [("planes", "tensor(uint8)", [NUM_PLANES, size, size])]
    if takes != expected_input or gives != [("probabilities", "tensor(float)", [size * size])]:
        raise GoEngineError(
            f"{name} is an ONNX model, but no policy that goengine export wrote: {_describe(takes)}"
        )
    return size


def _describe(takes: list[tuple[str, str, list[int]]]) -> str:
    told = ", ".join(f"{name} {kind} {shape}" for name, kind, shape in takes[:3]) or "nothing"
    return f"it takes {told[:200]} for each position"


def _run(session: onnxruntime.InferenceSession, planes: NDArray[np.uint8]) -> NDArray[np.float32]:
    return session.run(["probabilities"], {"planes": planes})[0]


def _fastest(
    model: bytes, name: str, first: onnxruntime.InferenceSession, counts: list[int], size: int
) -> tuple[onnxruntime.InferenceSession, int]:
    """The session that passes one position fastest, and its threads. `first` is that of counts[0]."""
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

"""Networks written as patterns, such as [(CONV-RELU)*2-POOL?]*3-(FC-RELU)*1,SOFTMAX.

The notation is that of Karpathy, CS231n, "Convolutional Neural Networks", "Layer Patterns". Its words:

    CONV    3x3 filters, stride 1, padded so that the image keeps its size. There are 32, twice as many after
            each pooling. CONV64 has 64 filters, CONV64x5 has 64 of 5x5, CONVx5 sets the extent alone.
    BN      batch normalisation.
    RELU
    POOL    2x2 max pooling, stride 2. POOL? is skipped where a side of the image is odd.
    FC      128 fully connected units. FC256 has 256.
    SOFTMAX a fully connected layer of 10 units, one for each class, and the softmax. SOFTMAX100 has 100.

Layers are separated by `-` or `,`; (...)*3 or [...]*3 repeats what is in the brackets. The image is flattened
before the first FC or SOFTMAX.
"""

import re

from goengine.errors import GoEngineError
from goengine.nn.layers import (
    BatchNormalisation,
    Convolution,
    Flatten,
    FullyConnected,
    MaxPooling,
    ReLU,
    Shape,
    Softmax,
    Spec,
)
from goengine.nn.placement import place

EXAMPLE = "[(CONV-RELU)*2-POOL?]*3-(FC-RELU)*1,SOFTMAX"

_FILTERS, _EXTENT, _UNITS, _CLASSES = 32, 3, 128, 10
_MAX_WORDS = 1000  # of an expanded pattern
_MAX_DEPTH = 10  # nested brackets

_TOKEN = re.compile(
    r"(?P<word>CONV(?P<filters>\d{1,6})?(x(?P<extent>\d{1,6}))?|RELU|BN|POOL\??|(FC|SOFTMAX)(?P<units>\d{1,6})?)"
    r"(?![A-Za-z0-9?])"
    r"|(?P<sign>[-,()\[\]])|\*(?P<times>\d{1,6})"
)
_CLOSING = {"(": ")", "[": "]"}


def is_pattern(text: str) -> bool:
    """Return whether a text starts like a pattern: with a bracket or a word for a layer."""
    return re.match(r"\s*([(\[]|CONV|RELU|BN|POOL|FC|SOFTMAX)", text) is not None


def pattern_layers(pattern: str, shape: Shape) -> list[Spec]:
    """Return the specs of a pattern for inputs of that shape.

    Raises:
        GoEngineError: If the pattern is malformed, or its layers do not fit the input or each other.
    """
    specs: list[Spec] = []
    filters = _FILTERS
    for word in _expand("".join(pattern.split())):
        kind = word[0].rstrip("x0123456789")
        if kind in ("FC", "SOFTMAX") and not any(isinstance(spec, Flatten) for spec in specs):
            specs.append(Flatten())
        match kind:
            case "CONV":
                extent = int(word["extent"] or _EXTENT)
                if extent % 2 == 0:
                    raise GoEngineError(
                        f"{word[0]} of the pattern: expected an odd extent, which keeps the image's size"
                    )
                specs.append(Convolution(int(word["filters"] or filters), extent, padding=extent // 2))
            case "RELU":
                specs.append(ReLU())
            case "BN":
                specs.append(BatchNormalisation())
            case "POOL" | "POOL?":
                if kind == "POOL" or _can_pool(specs, shape):
                    specs.append(MaxPooling(2, stride=2))
                    filters *= 2
            case "FC":
                specs.append(FullyConnected(int(word["units"] or _UNITS)))
            case "SOFTMAX":
                specs += [FullyConnected(int(word["units"] or _CLASSES)), Softmax()]
    if not specs:
        raise GoEngineError(f"the pattern {pattern!r} has no layers")
    try:
        place(specs, shape)
    except GoEngineError as error:
        raise GoEngineError(f"the pattern {pattern!r} on {shape}: {error}") from error
    return specs


def _can_pool(specs: list[Spec], shape: Shape) -> bool:
    """Return whether pooling may follow: the sides are even (or flattened, which `place` refuses)."""
    layers = place(specs, shape)
    out = layers[-1].output if layers else shape
    return any(isinstance(spec, Flatten) for spec in specs) or (out.height % 2 == 0 and out.width % 2 == 0)


def _expand(pattern: str) -> list[re.Match[str]]:
    """Return the words of a pattern in order, with brackets expanded."""

    def refuse(at: int, expected: str) -> GoEngineError:
        where = f"{pattern[at : at + 12]!r}" if at < len(pattern) else "its end"
        return GoEngineError(f"the pattern {pattern!r} is malformed at {where}; expected {expected}")

    opened: list[str] = []
    open_words: list[list[re.Match[str]]] = [[]]
    at, between = 0, False  # between: whether the last token was a layer or a closing bracket
    closed: list[re.Match[str]] | None = None  # the words in the bracket that was just closed
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise refuse(at, "CONV, RELU, BN, POOL, FC, SOFTMAX, a bracket, - or , or * and a number")
        sign = token["sign"]
        if token["times"] is not None:
            if closed is None:
                raise refuse(at, "* only after a bracket")
            words, times = open_words[-1], int(token["times"])
            if len(words) + len(closed) * times > _MAX_WORDS:
                raise GoEngineError(f"the pattern {pattern!r} has more than {_MAX_WORDS:,} layers")
            del words[len(words) - len(closed) :]  # one copy is there already
            words += closed * times
            closed = None
        elif between and sign in ("-", ","):
            between, closed = False, None
        elif between and opened and sign == _CLOSING[opened[-1]]:
            opened.pop()
            closed = open_words.pop()
            open_words[-1] += closed
        elif between:
            raise refuse(at, f"- or , or {_CLOSING[opened[-1]]}" if opened else "- or ,")
        elif token["word"]:
            open_words[-1].append(token)
            between = True
        elif sign in _CLOSING and len(opened) < _MAX_DEPTH:
            opened.append(sign)
            open_words.append([])
        else:
            raise refuse(at, "a layer or an opening bracket")
        at = token.end()
    if not between or opened:
        raise refuse(at, _CLOSING[opened[-1]] if between else "a layer")
    return open_words[0]

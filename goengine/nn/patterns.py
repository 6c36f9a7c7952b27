"""Networks written as a pattern, such as [(CONV-RELU)*2-POOL?]*3-(FC-RELU)*1,SOFTMAX.

The notation is that of Karpathy, CS231n, "Convolutional Neural Networks", "Layer Patterns". Its words:

    CONV    3x3 filters, stride 1, padded so that the image keeps its size; 32 of them, doubled by each
            pooling before it. CONV64 has 64 filters, CONV64x5 has 64 of 5x5, CONVx5 only says their extent.
    BN      batch normalisation of what comes before it.
    RELU
    POOL    2x2 max pooling, stride 2. POOL? is left out where a side of the image is odd.
    FC      128 fully connected units. FC256 has 256.
    SOFTMAX a fully connected layer of 10 units, one a class, and the softmax. SOFTMAX100 has 100.

`-` or `,` stands between layers, (...)*3 or [...]*3 is three times what is in the brackets. The image is
flattened before the first FC or SOFTMAX.
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
_MOST_WORDS = 1000  # of a pattern written out
_DEEPEST = 10  # brackets in brackets

_TOKEN = re.compile(
    r"(?P<word>CONV(?P<filters>\d{1,6})?(x(?P<extent>\d{1,6}))?|RELU|BN|POOL\??|(FC|SOFTMAX)(?P<units>\d{1,6})?)"
    r"(?![A-Za-z0-9?])"
    r"|(?P<sign>[-,()\[\]])|\*(?P<times>\d{1,6})"
)
_CLOSING = {"(": ")", "[": "]"}


def is_pattern(text: str) -> bool:
    """Whether a text begins as a pattern does: with a bracket or one of its words."""
    return re.match(r"\s*([(\[]|CONV|RELU|BN|POOL|FC|SOFTMAX)", text) is not None


def pattern_layers(pattern: str, shape: Shape) -> list[Spec]:
    """The specs of a pattern for inputs of that shape.

    Raises GoEngineError if the pattern cannot be read, or its layers do not fit the input or one another.
    """
    specs: list[Spec] = []
    filters = _FILTERS
    for word in _written_out("".join(pattern.split())):
        kind = word[0].rstrip("x0123456789")
        if kind in ("FC", "SOFTMAX") and not any(isinstance(spec, Flatten) for spec in specs):
            specs.append(Flatten())
        match kind:
            case "CONV":
                extent = int(word["extent"] or _EXTENT)
                if extent % 2 == 0:
                    raise GoEngineError(
                        f"{word[0]} of the pattern: the extent has to be odd, to keep the image's size"
                    )
                specs.append(Convolution(int(word["filters"] or filters), extent, padding=extent // 2))
            case "RELU":
                specs.append(ReLU())
            case "BN":
                specs.append(BatchNormalisation())
            case "POOL" | "POOL?":
                if kind == "POOL" or _halves(specs, shape):
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
        raise GoEngineError(f"the pattern {pattern!r} on {shape}: {error}") from None
    return specs


def _halves(specs: list[Spec], shape: Shape) -> bool:
    """Whether an image of even sides comes out of the specs. (A row is left for `place` to refuse.)"""
    layers = place(specs, shape)
    out = layers[-1].output if layers else shape
    return any(isinstance(spec, Flatten) for spec in specs) or (out.height % 2 == 0 and out.width % 2 == 0)


def _written_out(pattern: str) -> list[re.Match[str]]:
    """The words of a pattern, in order, what is in brackets as often as it says."""

    def refuse(at: int, expected: str) -> GoEngineError:
        found = f"{pattern[at : at + 12]!r}" if at < len(pattern) else "its end"
        return GoEngineError(f"the pattern {pattern!r} cannot be read at {found}: expected {expected}")

    opened: list[str] = []
    open_words: list[list[re.Match[str]]] = [[]]
    at, between = 0, False  # whether the next token stands behind a layer or a closed bracket
    closed: list[re.Match[str]] | None = None  # what the bracket just closed held
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise refuse(at, "CONV, RELU, BN, POOL, FC, SOFTMAX, a bracket, - or , or * and a number")
        sign = token["sign"]
        if token["times"] is not None:
            if closed is None:
                raise refuse(at, "* only behind a bracket")
            words, times = open_words[-1], int(token["times"])
            if len(words) + len(closed) * times > _MOST_WORDS:
                raise GoEngineError(f"the pattern {pattern!r} has more than {_MOST_WORDS:,} layers")
            del words[len(words) - len(closed) :]  # they stand there once already
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
        elif sign in _CLOSING and len(opened) < _DEEPEST:
            opened.append(sign)
            open_words.append([])
        else:
            raise refuse(at, "a layer or an opening bracket")
        at = token.end()
    if not between or opened:
        raise refuse(at, _CLOSING[opened[-1]] if between else "a layer")
    return open_words[0]

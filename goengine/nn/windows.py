"""The positions of a window that slides over an image.

W2 = (W1 - F + 2P)/S + 1, and the same for H2 (Karpathy, CS231n, "Convolutional Neural Networks"): W1 is the
input's width, F the window's extent, S its stride, P the zero padding on each side. A window that does not
fit its input exactly is refused instead of rounded down: a network that silently drops a column has a mistake
in it.
"""

from dataclasses import dataclass

from goengine.errors import GoEngineError


@dataclass(frozen=True)
class Window:
    """A window of extent F x F with stride S and zero padding P.

    Attributes:
        name: What errors call it.
        extent: F.
        stride: S.
        padding: P.
        most_padding: The largest padding that makes sense.
    """

    name: str
    extent: int
    stride: int
    padding: int
    most_padding: int

    def places(self, height: int, width: int) -> tuple[int, int]:
        """Return H2 and W2.

        Raises:
            GoEngineError: If one is not a positive whole number. The message names paddings that would fit.
        """
        for length, axis in ((height, "high"), (width, "wide")):
            if not self._fits(length, self.padding):
                raise GoEngineError(self._misfit(length, axis))
        return self.whole_places(height, width)

    def whole_places(self, height: int, width: int) -> tuple[int, int]:
        """Return H2 and W2 rounded down: rows and columns at the bottom and right may be ignored.

        Raises:
            GoEngineError: If the input is smaller than the window.
        """
        steps = [(length - self.extent + 2 * self.padding) // self.stride for length in (height, width)]
        if min(steps) < 0:
            raise GoEngineError(self._misfit(min(height, width), "high" if height <= width else "wide"))
        return steps[0] + 1, steps[1] + 1

    def _fits(self, W1: int, P: int) -> bool:
        span = W1 - self.extent + 2 * P
        return span >= 0 and span % self.stride == 0

    def _misfit(self, W1: int, axis: str) -> str:
        F, S, P = self.extent, self.stride, self.padding
        fits = [p for p in range(self.most_padding + 1) if self._fits(W1, p)]
        nearest = sorted(sorted(fits, key=lambda p: abs(p - P))[:2])
        hint = (
            f"padding {' or '.join(map(str, nearest))}"
            if nearest
            else f"no padding up to {self.most_padding}"
        )
        return (
            f"a {F}x{F} {self.name} with stride {S} and padding {P} does not fit an input {W1} {axis}: "
            f"({W1} - {F} + 2*{P})/{S} + 1 is not a positive whole number; {hint} would fit"
        )

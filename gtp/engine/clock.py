"""How much time a move may take, as the controller has told."""

from dataclasses import dataclass, replace

from goengine.game.board import BLACK, WHITE

_MOVES_LEFT = 0.35  # of the board's points, each side's moves in a game; people and engines play 240 on 19x19
_FEWEST_MOVES = 20  # still to come, however long a game has lasted
_LAG = 0.5  # seconds a move that pass between the controller's clock and this process


@dataclass(frozen=True, slots=True)
class Clock:
    """A game's time limits (section 4.2 of the GTP 2 standard) and what is left of them.

    main: seconds of main time. period: seconds of an overtime period, 0 for none.
    stones: moves to be made in one.
    periods: overtime periods that each hold one move (Japanese byo-yomi), 0 for Canadian overtime.
    limited: whether there is a limit at all.
    left: by colour, what `time_left` said last: seconds, and stones (0 during main time).
    """

    main: float = 0.0
    period: float = 0.0
    stones: int = 0
    periods: int = 0
    limited: bool = False
    left: tuple[tuple[float, int] | None, tuple[float, int] | None] = (None, None)

    def full(self) -> "Clock":
        """The same limits, at the beginning of a game."""
        return replace(self, left=(None, None))

    def with_left(self, colour: int, seconds: float, stones: int) -> "Clock":
        """The same clock after `time_left`."""
        pair = {BLACK: self.left[0], WHITE: self.left[1], colour: (seconds, stones)}
        return replace(self, left=(pair[BLACK], pair[WHITE]))

    def budget(self, colour: int, points: int, ply: int) -> float:
        """Seconds that a move may take; infinite where nothing limits it, never below 0.

        points: of the board. ply: moves made so far.
        """
        left = self.left[0 if colour == BLACK else 1]
        if left is None and not self.limited:
            return float("inf")
        seconds, stones = left if left is not None else (self.main, 0)
        if stones and self.periods:  # of byo-yomi the controller tells the periods that are left
            share = seconds
        elif stones:
            share = seconds / stones
        else:
            share = seconds / max(_FEWEST_MOVES, _MOVES_LEFT * points - ply / 2)
            if self.period:  # overtime follows, so main time may run out
                share = max(share, self.period / max(1, self.stones))
        return max(0.0, share - _LAG)


def canadian(main: float, period: float, stones: int) -> Clock:
    """As `time_settings` gives it: a period without stones means no limit, without a period the main time
    is all there is."""
    unlimited = period > 0 and stones == 0
    return Clock(main, period, stones, limited=not unlimited)


def byo_yomi(main: float, period: float, periods: int) -> Clock:
    """Japanese byo-yomi: `periods` periods, in each of which a move is free."""
    return Clock(main, period, 1, periods, limited=True)

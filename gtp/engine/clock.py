"""The game clock: how much time a move may take, by what the controller said."""

from dataclasses import dataclass, replace

from goengine.colours import BLACK, WHITE

_MOVES_PER_POINT = 0.35  # a player's moves in a game, per point of the board; on 19x19 both play about 250
_MIN_REMAINING_MOVES = 20  # however long a game has lasted
_LAG = 0.5  # seconds per move that pass between the controller's clock and this process


@dataclass(frozen=True, slots=True)
class Clock:
    """A game's time limits (section 4.2 of the GTP 2 standard) and each player's remaining time.

    Attributes:
        main: Seconds of main time.
        period: Seconds of an overtime period, 0 without overtime.
        stones: Moves to be made in a period.
        periods: The number of periods with one move each (Japanese byo-yomi), 0 for Canadian overtime.
        limited: Whether there is a time limit.
        remaining: What `time_left` said last, for Black and for White: seconds, and stones (periods in
            Japanese byo-yomi), which are 0 during main time. None before the first `time_left`.
    """

    main: float = 0.0
    period: float = 0.0
    stones: int = 0
    periods: int = 0
    limited: bool = False
    remaining: tuple[tuple[float, int] | None, tuple[float, int] | None] = (None, None)

    def restarted(self) -> "Clock":
        """Return a clock with the same limits at the start of a game."""
        return replace(self, remaining=(None, None))

    def with_remaining(self, colour: int, seconds: float, stones: int) -> "Clock":
        """Return the clock after a `time_left` command."""
        by_colour = {BLACK: self.remaining[0], WHITE: self.remaining[1], colour: (seconds, stones)}
        return replace(self, remaining=(by_colour[BLACK], by_colour[WHITE]))

    def budget(self, colour: int, points: int, ply: int) -> float:
        """Return the seconds that a move may take: at least 0, infinite without a limit.

        Args:
            colour: The player to move.
            points: The number of points of the board.
            ply: Moves and passes so far.
        """
        remaining = self.remaining[0 if colour == BLACK else 1]
        if remaining is None and not self.limited:
            return float("inf")
        seconds, stones = remaining if remaining is not None else (self.main, 0)
        if stones and self.periods:  # byo-yomi: the period is for this move, stones counts the periods
            share = seconds
        elif stones:
            share = seconds / stones
        else:
            share = seconds / max(_MIN_REMAINING_MOVES, _MOVES_PER_POINT * points - ply / 2)
            if self.period:  # overtime follows, so main time may run out
                share = max(share, self.period / max(1, self.stones))
        return max(0.0, share - _LAG)


def canadian(main: float, period: float, stones: int) -> Clock:
    """Return a clock with the meaning of `time_settings`.

    A period without stones means no limit at all; without a period the main time is all there is.

    Args:
        main: Seconds of main time.
        period: Seconds of an overtime period.
        stones: Moves to be made in a period.
    """
    unlimited = period > 0 and stones == 0
    return Clock(main, period, stones, limited=not unlimited)


def byo_yomi(main: float, period: float, periods: int) -> Clock:
    """Return a clock with Japanese byo-yomi.

    Args:
        main: Seconds of main time.
        period: Seconds of an overtime period. A move that takes less costs no period.
        periods: The number of periods.
    """
    return Clock(main, period, 1, periods, limited=True)

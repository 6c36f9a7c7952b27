"""Endgame decisions of a player without search: whether the game is over, and what is still worth playing.

Everything here is estimated by playouts (`goengine.game.scoring`); the policy is not asked.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from goengine.game.board import BLACK, EMPTY, Board, opponent
from goengine.game.planes import NUM_PLANES, PLANES, encode
from goengine.game.scoring import Playouts, estimate_either, points_next_to_seki, score_of
from goengine.kernel.playouts.endgame import find_gain, find_open


@dataclass(frozen=True)
class EndgameSettings:
    """The constants of endgame decisions.

    Numbers of playouts are totals for a position: those already played count. Agreement is the share of
    decisions at the end of real games that are the same as with 2048 playouts.

    Attributes:
        late_share: The share of the points on which a stone must have been played for the game to be late.
        nearly_full_share: The share of the points with stones at which half of all positions are settled.
        first_playouts: Usually enough to tell the middle game from the endgame. Nearly full boards skip it.
        second_playouts: Where the first are not enough.
        playouts: For an assessment; 85 % agreement.
        thorough_playouts: For an assessment that may end the game; 90 % agreement.
        pass_winrate: The winrate from which a pass may end a game in which points remain to be played for.
        unsettled_ownership: A point owned less surely than this may still change hands.
        seki_share: A chain that ends next to a point that neither side plays, in more than this share of the
            playouts, may be in seki.
        capture_moves: Moves that are considered to capture dead stones.
        capture_playouts: For the position after such a move.
        capture_noise: Points by which the estimate after such a move may fall although nothing was lost.
        forcing_probability: A move of this probability is played even if it seems to gain nothing: it may be
            a ko threat or a defence.
        defence_probability: A move of this probability in own territory is played instead of a pass.
        resign_playouts: For the decision to resign.
        resign_moves: Hopeless positions in a row after which the player resigns.
    """

    late_share: float = 0.3
    nearly_full_share: float = 0.65
    first_playouts: int = 8
    second_playouts: int = 32
    playouts: int = 40
    thorough_playouts: int = 48
    pass_winrate: float = 0.9
    unsettled_ownership: float = 0.5
    seki_share: float = 0.1
    capture_moves: int = 8
    capture_playouts: int = 32
    capture_noise: float = 1.5
    forcing_probability: float = 0.5
    defence_probability: float = 0.8
    resign_playouts: int = 100
    resign_moves: int = 3


ENDGAME = EndgameSettings()


@dataclass(frozen=True)
class Assessment:
    """An estimate of an endgame position for the player to move; all values are from that player's view.

    Attributes:
        gain: Empty points where a move may gain something for either side, bool [size * size]: points
            between the colours or not safely owned, except those next to a seki.
        ownership: The mean owner of each point, float64 [size * size]: 1 the player, -1 the opponent.
        winrate: The share of playouts that the player wins.
        lead: The player's lead with dead stones removed, in points.
        lead_as_it_stands: The player's lead with all stones counted as alive, in points.
        dead: Points of the opponent's dead stones.
    """

    gain: NDArray[np.bool_]
    ownership: NDArray[np.float64]
    winrate: float
    lead: float
    lead_as_it_stands: float
    dead: list[int]


class Action(Enum):
    """What to do in an endgame position."""

    PASS = "pass"
    CAPTURE_DEAD = "capture dead stones"
    GAIN = "play a move that may gain something"
    DEFEND = "play in own territory if the policy is very sure of it, else pass"


@dataclass(frozen=True)
class EndgameState:
    """All that an endgame decision depends on, from the view of the player to move.

    Attributes:
        winrate: The share of playouts that the player wins.
        lead: The player's lead with dead stones removed, in points.
        lead_as_it_stands: The player's lead with all stones counted as alive, in points.
        can_gain: Whether a sensible move may gain something.
        can_capture_dead: Whether the opponent has dead stones that the player may capture.
        opponent_passed: Whether a pass would end the game.
        cleanup: Whether dead stones have to be captured before the game is counted.
        area_scoring: Whether stones left on the board count.
    """

    winrate: float
    lead: float
    lead_as_it_stands: float
    can_gain: bool
    can_capture_dead: bool
    opponent_passed: bool = False
    cleanup: bool = False
    area_scoring: bool = True

    @classmethod
    def of(
        cls,
        board: Board,
        assessment: Assessment,
        sensible: NDArray[np.bool_],
        opponent_passed: bool,
        cleanup: bool,
    ) -> "EndgameState":
        """Return the state of an assessed position; `sensible`: bool [size * size]."""
        return cls(
            winrate=assessment.winrate,
            lead=assessment.lead,
            lead_as_it_stands=assessment.lead_as_it_stands,
            can_gain=bool((assessment.gain & sensible).any()),
            can_capture_dead=bool(assessment.dead),
            opponent_passed=opponent_passed,
            cleanup=cleanup,
            area_scoring=board.rules.scoring == "area",
        )

    def decide(self) -> Action:
        """Return what to do."""
        needs_captures = self.area_scoring and self.lead > 0 and self.lead_as_it_stands <= 0
        wins_by_passing = self.opponent_passed and self.lead > 0 and not needs_captures
        if self.cleanup:
            if self.can_capture_dead:
                return Action.CAPTURE_DEAD
            return Action.GAIN if self.can_gain else Action.PASS
        if wins_by_passing and (self.winrate >= ENDGAME.pass_winrate or not self.can_gain):
            return Action.PASS
        if self.can_gain:
            return Action.GAIN
        if needs_captures and self.can_capture_dead:
            return Action.CAPTURE_DEAD
        return Action.DEFEND


def is_late(board: Board) -> bool:
    """Return whether enough stones were played for the game to be near its end."""
    stones = int((board.stones != EMPTY).sum()) + sum(board.captures.values())
    return stones >= ENDGAME.late_share * board.size**2


def max_open_points(size: int) -> int:
    """Return how many points may be unsettled at the end of a game: 22 on 19x19, 6 on 9x9."""
    return size**2 // 18 + 2


def is_settled(board: Board, playouts: Playouts, thorough: bool = False) -> bool:
    """Return whether few empty points may still change hands.

    Args:
        board: The position.
        playouts: Playouts of this position begun by either side, none played yet; some are played.
        thorough: Play as many as an assessment that may end the game needs.
    """
    settings = ENDGAME
    nearly_full = int((board.stones != EMPTY).sum()) >= settings.nearly_full_share * board.size**2
    last = settings.thorough_playouts if thorough else settings.second_playouts
    for total in (last,) if nearly_full else (settings.first_playouts, last):
        playouts.play(total - len(playouts))
        unsettled = (board.stones == EMPTY) & (np.abs(playouts.ownership) < settings.unsettled_ownership)
        if int(unsettled.sum()) > max_open_points(board.size):
            return False
    return True


def clearly_open(board: Board, playouts: Playouts) -> NDArray[np.bool_]:
    """Return the empty points that few playouts already show to be worth a move: bool [size * size].

    Either side owns such a point about equally often, or it lies between stones of both colours that live in
    nearly all playouts. Points next to a possible seki are excluded.
    """
    cells, _, neighbours = board.arrays
    result = np.empty(board.size**2, np.bool_)
    unsettled = ENDGAME.unsettled_ownership
    ownership, neutral = playouts.ownership.ravel(), playouts.neutral.ravel()
    find_open(cells, neighbours, ownership, neutral, unsettled, unsettled / 2, ENDGAME.seki_share, result)
    return result


def assess(board: Board, playouts: Playouts | None = None, thorough: bool = True) -> Assessment:
    """Assess an endgame position for the player to move.

    Args:
        board: The position.
        playouts: Playouts of this position begun by either side, if some were already played.
        thorough: Whether the game may end by the decision, which takes more playouts.
    """
    sign = 1 if board.to_play == BLACK else -1
    if playouts is None:
        playouts = Playouts(board, first=EMPTY)
    total = ENDGAME.thorough_playouts if thorough else ENDGAME.playouts
    if len(playouts) < total:
        playouts.play(total - len(playouts))
    estimate = playouts.estimate()
    cells, _, neighbours = board.arrays
    stones, ownership = board.stones.ravel(), estimate.ownership.ravel().astype(np.float64)
    gain = np.empty(board.size**2, np.bool_)
    find_gain(cells, neighbours, ownership, board.owner(estimate.dead), ENDGAME.unsettled_ownership, gain)
    gain[list(points_next_to_seki(board, estimate.dead, estimate.seki))] = False
    return Assessment(
        gain=gain,
        ownership=sign * ownership,
        winrate=estimate.winrate if sign > 0 else 1 - estimate.winrate,
        lead=sign * score_of(board, estimate.dead, estimate.seki),
        lead_as_it_stands=sign * board.score(),
        dead=[p for p in estimate.dead if stones[p] == opponent(board.to_play)],
    )


def _planes_of(group: str) -> list[int]:
    return [plane.index for plane in PLANES if plane.group == group]


_CAPTURES = _planes_of("capture size")[1:]  # the first plane is for captures of no stones
_SELF_ATARI = _planes_of("self-atari size")
_LIBERTIES = _planes_of("liberties after move")


def capturing_move(board: Board, assessment: Assessment, sensible: NDArray[np.bool_]) -> int | None:
    """Return the move that captures dead stones or comes nearest to it; None if there is none.

    A capture is preferred, then a liberty of the dead chain with the fewest, then another point next to dead
    stones. Moves by which the player would lose points, as playouts estimate it, are skipped.
    """
    planes = encode(board).reshape(NUM_PLANES, -1)
    captures = planes[_CAPTURES].max(axis=0) == 1
    self_atari = (planes[_SELF_ATARI].max(axis=0) == 1) & ~captures
    has_liberties = planes[_LIBERTIES].max(axis=0) == 1  # no suicide
    dead, neighbours = set(assessment.dead), board.arrays[2].reshape(-1, 4)

    def rank(point: int) -> tuple[bool, bool, int, int]:
        """Lower is better."""
        liberties = [board.liberties(q) for q in map(int, neighbours[point]) if q in dead]
        return not captures[point], bool(self_atari[point]), min(liberties, default=99), point

    sign = 1 if board.to_play == BLACK else -1
    reachable = points_next_to_seki(board, assessment.dead, assessment.dead)
    candidates = [p for p in reachable if sensible[p] and has_liberties[p]]
    for point in sorted(candidates, key=rank)[: ENDGAME.capture_moves]:
        after = board.copy()
        after.play(point)
        estimate = estimate_either(after, ENDGAME.capture_playouts)
        if sign * score_of(after, estimate.dead, estimate.seki) >= assessment.lead - ENDGAME.capture_noise:
            return point
    return None

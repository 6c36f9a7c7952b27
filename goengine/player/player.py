"""From a policy's probabilities to a move."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from goengine.errors import GoEngineError
from goengine.game.board import BLACK, EMPTY, WHITE, Board, opponent
from goengine.game.scoring import Playouts, estimate
from goengine.player.endgame import SURE, Outlook, cleaning_move, is_late, is_settled, look, plainly_open
from goengine.points import NUM_SYMMETRIES, RESIGN, pass_move


class PointPolicy(Protocol):
    """What a player needs of a policy; `goengine.policy.base.Policy` is one."""

    @property
    def size(self) -> int: ...

    def can_play(self, size: int) -> bool:
        """Whether it can be asked about boards of this size."""
        ...

    def policies(self, boards: Sequence[Board], symmetries: int = 1) -> NDArray[np.float32]:
        """Probabilities over the points, float32 [len(boards), size * size], each for the player to move."""
        ...


_FORCING = 0.5  # likelihood of a move that is played though it seems to gain nothing: a ko threat, a defence
_NEEDED = 0.8  # likelihood of a move at home that is played though nothing else is left
_JUDGING = 100  # random games that show a position to be hopeless
_DOUBTS = 3  # moves in a row


def check_settings(
    temperature: float, seed: int | None, symmetries: int, top_p: float = 1.0, resign: float = 0.0
) -> None:
    """Raises GoEngineError for a temperature or seed that is no number from 0, symmetries not 1 or 8, a top_p
    that is no share above 0, or a share of games to resign at that is not from 0 to below a half.
    """
    if not 0.0 <= temperature < float("inf"):
        raise GoEngineError(f"temperature {temperature} is not a number from 0")
    if seed is not None and seed < 0:
        raise GoEngineError(f"seed {seed} is not a whole number from 0")
    if symmetries not in (1, NUM_SYMMETRIES):
        raise GoEngineError(f"symmetries is {symmetries}; expected 1 or {NUM_SYMMETRIES}")
    if not 0.0 < top_p <= 1.0:
        raise GoEngineError(f"top_p {top_p} is not a share above 0, up to 1")
    if not 0.0 <= resign < 0.5:
        raise GoEngineError(f"resign {resign} is not a share of games from 0 to below 0.5")


class Player:
    """Chooses moves by a policy alone, without search.

    A policy knows points only, so how a game ends is decided here, by what random games say of the position
    (`goengine.player.endgame`). They are asked only where it can matter: late, when few points are left to
    play for, or when the opponent has passed.

    - While anything is left to gain, the likeliest move is played that may gain something, or of which the
      policy is sure.
    - With nothing left to gain the player passes, unless the policy is very sure of a move at home. Under
      area rules it first takes dead stones off, if it is ahead without them and not with them.
    - A pass is answered with a pass where that wins, or nothing is left to gain.

    Attributes: policy; temperature; symmetries; top_p; resign.
    """

    def __init__(
        self,
        policy: PointPolicy,
        temperature: float = 0.0,
        seed: int | None = None,
        symmetries: int = 1,
        top_p: float = 1.0,
        resign: float = 0.0,
    ) -> None:
        """temperature: 0 plays the likeliest move; 1 draws moves as often as the policy expects them;
            above 1 more evenly.
        seed: of the draws; a fresh one unless given.
        symmetries: 1, or 8 to average the policy over the board's symmetries.
        top_p: moves are drawn from the likeliest ones alone, as few as hold this share of all probability
            (Holtzman et al., arXiv 1904.09751); 1 leaves none out.
        resign: the share of random games that the player has to win; it resigns when it has won fewer, and
            is behind in points, at three of its moves in a row. 0 never resigns. 0.2 is careful.

        Raises GoEngineError as `check_settings` does.
        """
        check_settings(temperature, seed, symmetries, top_p, resign)
        self.policy = policy
        self.temperature = temperature
        self.symmetries = symmetries
        self.top_p = top_p
        self.resign = resign
        self._random = np.random.default_rng(seed)
        # By colour, the plies of its last moves, as long as all were hopeless.
        self._hopeless: dict[int, list[int]] = {BLACK: [], WHITE: []}

    @property
    def size(self) -> int:
        """The board size that the policy was made for."""
        return self.policy.size

    def can_play(self, size: int) -> bool:
        """Whether the player can play on boards of this size."""
        return self.policy.can_play(size)

    def choose(
        self, board: Board, colour: int | None = None, cleanup: bool = False, banned: Iterable[int] = ()
    ) -> int:
        """The move of a colour (of the player to move unless given): a point, a pass, or RESIGN.

        A colour out of turn moves as if the other had passed in between. The board is left as it is.
        cleanup: take dead stones off, and pass only when none is left (KGS asks for it where players disagree
            about them).
        banned: points that it does not play; a pass cannot be banned.

        Raises GoEngineError if the policy cannot play the board's size.
        """
        view = board.copy()
        if colour is not None and colour != view.to_play:
            view.play("pass")
        # A policy always takes up a triple ko or an eternal life again. So that games end it keeps to
        # superko even where the rules do not ask for it, and takes its next choice.
        view.rules = replace(view.rules, ko="positional")
        sensible = view.sensible_moves()
        sensible[list(banned)] = False
        if not sensible.any():
            return pass_move(board.size)
        passed = bool(board.ply) and board.moves[-1] == (opponent(view.to_play), pass_move(board.size))
        late = passed or cleanup or is_late(view)
        if late and self._is_hopeless(view):
            return RESIGN
        thorough = passed or cleanup
        games = Playouts(view, first=EMPTY)
        ends = cleanup or (late and is_settled(view, games, thorough))
        # Mostly a few games already show that the policy's move is worth playing.
        clear = plainly_open(view, games) if ends and not thorough else None
        outlook = look(view, games, thorough) if ends and (clear is None or not clear.any()) else None
        if outlook is not None:
            decided = self._without_policy(view, outlook, sensible, passed, cleanup)
            if decided is not None:
                return decided
        # Asked as late as can be: a network's threads keep their cores busy for a while after it.
        likelihoods = self.policy.policies([view], self.symmetries)[0]
        move = self._pick(likelihoods, sensible)
        if not ends:
            return move
        if outlook is None:
            assert clear is not None
            if clear[move] or likelihoods[move] >= _FORCING:
                return move
            outlook = look(view, games, thorough=False)
            decided = self._without_policy(view, outlook, sensible, passed, cleanup)
            if decided is not None:
                return decided
        return self._end(view, outlook, likelihoods, sensible, cleanup)

    def _without_policy(
        self, board: Board, view: Outlook, sensible: NDArray[np.bool_], passed: bool, cleanup: bool
    ) -> int | None:
        """A move near the end of the game that needs no policy: the pass that wins, or one that cleans up."""
        area = board.rules.scoring == "area"
        won = view.lead > 0 and (not area or view.lead_as_it_stands > 0)
        gain = bool((view.gain & sensible).any())
        if passed and won and not cleanup and (view.winrate >= SURE or not gain):
            return pass_move(board.size)
        unclean = area and view.lead > 0 and not won
        if view.dead and (cleanup or (unclean and not gain)):
            return cleaning_move(board, view, sensible)
        return None

    def _end(
        self,
        board: Board,
        view: Outlook,
        likelihoods: NDArray[np.float32],
        sensible: NDArray[np.bool_],
        cleanup: bool,
    ) -> int:
        """Any other move near the end of the game, after a closer look."""
        gain = view.gain & sensible
        if gain.any():
            return self._pick(likelihoods, gain | (sensible & (likelihoods >= _FORCING)))
        # The policy may see a weakness at home that random games do not.
        needed = sensible & (likelihoods >= _NEEDED) & (view.ownership > 0)
        if needed.any() and not cleanup:
            return int(likelihoods.argmax())
        return pass_move(board.size)

    def _is_hopeless(self, board: Board) -> bool:
        """Whether to resign: not at the first doubt, but at the third in a row."""
        if self.resign == 0:
            return False
        found = estimate(board, _JUDGING)
        winrate, score = (
            (found.winrate, found.score) if board.to_play == BLACK else (1 - found.winrate, -found.score)
        )
        plies = self._hopeless[board.to_play]
        if plies and board.ply == plies[-1]:
            plies.pop()  # asked once more
        if (plies and board.ply != plies[-1] + 2) or winrate >= self.resign or score >= 0:
            plies.clear()  # another game or moves taken back, or hope
        if winrate < self.resign and score < 0:
            plies.append(board.ply)
        return len(plies) >= _DOUBTS

    def _pick(self, probabilities: NDArray[np.float32], allowed: NDArray[np.bool_]) -> int:
        points = np.flatnonzero(allowed)
        likelihoods = probabilities[points].astype(np.float64)
        if self.temperature == 0:
            return int(points[likelihoods.argmax()])
        # In logarithms: a small temperature would take powers out of a float's range. A point that the
        # policy gives nothing counts as the smallest float32.
        logits = np.log(np.maximum(likelihoods, np.finfo(np.float32).tiny)) / self.temperature
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        if self.top_p < 1:
            falling = np.argsort(-weights, kind="stable")
            before = np.cumsum(weights[falling]) - weights[falling]  # of all likelier moves together
            weights[falling[before >= self.top_p]] = 0
            weights /= weights.sum()
        return int(self._random.choice(points, p=weights))

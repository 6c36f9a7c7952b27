"""A game as a controller sees it: the board, the rules, the clock, and who plays."""

import contextlib
import time
from collections.abc import Callable, Iterator

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.rules import get_rules
from goengine.gtp.engine.clock import Clock
from goengine.gtp.engine.protocol import GtpError
from goengine.gtp.engine.settings import Settings
from goengine.player.player import Player, PointPolicy
from goengine.points import parse_vertex, pass_move
from goengine.policy.loading import load_policy

DEFAULTS = Settings()

_SAFETY = 3.0  # a move gets no more symmetries than fit so many times into its time


class Session:
    """What commands read and change.

    Attributes: settings; clock.
    """

    def __init__(
        self,
        player: Callable[[], Player],
        settings: Settings = DEFAULTS,
        load_policy: Callable[[str, str], PointPolicy] = load_policy,
    ) -> None:
        """player: gives the player, at once or when it has loaded. It is asked for when a command needs
            the board, so that the rest is answered before; it may raise GoEngineError each time.
        settings: what the player was made with, and the first board's size, komi and rules.
        load_policy: gives the policy of a model's name and a backend, when another is asked for.
        """
        self.settings = settings
        self.clock = Clock()
        self._player = player
        self._load_policy = load_policy
        self._board: Board | None = None
        self._slowest: dict[int, float] = {}  # seconds a move has taken lately, by symmetries

    @property
    def player(self) -> Player:
        """The player; waits until it has loaded. Raises GoEngineError if it cannot be loaded."""
        return self._player()

    @property
    def board(self) -> Board:
        """The board, made when it is first asked for."""
        if self._board is None:
            self._board = self.empty_board(self.settings.size or self.player.size)
        return self._board

    @board.setter
    def board(self, board: Board) -> None:
        self._board = board
        self.settings = self.settings.replace(komi=board.komi)

    def new_game(self, size: int) -> None:
        """Clear the board. Raises GtpError for a size that cannot be played."""
        self.board = self.empty_board(size)
        self.clock = self.clock.full()

    def empty_board(self, size: int, komi: float | None = None) -> Board:
        """An empty board of the komi and rules set. Raises GtpError for a size that cannot be played."""
        if not self.player.can_play(size):
            raise GtpError("unacceptable size")
        return Board(size, self.settings.komi if komi is None else komi, self.settings.rules)

    def change(self, name: str, value: str | float) -> None:
        """Change one setting, of this game and the next ones.

        Raises GoEngineError for a setting that does not exist, a value that makes no sense, or a model
        that cannot be loaded or cannot play the board's size; nothing is changed then.
        """
        settings = self.settings.replace(**{name: value})
        if name == "komi":
            if self._board is not None:
                self._board.komi = settings.komi
        elif name == "rules":
            if self._board is not None:
                self._board.rules = get_rules(settings.rules)
        elif name == "model":
            player = settings.new_player(self._load_policy(settings.model, settings.backend))
            if self._board is not None and not player.can_play(self._board.size):
                raise GoEngineError(
                    f"the model {settings.model} cannot play on {self._board.size}x{self._board.size}"
                )
            self._player = lambda: player
        else:
            setattr(self.player, name, getattr(settings, name))
        self.settings = settings

    def require_empty_board(self) -> None:
        """Raises GtpError where stones lie or a move was made."""
        if self.board.ply or self.board.stones.any():
            raise GtpError("board not empty")

    def read_vertex(self, word: str) -> int:
        """A point of the board, or a pass. Raises GtpError."""
        try:
            return parse_vertex(word, self.board.size)
        except GoEngineError:
            raise GtpError("syntax error") from None

    def read_point(self, word: str) -> int:
        """A point of the board, no pass. Raises GtpError."""
        point = self.read_vertex(word)
        if point == pass_move(self.board.size):
            raise GtpError("syntax error")
        return point

    @contextlib.contextmanager
    def on_the_clock(self, colour: int) -> Iterator[Player]:
        """The player, for one move: with a single symmetry where the clock leaves no time for more."""
        player = self.player
        wanted = self.settings.symmetries
        budget = self.clock.budget(colour, self.board.size**2, self.board.ply)
        if budget < _SAFETY * self._slowest.get(wanted, 0.0):
            player.symmetries = 1
        started = time.monotonic()
        try:
            yield player
        finally:
            seconds = time.monotonic() - started
            # The slowest lately: one slow move of a busy machine is forgotten within some twenty moves.
            slowest = 0.9 * self._slowest.get(player.symmetries, 0.0)
            self._slowest[player.symmetries] = max(seconds, slowest)
            player.symmetries = wanted

"""The state that commands read and change: board, settings, clock and player."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.game.rules import get_rules
from goengine.gtp.engine.clock import Clock
from goengine.gtp.engine.protocol import GtpError
from goengine.gtp.engine.settings import Settings
from goengine.gtp.notation import format_move
from goengine.player.player import Player, PointPolicy
from goengine.points import RESIGN, parse_vertex, pass_move
from goengine.policy.loading import load_policy

_SAFETY_FACTOR = 3.0  # symmetries are averaged if the slowest recent move took less than budget / 3


class Session:
    """A game as the controller sees it.

    Attributes:
        settings: The settings now in force.
        clock: The time limits and each player's remaining time.
    """

    def __init__(
        self,
        player: Callable[[], Player],
        settings: Settings | None = None,
        load_policy: Callable[[str, str], PointPolicy] = load_policy,
    ) -> None:
        """Make a session without a board; the first command that needs the board makes it.

        Args:
            player: Returns the player; may block until it has loaded, and may raise GoEngineError each time.
                It is called only by commands that need the player, so that others are answered meanwhile.
            settings: The settings that the player was made with, and the first board's size, komi and rules;
                the defaults unless given.
            load_policy: Loads a policy from a model's name and a backend, when the model is changed.
        """
        self.settings = Settings() if settings is None else settings
        self.clock = Clock()
        self._player = player
        self._load_policy = load_policy
        self._board: Board | None = None
        self._slowest: dict[int, float] = {}  # by symmetries: seconds of the slowest recent move

    @property
    def player(self) -> Player:
        """The player. Waits until it has loaded; raises GoEngineError if it cannot be loaded."""
        return self._player()

    @property
    def board(self) -> Board:
        """The board."""
        if self._board is None:
            self._board = self.empty_board(self.settings.size or self.player.size)
        return self._board

    @board.setter
    def board(self, board: Board) -> None:
        self._board = board
        self.settings = self.settings.replace(komi=board.komi)

    def new_game(self, size: int) -> None:
        """Clear the board and restart the clock.

        Raises:
            GtpError: If the model cannot play on boards of this size.
        """
        self.board = self.empty_board(size)
        self.clock = self.clock.restarted()

    def empty_board(self, size: int, komi: float | None = None) -> Board:
        """Return an empty board with the rules and, unless given, the komi of the settings.

        Raises:
            GtpError: If the model cannot play on boards of this size.
        """
        if not self.player.can_play(size):
            raise GtpError("unacceptable size")
        return Board(size, self.settings.komi if komi is None else komi, self.settings.rules)

    def change(self, name: str, value: str | float) -> None:
        """Change one setting, for this game and the next ones.

        Raises:
            GoEngineError: If the setting does not exist, the value is not allowed, or the model cannot be
                loaded or cannot play on the present board. Nothing is changed then.
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
        """Raise GtpError if there are stones on the board or a move was made."""
        if self.board.ply or self.board.stones.any():
            raise GtpError("board not empty")

    def read_vertex(self, word: str) -> int:
        """Return the point that a vertex names, or a pass.

        Raises:
            GtpError: If the word is neither.
        """
        try:
            return parse_vertex(word, self.board.size)
        except GoEngineError as error:
            raise GtpError("syntax error") from error

    def read_point(self, word: str) -> int:
        """Return the point that a vertex names.

        Raises:
            GtpError: If the word is not a point of the board.
        """
        point = self.read_vertex(word)
        if point == pass_move(self.board.size):
            raise GtpError("syntax error")
        return point

    def generate_move(self, colour: int, cleanup: bool = False, banned: Iterable[int] = ()) -> str:
        """Choose a move in the time available, play it, and return it as `genmove` answers it.

        Args:
            colour: The player to move.
            cleanup: Capture all dead stones before passing, as in `Player.choose`.
            banned: Points that are not to be played, as in `Player.choose`.
        """
        with self._timed_player(colour) as player:
            move = player.choose(self.board, colour, cleanup, banned)
        if move != RESIGN:
            self.board.play(move, colour)
        return format_move(move, self.board.size)

    @contextlib.contextmanager
    def _timed_player(self, colour: int) -> Iterator[Player]:
        """Yield the player for one move, without symmetry averaging if the clock leaves no time for it."""
        player = self.player
        symmetries = self.settings.symmetries
        budget = self.clock.budget(colour, self.board.size**2, self.board.ply)
        if budget < _SAFETY_FACTOR * self._slowest.get(symmetries, 0.0):
            player.symmetries = 1
        started = time.monotonic()
        try:
            yield player
        finally:
            seconds = time.monotonic() - started
            # The decay forgets one slow move of a busy machine within about twenty moves.
            slowest = 0.9 * self._slowest.get(player.symmetries, 0.0)
            self._slowest[player.symmetries] = max(seconds, slowest)
            player.symmetries = symmetries

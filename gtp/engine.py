"""The engine's state and its GTP commands.

The commands are those of the GTP 2 standard: all of section 6.3. What each does and how it fails is
written there; a docstring says what the standard leaves open.
"""

import logging
from collections.abc import Callable
from pathlib import Path

import goengine
from data.position import whole_record
from data.records import GameRecord
from data.sources import Sources
from goengine.board import BLACK, EMPTY, WHITE, Board
from goengine.errors import GoEngineError, IllegalMoveError
from goengine.player import Player
from goengine.points import check_size, format_vertex, parse_vertex, pass_move
from goengine.rules import Rules, check_komi, get_rules
from gtp.handicap import fixed_handicap, max_fixed_handicap
from gtp.protocol import GtpError, Handler, format_score, read_colour, read_float, read_integer

logger = logging.getLogger(__name__)


class Engine:
    """One game, as a controller sees it.

    handlers: every command's function, by the command's name, for `gtp.protocol.respond`.
    finished: whether `quit` was received.
    """

    def __init__(
        self,
        player: Callable[[], Player],
        size: int | None = None,
        komi: float = 7.5,
        rules: str | Rules = "chinese",
    ) -> None:
        """player: gives the player, at once or when it has loaded. It is asked for when a command needs
            the board, so that the rest is answered before; it may raise GoEngineError each time.
        size: the first board's size; None for the size of the player's policy.

        Raises GoEngineError for a size that no board has, a komi that is no number, or unknown rules.
        """
        self.finished = False
        self._player = player
        self._first_size = size if size is None else check_size(size)
        self._komi = check_komi(komi)
        self._rules = get_rules(rules)
        self._board: Board | None = None
        self.handlers: dict[str, Handler] = {
            # administrative
            "protocol_version": self.protocol_version,
            "name": self.name,
            "version": self.version,
            "known_command": self.known_command,
            "list_commands": self.list_commands,
            "quit": self.quit,
            # setup
            "boardsize": self.boardsize,
            "clear_board": self.clear_board,
            "komi": self.komi,
            "fixed_handicap": self.fixed_handicap,
            "place_free_handicap": self.place_free_handicap,
            "set_free_handicap": self.set_free_handicap,
            # core play
            "play": self.play,
            "genmove": self.genmove,
            "undo": self.undo,
            # tournament
            "time_settings": self.time_settings,
            "time_left": self.time_left,
            "final_score": self.final_score,
            "final_status_list": self.final_status_list,
            # regression
            "loadsgf": self.loadsgf,
            "reg_genmove": self.reg_genmove,
            # debug
            "showboard": self.showboard,
        }

    @property
    def board(self) -> Board:
        """The board, made when it is first asked for."""
        if self._board is None:
            size = self._player().size if self._first_size is None else self._first_size
            self._board = self._empty_board(size)
        return self._board

    # Administrative commands

    def protocol_version(self) -> str:
        return "2"

    def name(self) -> str:
        return "goengine"

    def version(self) -> str:
        return goengine.__version__

    def known_command(self, name: str) -> str:
        return "true" if name in self.handlers else "false"

    def list_commands(self) -> str:
        return "\n".join(self.handlers)

    def quit(self) -> str:
        self.finished = True
        return ""

    # Setup commands

    def boardsize(self, size: str) -> str:
        """The board is cleared, too."""
        self._board = self._empty_board(read_integer(size))
        return ""

    def clear_board(self) -> str:
        self._board = self._empty_board(self.board.size)
        return ""

    def komi(self, komi: str) -> str:
        self._komi = read_float(komi)
        if self._board is not None:
            self._board.komi = self._komi
        return ""

    def fixed_handicap(self, number: str) -> str:
        stones, size = read_integer(number), self.board.size
        if not 2 <= stones <= max_fixed_handicap(size):
            raise GtpError("invalid number of stones")
        return self._place_handicap(fixed_handicap(stones, size))

    def place_free_handicap(self, number: str) -> str:
        """The fixed places as far as there are any, then the policy's likeliest points for Black.

        Fewer stones come back than were asked for where the policy sees no sensible point any more.
        """
        stones, size = read_integer(number), self.board.size
        if not 2 <= stones < size * size:
            raise GtpError("invalid number of stones")
        self._require_empty_board()
        fixed = min(stones, max_fixed_handicap(size))
        points = fixed_handicap(fixed, size) if fixed >= 2 else []
        while len(points) < stones:
            trial = self._empty_board(size)
            trial.setup(points, (), BLACK)
            point = self._player().choose(trial)
            if point == pass_move(size):
                break
            points.append(point)
        return self._place_handicap(points)

    def set_free_handicap(self, *vertices: str) -> str:
        size = self.board.size
        points = [self._read_vertex(vertex) for vertex in vertices]
        repeated = len(set(points)) < len(points)
        if repeated or pass_move(size) in points or not 2 <= len(points) < size * size:
            raise GtpError("bad vertex list")
        self._place_handicap(points)
        return ""

    # Core play commands

    def play(self, colour: str, vertex: str) -> str:
        mover, move = read_colour(colour), self._read_vertex(vertex)
        try:
            self.board.play(move, mover)
        except IllegalMoveError:
            raise GtpError("illegal move") from None
        return ""

    def genmove(self, colour: str) -> str:
        """Time is not looked at: a move takes what one pass of the network takes."""
        mover = read_colour(colour)
        move = self._player().choose(self.board, mover)
        self.board.play(move, mover)
        return format_vertex(move, self.board.size)

    def undo(self) -> str:
        if not self.board.ply:
            raise GtpError("cannot undo")
        self.board.undo()
        return ""

    # Tournament commands

    def time_settings(self, main_time: str, byo_yomi_time: str, byo_yomi_stones: str) -> str:
        """Checked and taken note of by nobody: see genmove."""
        for word in (main_time, byo_yomi_time, byo_yomi_stones):
            read_integer(word)
        return ""

    def time_left(self, colour: str, time: str, stones: str) -> str:
        read_colour(colour)
        read_integer(time)
        read_integer(stones)
        return ""

    def final_score(self) -> str:
        """The board as it stands is counted, every stone as alive: a policy does not know dead stones."""
        return format_score(self.board.score())

    def final_status_list(self, status: str) -> str:
        """One chain a line. As in final_score every stone is alive."""
        if status not in ("alive", "seki", "dead"):
            raise GtpError("syntax error")
        if status != "alive":
            return ""
        board = self.board
        stones = board.stones.ravel()
        listed: set[int] = set()
        lines = []
        for point in range(board.size**2):
            if stones[point] != EMPTY and point not in listed:
                chain = board.chain(point)
                listed.update(chain)
                lines.append(" ".join(format_vertex(stone, board.size) for stone in sorted(chain)))
        return "\n".join(lines)

    # Regression commands

    def loadsgf(self, filename: str, move_number: str | None = None) -> str:
        """The first game of the file, its main line. Why a file cannot be loaded goes to standard error."""
        plies = None if move_number is None else max(read_integer(move_number) - 1, 0)
        try:
            record = _first_game(Path(filename))
            komi = self._komi if record.komi is None else record.komi
            board = self._empty_board(record.size, komi)
            board.setup(record.setup_black, record.setup_white, record.first_player)
            for move in record.moves[:plies]:
                board.play(move)
        except (GoEngineError, GtpError, OSError) as error:
            logger.warning("cannot load %s: %s", filename, error)
            raise GtpError("cannot load file") from None
        self._board, self._komi = board, komi
        return ""

    def reg_genmove(self, colour: str) -> str:
        mover = read_colour(colour)
        return format_vertex(self._player().choose(self.board, mover), self.board.size)

    # Debug commands

    def showboard(self) -> str:
        board = self.board
        captures = board.captures
        return (
            f"\n{board}\n{'Black' if board.to_play == BLACK else 'White'} to play, komi {board.komi:g}, "
            f"captured by Black {captures[BLACK]}, by White {captures[WHITE]}"
        )

    # Helpers

    def _empty_board(self, size: int, komi: float | None = None) -> Board:
        if not self._player().can_play(size):
            raise GtpError("unacceptable size")
        return Board(size, self._komi if komi is None else komi, self._rules)

    def _read_vertex(self, word: str) -> int:
        try:
            return parse_vertex(word, self.board.size)
        except GoEngineError:
            raise GtpError("syntax error") from None

    def _require_empty_board(self) -> None:
        if self.board.ply or self.board.stones.any():
            raise GtpError("board not empty")

    def _place_handicap(self, points: list[int]) -> str:
        self._require_empty_board()
        try:
            self.board.setup(points, (), WHITE)
        except GoEngineError:
            raise GtpError("bad vertex list") from None
        return " ".join(format_vertex(point, self.board.size) for point in points)


def _first_game(path: Path) -> GameRecord:
    """Raises GoEngineError or OSError if the file cannot be read or holds no game."""
    if not path.is_file():
        raise GoEngineError(f"there is no file {path}")
    problems: list[str] = []
    for game in Sources([path]).games(lambda reject: problems.append(str(reject))):
        return whole_record(game)
    raise GoEngineError(problems[0] if problems else f"{path} holds no game")

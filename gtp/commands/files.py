"""Games from files: `loadsgf` (section 6.3.5 of the standard)."""

import logging
from pathlib import Path

from data.position import whole_record
from data.records import GameRecord
from data.sources import Sources
from goengine.errors import GoEngineError
from gtp.protocol import GtpError, Handler, read_integer
from gtp.session import Session

logger = logging.getLogger(__name__)


def loadsgf(session: Session, filename: str, move_number: str | None = None) -> str:
    """The first game of the file, its main line. Why a file cannot be loaded goes to standard error."""
    plies = None if move_number is None else max(read_integer(move_number) - 1, 0)
    try:
        record = _first_game(Path(filename))
        komi = session.settings.komi if record.komi is None else record.komi
        board = session.empty_board(record.size, komi)
        board.setup(record.setup_black, record.setup_white, record.first_player)
        for move in record.moves[:plies]:
            board.play(move)
    except (GoEngineError, GtpError, OSError) as error:
        logger.warning("cannot load %s: %s", filename, error)
        raise GtpError("cannot load file") from None
    session.board = board
    return ""


def _first_game(path: Path) -> GameRecord:
    """Raises GoEngineError or OSError if the file cannot be read or holds no game."""
    if not path.is_file():
        raise GoEngineError(f"there is no file {path}")
    problems: list[str] = []
    for game in Sources([path]).games(lambda reject: problems.append(str(reject))):
        return whole_record(game)
    raise GoEngineError(problems[0] if problems else f"{path} holds no game")


COMMANDS: dict[str, Handler] = {"loadsgf": loadsgf}

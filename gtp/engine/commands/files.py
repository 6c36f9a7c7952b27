"""Games from files: `loadsgf` (section 6.3.5 of the standard)."""

import logging
from pathlib import Path

from goengine.data.sources.position import read_record
from goengine.errors import GoEngineError
from goengine.gtp.engine.protocol import GtpError, Handler, read_integer
from goengine.gtp.engine.session import Session

logger = logging.getLogger(__name__)


def loadsgf(session: Session, filename: str, move_number: str | None = None) -> str:
    """The first game of the file, its main line. Why a file cannot be loaded goes to standard error."""
    plies = None if move_number is None else max(read_integer(move_number) - 1, 0)
    try:
        record = read_record(Path(filename))
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


COMMANDS: dict[str, Handler] = {"loadsgf": loadsgf}

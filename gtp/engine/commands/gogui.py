"""GoGui's commands: pictures of what the network sees and predicts, set-up of positions, and settings.

The formats of pictures (dboard, cboard, pspairs, gfx and others) are described in GoGui's manual, "Analyze
Commands". Planes and probabilities are those of the player to move; ownership is positive for Black.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.colours import BLACK, EMPTY, WHITE, opponent
from goengine.errors import IllegalMoveError
from goengine.game import scoring
from goengine.game.planes import PLANES, encode
from goengine.gtp.engine.analysis import MAX_MOVES, Analysis
from goengine.gtp.engine.protocol import GtpError, Handler, read_colour
from goengine.gtp.engine.session import Session
from goengine.gtp.engine.settings import CHANGEABLE
from goengine.gtp.notation import COLOUR_LETTERS, format_score
from goengine.points import format_vertex, pass_move

_MIN_PROBABILITY = 0.001  # of a point that is coloured
_ANALYSIS_SECONDS, _ANALYSIS_STEPS = 0.5, 8  # of the top moves
_LEAST_LIKELY, _MOST_LIKELY = (255, 250, 200), (0, 110, 40)  # red, green, blue
_LADDER_CAPTURE, _LADDER_ESCAPE = 44, 45  # planes


def gogui_analyze_commands(_session: Session) -> str:
    """List the commands for GoGui's menu, one per line: the type of response, the label, the command."""
    planes = [f"cboard/Plane {p.index}: {p.name}/goengine-plane {_plane_word(p.name)}" for p in PLANES]
    return "\n".join([*_ANALYZE_COMMANDS, *planes])


_ANALYZE_COMMANDS = [
    "cboard/Policy heat map/goengine-heat_map",
    "dboard/Policy/goengine-policy",
    "pspairs/Top moves/goengine-top_moves",
    "gfx/Top moves with variation/goengine-top_moves_gfx",
    "dboard/Ownership/goengine-ownership",
    "cboard/Settled points/goengine-settled",
    "gfx/Ladders/goengine-ladders",
    "pspairs/Liberties/goengine-liberties",
    "string/Score estimate/goengine-estimate",
    "string/Final score/final_score",
    "plist/Dead stones/final_status_list dead",
    "plist/Stones in seki/final_status_list seki",
    "varc/Move it would play/reg_genmove %c",
    "param/Settings/goengine-param",
]


# Pictures


def policy(session: Session) -> str:
    """Show the probability of each point, divided by the greatest one (dboard)."""
    probabilities = _probabilities(session)
    return _format_board(f"{p / max(probabilities.max(), 1e-9):.3f}" for p in probabilities)


def heat_map(session: Session) -> str:
    """Show likelier points in a deeper green (cboard).

    The colour follows the square root of the probability, which makes small probabilities visible.
    """
    probabilities = _probabilities(session)
    depths = np.sqrt(probabilities / max(probabilities.max(), 1e-9))
    return _format_board(
        _colour(depth) if p >= _MIN_PROBABILITY else '""'
        for p, depth in zip(probabilities, depths, strict=True)
    )


def top_moves(session: Session) -> str:
    """Show the likeliest points, in percent (pspairs)."""
    probabilities = _probabilities(session)
    best = [int(p) for p in np.argsort(-probabilities)[:MAX_MOVES] if probabilities[p] > 0]
    return " ".join(f"{_vertex(session, p)} {100 * probabilities[p]:.1f}" for p in best)


def top_moves_gfx(session: Session) -> str:
    """Show the likeliest points in percent, and the best one's variation and playout results (gfx)."""
    board = session.board
    analysis = Analysis(session.player, board, board.to_play)
    best = analysis.candidates[0]
    if best.move == pass_move(board.size):
        return "TEXT no sensible move is left"
    for _ in range(_ANALYSIS_STEPS):
        analysis.improve(_ANALYSIS_SECONDS / _ANALYSIS_STEPS)
    letters = [COLOUR_LETTERS[colour].lower() for colour in (board.to_play, opponent(board.to_play))]
    moves = " ".join(
        f"{letters[ply % 2]} {_vertex(session, move)}" for ply, move in enumerate(best.variation)
    )
    marks = [
        f"COLOR {_colour((c.prior / best.prior) ** 0.5)} {_vertex(session, c.move)}"
        for c in analysis.candidates
    ]
    labels = " ".join(f"{_vertex(session, c.move)} {100 * c.prior:.0f}" for c in analysis.candidates)
    text = (
        f"TEXT {_vertex(session, best.move)} {100 * best.prior:.0f} %, wins {100 * best.winrate:.0f} % of "
        f"{best.visits} playouts, score {best.score:+.1f}"
    )
    return "\n".join([f"VAR {moves}", *marks, f"LABEL {labels}", text])


def ownership(session: Session) -> str:
    """Show the mean owner of each point at the end of playouts (dboard)."""
    return _format_board(f"{owner:.3f}" for owner in scoring.estimate(session.board).ownership.ravel())


def settled(session: Session) -> str:
    """Show stones and points whose owner no play can change (Benson's unconditional life; cboard)."""
    names = {BLACK: "black", WHITE: "white", EMPTY: '""'}
    return _format_board(names[int(owner)] for owner in scoring.settled_points(session.board))


def ladders(session: Session) -> str:
    """Mark ladder captures with triangles and ladder escapes with squares, for the player to move (gfx)."""
    planes = encode(session.board)
    lines = []
    for mark, plane in (("TRIANGLE", _LADDER_CAPTURE), ("SQUARE", _LADDER_ESCAPE)):
        points = np.flatnonzero(planes[plane])
        if len(points):
            lines.append(" ".join([mark, *(_vertex(session, int(p)) for p in points)]))
    counts = [int(planes[plane].sum()) for plane in (_LADDER_CAPTURE, _LADDER_ESCAPE)]
    lines.append(f"TEXT ladder captures (triangles): {counts[0]}, ladder escapes (squares): {counts[1]}")
    return "\n".join(lines)


def liberties(session: Session) -> str:
    """Show on each stone the number of its chain's liberties (pspairs)."""
    board = session.board
    return " ".join(
        f"{_vertex(session, point)} {board.liberties(chain[0])}"
        for chain in scoring.chains(board)
        for point in chain
    )


def plane(session: Session, *name: str) -> str:
    """Show where one of the network's 48 input planes is set, by its number or its name (cboard)."""
    word = "_".join(name).lower()
    for candidate in PLANES:
        if word in (str(candidate.index), _plane_word(candidate.name)):
            values = encode(session.board)[candidate.index].ravel()
            return _format_board("green" if value else '""' for value in values)
    raise GtpError(f"unknown plane {word[:40]}; expected a name or a number from 0 to {len(PLANES) - 1}")


def estimate(session: Session) -> str:
    """Estimate the score and Black's winrate by playouts (string)."""
    result = scoring.estimate(session.board)
    return (
        f"{format_score(round(2 * result.score) / 2)} on average over playouts, "
        f"of which Black wins {100 * result.winrate:.0f} %"
    )


def _probabilities(session: Session) -> NDArray[np.float32]:
    player = session.player
    probabilities: NDArray[np.float32] = player.policy.policies([session.board], player.symmetries)[0]
    return probabilities


def _format_board(words: Iterable[str]) -> str:
    """Return one word per point as a board, from the top row down.

    The first row is on the response's first line, because GoGui reads from the response's first space on.
    """
    cells = list(words)
    size = round(len(cells) ** 0.5)
    return "\n".join(" ".join(cells[row * size : (row + 1) * size]) for row in range(size))


def _colour(depth: float) -> str:
    """Return a colour between that of the least likely point, depth 0, and the most likely, depth 1."""
    return "#" + "".join(
        f"{round(least + depth * (most - least)):02x}"
        for least, most in zip(_LEAST_LIKELY, _MOST_LIKELY, strict=True)
    )


def _plane_word(name: str) -> str:
    return name.replace(" ", "_")


def _vertex(session: Session, point: int) -> str:
    return format_vertex(point, session.board.size)


# Set-up


def gogui_interrupt(_session: Session) -> str:
    """Do nothing. That the command exists tells GoGui that the comment `# interrupt` ends an analysis."""
    return ""


def play_sequence(session: Session, *words: str) -> str:
    """Play moves, given as colours and vertices in turn; play none if one is illegal."""
    board = session.board.copy()
    for colour, point in _read_pairs(words, session.read_vertex):
        try:
            board.play(point, colour)
        except IllegalMoveError as error:
            raise GtpError("illegal move") from error
    session.board = board
    return ""


def setup(session: Session, *words: str) -> str:
    """Place stones, given as colours and vertices in turn, on an empty board."""
    session.require_empty_board()
    stones: dict[int, list[int]] = {BLACK: [], WHITE: []}
    for colour, point in _read_pairs(words, session.read_point):
        stones[colour].append(point)
    session.board.setup(stones[BLACK], stones[WHITE], BLACK)
    return ""


def setup_player(session: Session, colour: str) -> str:
    """Set the player to move in a position that was set up."""
    session.board.setup(*session.board.setup_stones, read_colour(colour))
    return ""


def _read_pairs(words: Sequence[str], read_vertex: Callable[[str], int]) -> list[tuple[int, int]]:
    if len(words) % 2:
        raise GtpError("syntax error")
    return [
        (read_colour(colour), read_vertex(vertex))
        for colour, vertex in zip(words[::2], words[1::2], strict=True)
    ]


# Settings


def goengine_param(session: Session, name: str | None = None, *value: str) -> str:
    """List all settings with their types, one per line; or show one setting; or set one to a value.

    A value may contain spaces, such as a model's path.
    """
    if name is None:
        return "\n".join(f"{kind} {key} {_setting(session, key)}" for key, kind in CHANGEABLE.items())
    if name not in CHANGEABLE:
        raise GtpError(f"unknown setting {name[:40]!r}; expected one of {', '.join(CHANGEABLE)}")
    if not value:
        return _setting(session, name)
    session.change(name, " ".join(value))
    return ""


def _setting(session: Session, name: str) -> str:
    value = getattr(session.settings, name)
    return f"{value:g}" if isinstance(value, float) else str(value)


COMMANDS: dict[str, Handler] = {
    "gogui-analyze_commands": gogui_analyze_commands,
    "gogui-interrupt": gogui_interrupt,
    "gogui-play_sequence": play_sequence,
    "gogui-setup": setup,
    "gogui-setup_player": setup_player,
    "goengine-param": goengine_param,
    "goengine-heat_map": heat_map,
    "goengine-policy": policy,
    "goengine-top_moves": top_moves,
    "goengine-top_moves_gfx": top_moves_gfx,
    "goengine-ownership": ownership,
    "goengine-settled": settled,
    "goengine-ladders": ladders,
    "goengine-liberties": liberties,
    "goengine-plane": plane,
    "goengine-estimate": estimate,
}

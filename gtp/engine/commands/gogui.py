"""What GoGui understands: pictures of what the network sees and thinks, and its ways to set up a board.

The kinds of pictures (dboard, cboard, pspairs, gfx and others) are described in GoGui's manual, "Analyze
Commands". Planes and probabilities are the player to move's; ownership is Black's where positive.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from goengine.errors import IllegalMoveError
from goengine.game.board import BLACK, EMPTY, WHITE
from goengine.game.planes import PLANES, encode
from goengine.game.scoring import chains, estimate, settled_points
from goengine.gtp.engine.analysis import MAX_MOVES, Analysis
from goengine.gtp.engine.protocol import GtpError, Handler, format_score, read_colour
from goengine.gtp.engine.session import Session
from goengine.points import format_vertex, pass_move

_LEAST_SHOWN = 0.001  # of a probability that gets a colour
_SECONDS = 0.5  # of thinking about the best moves
_COLD, _HOT = (255, 250, 200), (0, 110, 40)  # red, green, blue of the least and the most likely point
_LADDER_CAPTURE, _LADDER_ESCAPE = 44, 45


def gogui_analyze_commands(_session: Session) -> str:
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
    """dboard: the probability of each point, as a share of the greatest."""
    probabilities = _probabilities(session)
    return _board_of(f"{p / max(probabilities.max(), 1e-9):.3f}" for p in probabilities)


def heat_map(session: Session) -> str:
    """cboard: the likelier a point, the greener. Colour goes by the root, as eyes do."""
    probabilities = _probabilities(session)
    depths = np.sqrt(probabilities / max(probabilities.max(), 1e-9))
    return _board_of(
        _mix(depth) if p >= _LEAST_SHOWN else '""' for p, depth in zip(probabilities, depths, strict=True)
    )


def top_moves(session: Session) -> str:
    """pspairs: the likeliest points, in percent."""
    probabilities = _probabilities(session)
    best = [int(p) for p in np.argsort(-probabilities)[:MAX_MOVES] if probabilities[p] > 0]
    return " ".join(f"{_vertex(session, p)} {100 * probabilities[p]:.1f}" for p in best)


def top_moves_gfx(session: Session) -> str:
    """gfx: the likeliest points in percent, the likeliest continuation, and what random games say of it."""
    board = session.board
    analysis = Analysis(session.player, board, board.to_play)
    if analysis.candidates[0].move == pass_move(board.size):
        return "TEXT no sensible move is left"
    for _ in range(8):
        analysis.improve(_SECONDS / 8)
    best, colour = analysis.candidates[0], "bw"[board.to_play == WHITE]
    other = "wb"[board.to_play == WHITE]
    labels = " ".join(f"{_vertex(session, c.move)} {100 * c.prior:.0f}" for c in analysis.candidates)
    moves = " ".join(
        f"{(colour, other)[ply % 2]} {_vertex(session, move)}" for ply, move in enumerate(best.variation)
    )
    marks = [
        f"COLOR {_mix((c.prior / best.prior) ** 0.5)} {_vertex(session, c.move)}" for c in analysis.candidates
    ]
    text = (
        f"TEXT {_vertex(session, best.move)} {100 * best.prior:.0f} %, wins {100 * best.winrate:.0f} % of "
        f"{best.visits} random games, score {best.score:+.1f}"
    )
    return "\n".join([f"VAR {moves}", *marks, f"LABEL {labels}", text])


def ownership(session: Session) -> str:
    """dboard: the mean owner of each point in random games."""
    return _board_of(f"{owner:.3f}" for owner in estimate(session.board).ownership.ravel())


def settled(session: Session) -> str:
    """cboard: stones and points whose owner no play can change (Benson's unconditional life)."""
    names = {BLACK: "black", WHITE: "white", EMPTY: '""'}
    return _board_of(names[int(owner)] for owner in settled_points(session.board))


def ladders(session: Session) -> str:
    """gfx: triangles where the player to move captures in a ladder, squares where it escapes from one."""
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
    """pspairs: on each stone the liberties of its chain."""
    board = session.board
    return " ".join(
        f"{_vertex(session, point)} {board.liberties(chain[0])}" for chain in chains(board) for point in chain
    )


def plane(session: Session, *name: str) -> str:
    """cboard: where one of the 48 planes is set, by its number or its name."""
    word = "_".join(name).lower()
    for candidate in PLANES:
        if word in (str(candidate.index), _plane_word(candidate.name)):
            return _board_of("green" if on else '""' for on in encode(session.board)[candidate.index].ravel())
    raise GtpError(f"there is no plane {word[:40]}; they have numbers from 0 to {len(PLANES) - 1}, or names")


def estimate_command(session: Session) -> str:
    """What random games say of the position."""
    found = estimate(session.board)
    return (
        f"{format_score(round(2 * found.score) / 2)} on average over random games, "
        f"of which Black wins {100 * found.winrate:.0f} %"
    )


# Setting up


def gogui_interrupt(_session: Session) -> str:
    """Tells that the comment `# interrupt` is heeded: it ends an analysis, as any line does."""
    return ""


def play_sequence(session: Session, *words: str) -> str:
    """Moves as colours and points in turn: all of them, or none."""
    board = session.board.copy()
    for colour, point in _pairs(words, session.read_vertex):
        try:
            board.play(point, colour)
        except IllegalMoveError:
            raise GtpError("illegal move") from None
    session.board = board
    return ""


def setup(session: Session, *words: str) -> str:
    """Stones as colours and points in turn, on an empty board."""
    session.require_empty_board()
    stones: dict[int, list[int]] = {BLACK: [], WHITE: []}
    for colour, point in _pairs(words, session.read_point):
        stones[colour].append(point)
    session.board.setup(stones[BLACK], stones[WHITE], BLACK)
    return ""


def setup_player(session: Session, colour: str) -> str:
    """Whose move it is in a position that was set up."""
    session.board.setup(*session.board.setup_stones, read_colour(colour))
    return ""


def _pairs(words: Sequence[str], read_place: Callable[[str], int]) -> list[tuple[int, int]]:
    if len(words) % 2:
        raise GtpError("syntax error")
    return [
        (read_colour(colour), read_place(vertex))
        for colour, vertex in zip(words[::2], words[1::2], strict=True)
    ]


def _probabilities(session: Session) -> NDArray[np.float32]:
    player = session.player
    return player.policy.policies([session.board], player.symmetries)[0]


def _board_of(words: Iterable[str]) -> str:
    """A board of words, a row a line, from the top.

    GoGui takes what follows a response's first space for its text: the first row is on the first line.
    """
    cells = list(words)
    size = round(len(cells) ** 0.5)
    return "\n".join(" ".join(cells[row * size : (row + 1) * size]) for row in range(size))


def _mix(depth: float) -> str:
    """A colour from _COLD, depth 0, to _HOT, depth 1."""
    return "#" + "".join(f"{round(c + depth * (h - c)):02x}" for c, h in zip(_COLD, _HOT, strict=True))


def _plane_word(name: str) -> str:
    return name.replace(" ", "_")


def _vertex(session: Session, point: int) -> str:
    return format_vertex(point, session.board.size)


COMMANDS: dict[str, Handler] = {
    "gogui-analyze_commands": gogui_analyze_commands,
    "gogui-interrupt": gogui_interrupt,
    "gogui-play_sequence": play_sequence,
    "gogui-setup": setup,
    "gogui-setup_player": setup_player,
    "goengine-heat_map": heat_map,
    "goengine-policy": policy,
    "goengine-top_moves": top_moves,
    "goengine-top_moves_gfx": top_moves_gfx,
    "goengine-ownership": ownership,
    "goengine-settled": settled,
    "goengine-ladders": ladders,
    "goengine-liberties": liberties,
    "goengine-plane": plane,
    "goengine-estimate": estimate_command,
}

"""The game: the board, rules, scoring, handicap, and the 48 planes that a policy sees.

>>> from goengine.game import Board, estimate
>>> board = Board(9, rules="japanese")
>>> board.play("E5")
>>> estimate(board).winrate > 0.4
True
"""

from typing import TYPE_CHECKING

from goengine.util.lazy import lazy_names

if TYPE_CHECKING:
    from goengine.colours import BLACK, EMPTY, WHITE, opponent
    from goengine.game.board import Board
    from goengine.game.diagrams import star_points
    from goengine.game.handicap import fixed_handicap
    from goengine.game.planes import PLANES, Plane, encode
    from goengine.game.rules import RULES, Rules
    from goengine.game.scoring import Estimate, Status, estimate, final_score, status

__all__ = [
    "BLACK",
    "EMPTY",
    "PLANES",
    "RULES",
    "WHITE",
    "Board",
    "Estimate",
    "Plane",
    "Rules",
    "Status",
    "encode",
    "estimate",
    "final_score",
    "fixed_handicap",
    "opponent",
    "star_points",
    "status",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("BLACK", "EMPTY", "WHITE", "opponent"), "goengine.colours"),
        "Board": "goengine.game.board",
        "star_points": "goengine.game.diagrams",
        "fixed_handicap": "goengine.game.handicap",
        **dict.fromkeys(("PLANES", "Plane", "encode"), "goengine.game.planes"),
        **dict.fromkeys(("RULES", "Rules"), "goengine.game.rules"),
        **dict.fromkeys(("Estimate", "Status", "estimate", "final_score", "status"), "goengine.game.scoring"),
    },
)

"""A Go engine that learns to play from game records.

>>> import goengine
>>> board = goengine.Board.from_sgf("(;SZ[9]KM[6.5];B[ee];W[gc];B[cg])")
>>> board.to_play == goengine.WHITE
True
>>> policy = goengine.load_policy()
>>> board.play(int(policy.policy(board).argmax()))  # the likeliest move
>>> board.ply
4

The names below are the public interface; everything else may change between versions. They and the packages
are imported at their first use, so `import goengine` takes no time.
"""

from typing import TYPE_CHECKING

from goengine.util.lazy import lazy_names

if TYPE_CHECKING:
    from goengine import data, drawing, env, game, gtp, nn, player, policy, training
    from goengine.colours import BLACK, EMPTY, WHITE
    from goengine.errors import GoEngineError, IllegalMoveError
    from goengine.game.board import Board
    from goengine.game.planes import PLANES, encode
    from goengine.game.rules import RULES, Rules
    from goengine.game.scoring import estimate, final_score
    from goengine.player.player import Player
    from goengine.points import format_vertex, parse_vertex
    from goengine.policy.base import Policy
    from goengine.policy.loading import load_policy

__all__ = [
    "BLACK",
    "EMPTY",
    "PLANES",
    "RULES",
    "WHITE",
    "Board",
    "GoEngineError",
    "IllegalMoveError",
    "Player",
    "Policy",
    "Rules",
    "data",
    "drawing",
    "encode",
    "env",
    "estimate",
    "final_score",
    "format_vertex",
    "game",
    "gtp",
    "load_policy",
    "nn",
    "parse_vertex",
    "player",
    "policy",
    "training",
]
__version__ = "0.1.0"

_PACKAGES = ("data", "drawing", "env", "game", "gtp", "nn", "player", "policy", "training")

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **{name: f"goengine.{name}" for name in _PACKAGES},
        "BLACK": "goengine.colours",
        "EMPTY": "goengine.colours",
        "WHITE": "goengine.colours",
        "GoEngineError": "goengine.errors",
        "IllegalMoveError": "goengine.errors",
        "Board": "goengine.game.board",
        "PLANES": "goengine.game.planes",
        "encode": "goengine.game.planes",
        "RULES": "goengine.game.rules",
        "Rules": "goengine.game.rules",
        "estimate": "goengine.game.scoring",
        "final_score": "goengine.game.scoring",
        "Player": "goengine.player.player",
        "format_vertex": "goengine.points",
        "parse_vertex": "goengine.points",
        "Policy": "goengine.policy.base",
        "load_policy": "goengine.policy.loading",
    },
)

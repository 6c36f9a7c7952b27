"""goengine learns to play Go from game records, and plays.

`Board` is the game, `encode` the 48 planes a policy sees (`PLANES` names them), `load_policy` a trained
network, `Player` one that moves. Each is imported at its first use, so that importing goengine is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goengine.errors import GoEngineError, IllegalMoveError
    from goengine.game.board import Board
    from goengine.game.planes import PLANES, encode
    from goengine.game.rules import RULES, Rules
    from goengine.player.player import Player
    from goengine.policy.base import Policy
    from goengine.policy.loading import load_policy

_HOMES = {  # of what is imported at its first use
    "Board": "game.board",
    "GoEngineError": "errors",
    "IllegalMoveError": "errors",
    "PLANES": "game.planes",
    "encode": "game.planes",
    "Player": "player.player",
    "Policy": "policy.base",
    "load_policy": "policy.loading",
    "RULES": "game.rules",
    "Rules": "game.rules",
}
_PACKAGES = ("data", "training", "gtp")

__all__ = [
    "PLANES",
    "RULES",
    "Board",
    "GoEngineError",
    "IllegalMoveError",
    "Player",
    "Policy",
    "Rules",
    "encode",
    "load_policy",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"goengine.{_HOMES[name]}"), name)
    if name in _PACKAGES:
        return import_module(f"goengine.{name}")
    raise AttributeError(f"module 'goengine' has no attribute {name!r}")

"""goengine learns to play Go from game records, and plays.

`Board` is the game, `encode` the 48 planes a policy sees (`PLANES` names them), `load_policy` a trained
network, `Player` one that moves. Each is imported at its first use, so that importing goengine is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goengine.backends import load_policy
    from goengine.board import Board
    from goengine.errors import GoEngineError, IllegalMoveError
    from goengine.planes import PLANES, encode
    from goengine.player import Player
    from goengine.policy import Policy
    from goengine.rules import RULES, Rules

_HOMES = {
    "Board": "board",
    "GoEngineError": "errors",
    "IllegalMoveError": "errors",
    "PLANES": "planes",
    "encode": "planes",
    "Player": "player",
    "Policy": "policy",
    "load_policy": "backends",
    "RULES": "rules",
    "Rules": "rules",
}

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
    raise AttributeError(f"module 'goengine' has no attribute {name!r}")

"""The GTP engine as a process, with a uniform policy on 9x9.

Run as `python stub_engine.py [SEED] [noisy]`. With `noisy` it prints to stdout, as libraries may do.
"""

import os
import sys
from pathlib import Path

# The code first: tests/goengine and its like carry the same names.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.stub_policy import UniformPolicy

from goengine.gtp.engine.engine import Engine
from goengine.gtp.engine.loop import protocol_input, protocol_output, serve
from goengine.gtp.engine.session import Session
from goengine.player.player import Player

if __name__ == "__main__":
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    player = Player(UniformPolicy(9), temperature=1.0, seed=seed)

    def noisy_player() -> Player:
        print("a library prints")
        os.write(1, b"a library in C prints\n")
        return player

    with protocol_output() as responses:
        load = noisy_player if "noisy" in sys.argv else lambda: player
        serve(Engine(Session(load)), protocol_input(), responses)

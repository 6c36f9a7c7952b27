"""Small GTP engines for tests of matches, each with one behaviour when asked for a move."""

import sys
from pathlib import Path

ENGINE = """
import pathlib, sys, time
starts = pathlib.Path(sys.argv[1])
with starts.open('a') as file:
    file.write('start\\n')
for line in sys.stdin:
    number, command, *arguments = line.split()
    def say(text=''):
        print('=' + number, text + '\\n', flush=True)
    if command == 'genmove':
        {move}
    elif command == 'name':
        say({name!r})
    else:
        say()
"""

MOVES = {
    "passes": "say('pass')",
    "resigns": "say('resign')",
    "hangs": "time.sleep(60)",
    "dies": "sys.exit('no licence found')",
    "cheats": "say('z99')",
    "refuses": "print('?' + number, 'not now\\n', flush=True)",
}


def engine(folder: Path, move: str, name: str = "stub") -> str:
    """Return the command of an engine that answers genmove with this behaviour, one of MOVES.

    The engine notes each start in a file, which `starts` reads.
    """
    program = folder / f"{name}.py"
    program.write_text(ENGINE.format(move=MOVES[move], name=name))
    return f'"{sys.executable}" "{program}" "{folder / name}.starts"'


def starts(folder: Path, name: str) -> int:
    """Return how often the engine of this name was started."""
    path = folder / f"{name}.starts"
    return path.read_text().count("start") if path.exists() else 0

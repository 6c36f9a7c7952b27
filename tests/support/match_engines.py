"""Small engines for matches: a few lines of Python each, well-behaved but for what they do when they move."""

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
    """The command of an engine that does this (one of MOVES) when it is to move.

    Each of its starts adds a line to the file that `starts` counts.
    """
    program = folder / f"{name}.py"
    program.write_text(ENGINE.format(move=MOVES[move], name=name))
    return f'"{sys.executable}" "{program}" "{folder / name}.starts"'


def starts(folder: Path, name: str) -> int:
    """How often that engine was started."""
    path = folder / f"{name}.starts"
    return path.read_text().count("start") if path.exists() else 0

"""Let programs play whole games and write them as one SGF collection.

This script made the bundled games: the bundled policy against itself with a temperature, the policy against
GNU Go, and GNU Go against itself.

    python examples/make_games.py games.sgf.bz2 --policy 120 --mixed 60 --gnugo 20

Each game begins with a stone in each corner; no two openings are equal under a symmetry of the board. Games
end by two passes or by resignation. GNU Go scores them if it is installed. Two games are played at a time;
GNU Go at level 10 takes about a minute for one.
"""

import argparse
import bz2
import os
import random
import shutil
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from goengine.data.sgf.records import record_to_sgf
from goengine.errors import GoEngineError
from goengine.gtp.client import Client, EngineError
from goengine.gtp.match.game import Game, play_game
from goengine.gtp.match.openings import distinct_openings
from goengine.util.files import check_target, whole_file

SIZE = 19
KOMI = 7.5


@dataclass(frozen=True)
class Pairing:
    """A game to play.

    Attributes:
        black: "policy" or "gnugo".
        white: "policy" or "gnugo".
        opening: The first moves, as points.
        seed: The seed of the engines.
    """

    black: str
    white: str
    opening: tuple[int, ...]
    seed: int


def main() -> int:
    """Play the games and write them; return the exit code."""
    arguments = read_arguments()
    check_target(arguments.out)  # the games take hours
    gnugo = shutil.which("gnugo") or shutil.which("gnugo", path="/usr/games")
    if gnugo is None and (arguments.mixed or arguments.gnugo):
        print("error: GNU Go is not installed (package gnugo)", file=sys.stderr)
        return 2
    pairings = make_pairings(arguments.policy, arguments.mixed, arguments.gnugo, arguments.seed)
    # Engines that use all cores would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    table = Table(arguments.model, arguments.temperature, gnugo)
    games: dict[int, Game] = {}
    status = 0
    with ThreadPoolExecutor(arguments.tables) as pool:
        # Each table plays a fixed share in order, so the games do not depend on which table is faster.
        shares = [range(first, len(pairings), arguments.tables) for first in range(arguments.tables)]
        tables = [pool.submit(table.play, pairings, share, games) for share in shares]
        try:
            for done in tables:
                done.result()
        except KeyboardInterrupt:
            table.stop.set()
            print("stopping after the current games; complete games are kept", file=sys.stderr)
            status = 130
    if not games:
        print("error: no game was finished", file=sys.stderr)
        return status or 2
    write_games(arguments.out, [games[index] for index in sorted(games)])
    print(f"{arguments.out}: {len(games)} games")
    return status


def read_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description="Let programs play games and write them as one SGF collection."
    )
    parser.add_argument("out", type=Path, help="collection to write, .sgf.bz2")
    parser.add_argument(
        "--policy", type=int, default=0, metavar="N", help="games of the policy against itself"
    )
    parser.add_argument(
        "--mixed", type=int, default=0, metavar="N", help="games of the policy against GNU Go"
    )
    parser.add_argument("--gnugo", type=int, default=0, metavar="N", help="games of GNU Go against itself")
    parser.add_argument("--model", default="default", help="model folder of the policy")
    parser.add_argument("--temperature", type=float, default=0.25, help="temperature of the policy")
    parser.add_argument("--seed", type=int, default=1, help="seed of the openings and engines")
    parser.add_argument("--tables", type=int, default=2, metavar="N", help="games played at a time")
    return parser.parse_args()


def make_pairings(policy: int, mixed: int, gnugo: int, seed: int) -> list[Pairing]:
    """Return the games to play, with alternating colours and distinct openings."""
    kinds = (
        [("policy", "policy")] * policy
        + [("policy", "gnugo"), ("gnugo", "policy")] * (mixed // 2)
        + [("policy", "gnugo")] * (mixed % 2)
        + [("gnugo", "gnugo")] * gnugo
    )
    openings = distinct_openings(SIZE, random.Random(seed))
    return [
        Pairing(black, white, next(openings), seed * 100_000 + index)
        for index, (black, white) in enumerate(kinds)
    ]


class Table:
    """Plays pairings. The policy and the referee run for all games; GNU Go is started for each game's level.

    Attributes:
        stop: If set, `play` ends after the current game.
    """

    def __init__(self, model: str, temperature: float, gnugo: str | None) -> None:
        self.model, self.temperature, self.gnugo = model, temperature, gnugo
        self.stop = threading.Event()

    def play(self, pairings: Sequence[Pairing], share: range, games: dict[int, Game]) -> None:
        """Play a share of the pairings, add complete games to `games`, and report each on stderr."""
        with ExitStack() as engines:
            running: dict[str, Client] = {}
            for index in share:
                if self.stop.is_set():
                    return
                pairing = pairings[index]
                name = f"game {index + 1} of {len(pairings)}, {pairing.black} against {pairing.white}"
                try:
                    game = self.play_one(pairing, running, engines)
                except EngineError as error:
                    print(f"{name}: left out: {error}", file=sys.stderr)
                    running.clear()  # whichever failed, both are restarted
                    continue
                if game.ending == "length":
                    print(f"{name}: left out: no end after {game.board.ply} plies", file=sys.stderr)
                    continue
                games[index] = game
                print(f"{name}: {game.result}, {game.board.ply} plies, by {game.ending}", file=sys.stderr)

    def play_one(self, pairing: Pairing, running: dict[str, Client], engines: ExitStack) -> Game:
        """Play one game with the running engines; missing ones are started and added."""
        kinds = {pairing.black, pairing.white}
        if "policy" in kinds and "policy" not in running:
            running["policy"] = engines.enter_context(self.start("policy", pairing.seed))
        if self.gnugo and "referee" not in running:
            running["referee"] = engines.enter_context(self.start("gnugo", 0))
        with ExitStack() as per_game:
            players = dict(running)
            if "gnugo" in kinds:
                players["gnugo"] = per_game.enter_context(self.start("gnugo", pairing.seed))
            return play_game(
                players[pairing.black],
                players[pairing.white],
                SIZE,
                KOMI,
                pairing.opening,
                referee=players.get("referee"),
            )

    def start(self, kind: str, seed: int) -> Client:
        """Start an engine. The level of GNU Go, 1 to 10, depends on the seed."""
        if kind == "gnugo":
            level = seed % 10 + 1
            command = [
                str(self.gnugo),
                *f"--mode gtp --chinese-rules --level {level} --seed {seed + 1}".split(),
            ]
            client = Client(command, timeout=300)
            version = client.send("version")
            client.name = f"GNU Go {version} level {level}"
        else:
            command = [sys.executable, "-m", "goengine", "gtp", "--model", self.model]
            command += ["--temperature", str(self.temperature), "--seed", str(seed)]
            client = Client(command, timeout=120)
            client.name = f"goengine {client.send('version')}, temperature {self.temperature:g}"
        return client


def write_games(path: Path, games: Sequence[Game]) -> None:
    """Write a collection, compressed with bzip2."""
    text = b"".join(record_to_sgf(game.record()) for game in games)
    with whole_file(path) as partial:
        partial.write_bytes(bz2.compress(text))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GoEngineError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)

"""Read many mutated records: python -m tests.fuzz --inputs 1000000 --seed 1 FOLDER

It prints the number of inputs and games, time and memory. An input that breaks the reader, or takes longer
than 5 seconds, is written to a file, and the program exits with status 1.
"""

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.reader import MAX_INPUT, mutated, read_file, read_text
from tests.support.archives import ARCHIVES, COMPRESS

SECONDS = 5
PACKED = [*ARCHIVES, *(f".sgf{suffix}" for suffix in COMPRESS)]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, help="SGF files to mutate")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--bytes", type=int, default=300, help="of a record that are mutated at a time")
    parser.add_argument("--archives", type=float, default=0.02, help="share of damaged archives among them")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    seeds = [path.read_bytes() for path in sorted(arguments.folder.glob("*.sgf"))]
    signal.signal(signal.SIGALRM, _too_long)
    begin = time.monotonic()
    games = 0
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, arguments.inputs + 1):
            data, suffix = mutated(seeds, rng, arguments.bytes), ""
            if rng.random() < arguments.archives:
                suffix = rng.choice(PACKED)
                data = mutated([packed(data, suffix)], rng, MAX_INPUT)
            started = time.process_time()
            signal.alarm(SECONDS)
            try:
                games += read_file(Path(folder, f"a{suffix}"), data) if suffix else read_text(data)
            except BaseException:
                path = Path(f"broken-{arguments.seed}-{number}{suffix or '.sgf'}")
                path.write_bytes(data)
                print(f"input {number} breaks the reader, written to {path}", file=sys.stderr)
                raise
            signal.alarm(0)
            slowest = max(slowest, time.process_time() - started)
            if number % 10_000 == 0 or number == arguments.inputs:
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                seconds = time.monotonic() - begin
                print(
                    f"{number:,} inputs, {games:,} games, {seconds:.0f} s, slowest {slowest * 1e3:.0f} ms, "
                    f"{memory:.0f} MB",
                    flush=True,
                )
    return 0


def packed(text: bytes, suffix: str) -> bytes:
    if suffix in ARCHIVES:
        return ARCHIVES[suffix]({"a.sgf": text, "b.sgf.gz": COMPRESS[".gz"](text), "c.sgf": text[:100]})
    return COMPRESS[suffix.removeprefix(".sgf")](text)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"more than {SECONDS} s")


if __name__ == "__main__":
    sys.exit(main())

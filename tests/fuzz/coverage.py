"""Coverage-guided fuzzing with atheris: pip install -e '.[fuzz]'.

    python -m tests.fuzz.coverage -max_len=2048 -timeout=5 -rss_limit_mb=1024 -runs=200000 CORPUS FOLDER

FOLDER holds the initial SGF files. Inputs that reach new code are written to CORPUS. Options are libFuzzer's.
An input that breaks the reader is written to a file named crash-..., and ends the run.
"""

import sys

import atheris

with atheris.instrument_imports(include=["goengine.data"]):
    from tests.fuzz.reader import read_text


def main() -> None:
    atheris.Setup(sys.argv, read_text_of)
    atheris.Fuzz()


def read_text_of(data: bytes) -> None:
    read_text(data)


if __name__ == "__main__":
    main()

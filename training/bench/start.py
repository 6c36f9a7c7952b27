"""How long a user waits: for help, for an engine's first answer, and for its first move."""

import subprocess
import sys
from collections.abc import Sequence

from goengine.errors import GoEngineError
from goengine.policy.loading import has_onnx
from goengine.training.bench.measure import Report, Task, measure

BARE = "python -c pass"
HELP = "goengine --help"
FIRST_ANSWER = "goengine gtp: name answered"
FIRST_MOVE = "goengine gtp: first move played"
FIRST_ONNX_MOVE = "goengine gtp --backend onnx: first move played"


def bench_start(model: str = "default", seconds: float = 5.0) -> Report:
    """Starts a second of new processes, from their start to what the user waits for, files in memory.

    model: the model's folder for `goengine gtp`. seconds: how long each figure is measured.

    Raises GoEngineError if a process fails.
    """
    goengine = [sys.executable, "-m", "goengine"]
    gtp = [*goengine, "gtp", "--model", model]

    def until_end(command: Sequence[str]) -> int:
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise GoEngineError(f"{' '.join(command)} failed: {done.stderr.strip()}")
        return 1

    onnx = [Task(FIRST_ONNX_MOVE, lambda: _until_answer([*gtp, "--backend", "onnx"], "genmove b"))]
    return Report(
        "Starting",
        "start",
        measure(
            [
                Task(BARE, lambda: until_end([sys.executable, "-c", "pass"])),
                Task("python -c 'import torch'", lambda: until_end([sys.executable, "-c", "import torch"])),
                Task(HELP, lambda: until_end([*goengine, "--help"])),
                Task(FIRST_ANSWER, lambda: _until_answer(gtp, "name")),
                Task(FIRST_MOVE, lambda: _until_answer(gtp, "genmove b")),
                *(onnx if has_onnx() else []),
            ],
            seconds,
            rounds=3,
        ),
        BARE,
        ("until the process ends, or answers; files and compiled code are in their caches",),
    )


def _until_answer(command: Sequence[str], question: str) -> int:
    """Start an engine, ask it one thing, and leave it."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{question}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    finally:
        process.kill()
        _, said = process.communicate()
    if not answer.startswith("="):
        raise GoEngineError(
            f"{' '.join(command)} did not answer {question}: {answer.strip() or said.strip()}"
        )
    return 1

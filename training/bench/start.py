"""The time until a program shows its help, answers its first GTP command, and plays its first move."""

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
    """Measure the starts per second of new processes, with their files in the system's cache.

    Args:
        model: The model of `goengine gtp`.
        seconds: The time to measure each figure for.

    Raises:
        GoEngineError: If a process fails.
    """
    goengine = [sys.executable, "-m", "goengine"]
    gtp = [*goengine, "gtp", "--model", model]

    def run_to_end(command: Sequence[str]) -> int:
        process = subprocess.run(command, capture_output=True, text=True)
        if process.returncode != 0:
            raise GoEngineError(f"{' '.join(command)} failed: {process.stderr.strip()}")
        return 1

    onnx = [Task(FIRST_ONNX_MOVE, lambda: _until_answer([*gtp, "--backend", "onnx"], "genmove b"))]
    return Report(
        "Starting",
        "start",
        measure(
            [
                Task(BARE, lambda: run_to_end([sys.executable, "-c", "pass"])),
                Task("python -c 'import torch'", lambda: run_to_end([sys.executable, "-c", "import torch"])),
                Task(HELP, lambda: run_to_end([*goengine, "--help"])),
                Task(FIRST_ANSWER, lambda: _until_answer(gtp, "name")),
                Task(FIRST_MOVE, lambda: _until_answer(gtp, "genmove b")),
                *(onnx if has_onnx() else []),
            ],
            seconds,
            rounds=3,
        ),
        BARE,
        ("until the process ends or answers; files and compiled code are cached",),
    )


def _until_answer(command: Sequence[str], gtp_command: str) -> int:
    """Start an engine, send it a command, wait for the answer, and stop it."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{gtp_command}\n")
        process.stdin.flush()
        answer = process.stdout.readline()
    finally:
        process.kill()
        _, errors = process.communicate()
    if not answer.startswith("="):
        raise GoEngineError(
            f"{' '.join(command)} did not answer {gtp_command}: {answer.strip() or errors.strip()}"
        )
    return 1

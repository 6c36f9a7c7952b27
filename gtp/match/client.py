"""A GTP client: starts an engine as a process and sends it commands."""

import contextlib
import os
import queue
import shlex
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from goengine.errors import GoEngineError

RESPONSE_LIMIT = 1 << 24
"""Characters of a response that are waited for; an engine that sends more is taken for broken."""

_STDERR_LINES = 20
_CONTROL_CHARACTERS = {code: None for code in [*range(32), 127] if chr(code) not in "\t\n"}


class CommandError(GoEngineError):
    """The engine answered with an error (`?`). The engine goes on.

    text: the engine's own words.
    """

    def __init__(self, engine: str, command: str, text: str) -> None:
        super().__init__(f"{engine} refused {command[:80]!r}: {text or 'no reason given'}")
        self.text = text


class EngineError(GoEngineError):
    """The engine could not be started, died, went silent, or does not speak GTP. It is not used again."""


class EngineTimeout(EngineError):  # noqa: N818 (a kind of EngineError)
    """The engine sent no whole response in time."""


class Client:
    """A running engine. Use it in a `with` block, or call `close`.

    name: what the engine is called in messages (the program's name unless given).
    command: the words that start it.
    """

    def __init__(self, command: str | Sequence[str], name: str | None = None, timeout: float = 60.0) -> None:
        """Start the engine. A string is split as a shell would.

        timeout: seconds that a response may take unless `send` is told otherwise.
        Raises EngineError if it cannot be started. That it speaks GTP shows with the first `send`.
        """
        try:
            self.command = shlex.split(command) if isinstance(command, str) else list(command)
        except ValueError as error:
            raise EngineError(f"an engine's command, {command!r}, is incomplete: {error}") from None
        if not self.command:
            raise EngineError("an engine's command is empty; expected a program such as 'gnugo --mode gtp'")
        self.name = name or Path(self.command[0]).name
        self.timeout = timeout
        self._next_id = 1
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        try:
            # A session of its own: Ctrl-C in the terminal reaches this process alone, which then closes
            # the engine in order.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"cannot start {self.command[0]}: {error.strerror or error}") from error
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=10_000)
        self._readers = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, command: str, timeout: float | None = None) -> str:
        """Send a command and return the text of its response, without "=" and number.

        Raises CommandError if the engine answers with an error, EngineError if it sends no valid
        response in time; the engine is then stopped, since what it would say next answers nothing.
        """
        if "\n" in command:
            raise GoEngineError("a GTP command is a single line")
        number, self._next_id = self._next_id, self._next_id + 1
        limit = self.timeout if timeout is None else timeout
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(f"{number} {command}\n".encode("utf-8", "surrogateescape"))
            stdin.flush()
        except (OSError, ValueError):
            raise self._failure("has ended") from None
        lines = self._read_response(command, limit)
        for success in ("=", "?"):
            head = f"{success}{number}"
            if lines[0] == head or lines[0].startswith(f"{head} "):
                text = "\n".join([lines[0][len(head) :].strip(), *lines[1:]])
                if success == "?":
                    raise CommandError(self.name, command, text)
                return text
        raise self._failure(f"answered {command[:80]!r} with {lines[0][:80]!r}, which is no GTP response")

    def close(self, timeout: float = 5.0) -> None:
        """Ask the engine to quit, and end it if it has not within so many seconds. May be called twice."""
        process = self._process
        if process.poll() is None:
            try:
                assert process.stdin is not None
                process.stdin.write(b"quit\n")
                process.stdin.close()
                process.wait(timeout)
            except (OSError, ValueError, subprocess.TimeoutExpired):
                self.kill()
        process.wait()
        deadline = time.monotonic() + 1.0
        for reader in self._readers:
            while reader.is_alive() and time.monotonic() < deadline:
                self._forget_lines()  # makes room for a reader that waits to store a line
                reader.join(timeout=0.02)
        if not any(reader.is_alive() for reader in self._readers):  # else a child of the engine holds a pipe
            for pipe in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):  # what was still to be written to a process that is gone
                    if pipe is not None:
                        pipe.close()

    def kill(self) -> None:
        """End the engine at once, with what it has started itself.

        Another thread may do so: a `send` that waits raises EngineError, and `close` tidies up as ever.
        """
        if self._process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):  # it has ended this very moment
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:  # Windows
                self._process.kill()

    @property
    def exit_code(self) -> int | None:
        """The process's exit code, None while it runs."""
        return self._process.poll()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read_response(self, command: str, limit: float) -> list[str]:
        deadline = time.monotonic() + limit
        lines: list[str] = []
        length = 0
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                what = f"gave no answer to {command[:80]!r} within {limit:g} s"
                raise self._failure(what, EngineTimeout) from None
            if line is None:
                raise self._failure(f"ended while it was to answer {command[:80]!r}")
            length += len(line)
            if length > RESPONSE_LIMIT:
                raise self._failure(f"answers {command[:80]!r} without an end")
            if line:
                lines.append(line)
            elif lines:
                return lines

    def _failure(self, what: str, kind: type[EngineError] = EngineError) -> EngineError:
        """Stop the engine and describe what it did, with its exit code and last words if there are any."""
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            code = None
        self.kill()
        self.close()
        message = f"{self.name} {what}"
        if code is not None:
            message += f" (exit code {code})"
        last_words = next((line for line in reversed(self._stderr) if line.strip()), "")
        if last_words:
            message += f"; it last wrote: {last_words.strip()[:300]}"
        return kind(message)

    def _forget_lines(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._lines.get_nowait()

    def _read_stdout(self) -> None:
        """Sections 3.1: of a response, control characters are taken out and tabs turned into spaces."""
        stream = self._process.stdout
        assert stream is not None
        while line := stream.readline(RESPONSE_LIMIT):
            text = line.decode("utf-8", "surrogateescape").rstrip("\n")
            self._lines.put(text.translate(_CONTROL_CHARACTERS).replace("\t", " ").rstrip())
        self._lines.put(None)

    def _read_stderr(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        while line := stream.readline(1 << 16):
            self._stderr.append(line.decode("utf-8", "replace").rstrip())

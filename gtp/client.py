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
from goengine.gtp.notation import clean_text

MAX_RESPONSE = 1 << 24
"""The most characters of a response; an engine that sends more is considered broken."""

_STDERR_LINES = 20  # kept for error messages
_QUEUED_LINES = 10_000  # of stdout; the engine waits when it is this far ahead


class CommandError(GoEngineError):
    """The engine answered a command with an error (`?`). The engine can go on.

    Attributes:
        text: The engine's error message.
    """

    def __init__(self, engine: str, command: str, text: str) -> None:
        """Make the error's message from the engine's name, the command and the engine's text."""
        super().__init__(f"{engine} refused {command[:80]!r}: {text or 'no reason given'}")
        self.text = text


class EngineError(GoEngineError):
    """The engine could not be started, died, went silent, or does not speak GTP. It cannot go on."""


class EngineTimeout(EngineError):  # noqa: N818 (a kind of EngineError)
    """The engine sent no complete response in time."""


class Client:
    """A running engine. Use it in a `with` block, or call `close`.

    Attributes:
        name: The engine's name in error messages.
        command: The words of the command that started it.
        timeout: Seconds that a response may take unless `send` is given another limit.
    """

    def __init__(self, command: str | Sequence[str], name: str | None = None, timeout: float = 60.0) -> None:
        """Start the engine. Only the first `send` shows whether it speaks GTP.

        Args:
            command: The command that starts the engine; a string is split as a shell would split it.
            name: The engine's name in error messages; the program's name unless given.
            timeout: Seconds that a response may take unless `send` is given another limit.

        Raises:
            EngineError: If the engine cannot be started.
        """
        try:
            self.command = shlex.split(command) if isinstance(command, str) else list(command)
        except ValueError as error:
            raise EngineError(f"the engine's command {command!r} is incomplete: {error}") from error
        if not self.command:
            raise EngineError("the engine's command is empty; expected a program such as 'gnugo --mode gtp'")
        self.name = name or Path(self.command[0]).name
        self.timeout = timeout
        self._next_id = 1
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        try:
            # In its own session, Ctrl-C in the terminal reaches this process alone, which then closes the
            # engine in order.
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"cannot start {self.command[0]}: {error.strerror or error}") from error
        self._lines: queue.Queue[str | None] = queue.Queue(_QUEUED_LINES)  # None is the end
        self._readers = [
            threading.Thread(target=self._read_stdout, daemon=True),
            threading.Thread(target=self._read_stderr, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, command: str, timeout: float | None = None) -> str:
        """Send a command and return the text of its response, without "=" and the number.

        Args:
            command: The command and its arguments, a single line.
            timeout: Seconds that the response may take; the client's `timeout` unless given.

        Raises:
            CommandError: If the engine answers with an error.
            EngineError: If the engine sends no valid response in time. It is then stopped, since a later
                response could not be assigned to its command.
            GoEngineError: If the command has more than one line.
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
        except (OSError, ValueError) as error:
            raise self._failure("has ended") from error
        lines = self._read_response(command, limit)
        for status in ("=", "?"):
            head = f"{status}{number}"
            if lines[0] == head or lines[0].startswith(f"{head} "):
                text = "\n".join([lines[0][len(head) :].strip(), *lines[1:]])
                if status == "?":
                    raise CommandError(self.name, command, text)
                return text
        raise self._failure(f"answered {command[:80]!r} with {lines[0][:80]!r}, which is not a GTP response")

    def close(self, timeout: float = 5.0) -> None:
        """Send `quit`, and kill the engine if it has not ended after `timeout` seconds.

        May be called again.
        """
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
                self._drop_lines()  # makes room for a reader that waits to store a line
                reader.join(timeout=0.02)
        if not any(reader.is_alive() for reader in self._readers):  # else its child has a pipe open
            for pipe in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):  # buffered output for a process that has ended
                    if pipe is not None:
                        pipe.close()

    def kill(self) -> None:
        """Kill the engine and the processes that it has started.

        May be called from another thread: a `send` that waits then raises EngineError, and `close` still
        works.
        """
        if self._process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):  # it has ended since
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
                what = f"did not answer {command[:80]!r} within {limit:g} s"
                raise self._failure(what, EngineTimeout) from None
            if line is None:
                raise self._failure(f"ended before it answered {command[:80]!r}")
            length += len(line)
            if length > MAX_RESPONSE:
                raise self._failure(
                    f"answered {command[:80]!r} with more than the {MAX_RESPONSE:,} characters allowed"
                )
            if line:
                lines.append(line)
            elif lines:
                return lines

    def _failure(self, what: str, kind: type[EngineError] = EngineError) -> EngineError:
        """Stop the engine and return an error with its exit code and its last line on stderr, if any."""
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            code = None
        self.kill()
        self.close()
        message = f"{self.name} {what}"
        if code is not None:
            message += f" (exit code {code})"
        last_line = next((line for line in reversed(self._stderr) if line.strip()), "")
        if last_line:
            message += f"; it last wrote: {last_line.strip()[:300]}"
        return kind(message)

    def _drop_lines(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._lines.get_nowait()

    def _read_stdout(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while line := stream.readline(MAX_RESPONSE):
            self._lines.put(clean_text(line.decode("utf-8", "surrogateescape").rstrip("\n")).rstrip())
        self._lines.put(None)

    def _read_stderr(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        while line := stream.readline(1 << 16):
            self._stderr.append(line.decode("utf-8", "replace").rstrip())

"""Keeps child processes running: restarts what ends, reaps what is left, stops all at the end."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from techvet.embedded import processes

STEADY_SECONDS = 30.0  # a child that ran this long starts again at once, without back-off
BACK_OFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
TICK_SECONDS = 0.5
HURRIED_SECONDS = 0.5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


@dataclass
class Child:
    """One process to keep alive. `spawn` starts it anew each time."""

    name: str
    spawn: Callable[[], subprocess.Popen[bytes]]
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    is_server: bool = False  # stopped last, because the others need it
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float | None = None  # when the next start is due (monotonic)
    failures: int = 0

    def start(self) -> subprocess.Popen[bytes]:
        self.process = self.spawn()
        self.started_at = time.monotonic()
        self.start_at = None
        return self.process


class Supervisor:
    """Single-threaded on purpose: the parent-death signal belongs to the thread that forks."""

    def __init__(self, say: Callable[[str], None], mark: str) -> None:
        self.say = say
        self.mark = mark
        self.children: list[Child] = []
        self._stopping = False
        self._hurry = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)

    def add(self, child: Child) -> Child:
        self.children.append(child)
        child.start()
        return child

    @contextlib.contextmanager
    def guarding(self) -> Iterator[None]:
        """Turn Ctrl-C and SIGTERM inside the block into a clean stop of everything."""
        processes.adopt_orphans()
        waker = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        handlers = {number: signal.signal(number, self._asked) for number in STOP_SIGNALS}
        # a handler of any kind, so that the wake-up comes
        handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield
        except StopAsked:
            self._stopping = True
            self.say("Stopping")
        finally:
            self._stopping = True
            self._stop_all()
            for number, handler in handlers.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(waker)
            processes.adopt_orphans(False)

    def _asked(self, *_: object) -> None:
        if self._stopping:
            self._hurry = True
        else:
            raise StopAsked

    def keep_running(self, until: Callable[[], bool] = lambda: False) -> None:
        """Restart what ends, until `until()` is true (asked at each tick) or a stop is asked."""
        while not until():
            self._reap()
            self._restart_due()
            select.select([self._wake_read], [], [], self._pause())
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)

    def _pause(self) -> float:
        now = time.monotonic()
        due = [child.start_at - now for child in self.children if child.start_at is not None]
        return max(0.0, min([TICK_SECONDS, *due]))

    def _reap(self) -> None:
        ours = {child.process.pid: child for child in self.children if child.process}
        while True:
            try:
                # look first: a Popen must collect its own child
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            child = ours.get(found.si_pid)
            if child is None:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(found.si_pid, os.WNOHANG)
            else:
                self._ended(child)

    def _ended(self, child: Child) -> None:
        assert child.process is not None
        code = child.process.wait()
        processes.kill_group(child.process.pid)
        child.process = None
        if time.monotonic() - child.started_at > STEADY_SECONDS:
            child.failures = 0
        delay = BACK_OFF_SECONDS[min(child.failures, len(BACK_OFF_SECONDS) - 1)]
        child.failures += 1
        child.start_at = time.monotonic() + delay
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        when = f"in {delay:g} s" if delay else "now"
        self.say(f"{child.name} {how}; it starts again {when}")

    def _restart_due(self) -> None:
        for child in self.children:
            if child.start_at is not None and child.start_at <= time.monotonic():
                child.start()

    def _stop_all(self) -> None:
        programs = [child for child in self.children if not child.is_server]
        for child in programs:
            if child.process is not None:
                processes.signal_process(child.process.pid, child.stop_signal)
        self._await(programs)
        processes.end_marked(self.mark, HURRIED_SECONDS, spare=self._server_pids())
        for child in reversed(self.children):
            if child.is_server and child.process is not None:
                processes.stop(child.process, child.stop_signal, child.stop_seconds)
        self.children.clear()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _server_pids(self) -> set[int]:
        return {child.process.pid for child in self.children if child.is_server and child.process}

    def _await(self, programs: list[Child]) -> None:
        """Wait for what was asked to stop; a second Ctrl-C shortens the wait."""
        begun = time.monotonic()
        waiting = [child for child in programs if child.process is not None]
        while waiting:
            passed = time.monotonic() - begun
            for child in list(waiting):
                assert child.process is not None
                limit = HURRIED_SECONDS if self._hurry else child.stop_seconds
                if child.process.poll() is None and passed < limit:
                    continue
                processes.kill_group(child.process.pid)
                child.process.wait()
                waiting.remove(child)
            time.sleep(processes.POLL_SECONDS)

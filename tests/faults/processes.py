"""Real processes that a fault test may kill, stop and start: workers, sweepers, servers."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from techvet.embedded import processes, wait_ready
from techvet.embedded.postgres import Postgres
from techvet.embedded.valkey import Valkey
from tests.workers import ROOT, worker_environment

START_SECONDS = 40
# Short leases, so that nobody has to wait for a minute; the product keeps its own. Tokens come
# after issuing and are not what is tested here: the quick algorithm will do.
QUICK = {
    "TESTING_FAILPOINTS": "1",
    "TESTING_LEASE_SECONDS": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "JWT_ALGORITHM": "ES256",
}
CLOCK = (
    "import datetime, sys, time_machine\n"
    "hours = float(sys.argv.pop(1))\n"
    "moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)\n"
    "time_machine.travel(moment, tick=True).start()\n"
    "from celery.__main__ import main\n"
    "main()\n"
)


class Process:
    """A process of the portal on the test's own database and queue, in a group of its own."""

    def __init__(self, command: list[str], log: Path, **environment: str) -> None:
        self.log = log
        self.command = command
        self.environment = worker_environment(**{**QUICK, **environment})
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, times: int = 1) -> "Process":
        deadline = time.monotonic() + START_SECONDS
        while self.text().count("ready.") < times:
            assert self.process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.05)
        return self

    def text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def signal(self, number: int, *, group: bool = False) -> None:
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, number)

    def wait_end(self, seconds: float = 30) -> int:
        return self.process.wait(timeout=seconds)

    def wait_killed(self) -> None:
        """It killed itself at the failpoint, with no chance to clean up."""
        assert self.wait_end() == -signal.SIGKILL, self.text()

    def is_stopped(self) -> bool:
        """Whether the process sleeps after SIGSTOP (proc(5), state T)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(errors="replace")
        return stat.rpartition(")")[2].split()[0] == "T"

    def end(self) -> None:
        self.signal(signal.SIGCONT, group=True)
        self.signal(signal.SIGKILL, group=True)
        self.process.wait(timeout=10)


def worker_command(processes_: int = 0, hours: float | None = None) -> list[str]:
    """`processes_` 0 works in one process without children; `hours` sets its clock off."""
    start = [sys.executable, "-m", "celery"]
    if hours is not None:
        start = [sys.executable, "-c", CLOCK, str(hours)]
    pool = ["--pool", "prefork", "-c", str(processes_)] if processes_ else ["--pool", "solo"]
    return [
        *start,
        *("-A", "techvet", "worker", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        *pool,
    ]


SWEEPER = [sys.executable, "manage.py", "sweep", "--loop", "--seconds", "0.3"]


class OwnValkey:
    """A queue that only this test uses."""

    def __init__(self, folder: Path) -> None:
        (folder / "run").mkdir(parents=True)
        self.server = Valkey(
            folder / "data", folder / "run", folder / "valkey.log", "", durable=False
        )
        self.server.prepare()
        self.start()

    @property
    def url(self) -> str:
        return self.server.url

    def start(self) -> None:
        self.process = self.server.spawn()
        wait_ready(self.server, self.process)

    def stop(self) -> None:
        self.freeze(signal.SIGCONT)
        processes.stop(self.process, signal.SIGKILL, 5)

    def freeze(self, number: int = signal.SIGSTOP) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)


class OwnPostgres:
    """A database server that only this test stops and starts."""

    def __init__(self, folder: Path) -> None:
        (folder / "run").mkdir(parents=True)
        self.server = Postgres(
            folder / "data", folder / "run", folder / "postgres.log", durable=False
        )
        self.server.prepare()
        self.start()

    def start(self) -> None:
        self.process = self.server.spawn()
        wait_ready(self.server, self.process)

    def stop(self) -> None:
        processes.stop(self.process, signal.SIGINT, 20)

"""A real worker process on the test's own database and queue; nothing here is simulated."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 30


class Worker:
    """One Celery worker with one process; ends with the test."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.log = folder / "worker.log"
        self.output = self.log.open("ab")
        command = [sys.executable, "-m", "celery", "-A", "techvet", "worker"]
        command += ["--pool", "solo", "--loglevel", "INFO", "--without-gossip"]
        command += ["--without-mingle", "--without-heartbeat"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=worker_environment(**environment),
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def wait_ready(self) -> "Worker":
        deadline = time.monotonic() + START_SECONDS
        while b"ready." not in self.log.read_bytes():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return self

    def wait_killed(self) -> None:
        """It killed itself at the failpoint, with no chance to clean up."""
        assert self.process.wait(timeout=START_SECONDS) == -signal.SIGKILL, self.log.read_text()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=10)
        self.output.close()


def worker_environment(**more: str) -> dict[str, str]:
    """This test's own database; the queue is the test's already."""
    database = connection.settings_dict
    url = os.environ["DATABASE_URL"]
    base, _, query = url.partition("?")
    host_part = base.rsplit("/", 1)[0]
    own = f"{host_part}/{database['NAME']}" + (f"?{query}" if query else "")
    return {**os.environ, "DATABASE_URL": own, **more}

"""`./portal run`: servers, database, processes, and the line that says where the portal is."""

import http.client
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from techvet.embedded import Addresses, addresses_of, own_servers, processes, programs, wait_ready
from techvet.embedded.catalogues import all_compiled
from techvet.embedded.errors import Exit, StartRefused
from techvet.embedded.folder import DataFolder
from techvet.embedded.postgres import Postgres
from techvet.embedded.supervisor import Child, Supervisor
from techvet.embedded.valkey import Valkey

LOG_MAX_BYTES = 10 * 1024 * 1024
LOG_CHECK_SECONDS = 60.0
FIRST_PAGE_SECONDS = 60.0
FIRST_PAGE_TRIES = 3


class Portal:
    """One run of the portal on one data folder, which the caller holds."""

    def __init__(self, folder: DataFolder) -> None:
        self.folder = folder
        self.port = programs.read_port()
        self.origin = programs.origin(self.port)
        self.begun = time.monotonic()
        self.supervisor = Supervisor(self.say, folder.mark)
        self._logs_checked = 0.0

    def say(self, message: str) -> None:
        with suppress(OSError):  # the terminal may be gone
            print(f"[{time.monotonic() - self.begun:5.1f} s] {message}", flush=True)

    def run(self) -> int:
        """Blocks until somebody asks to stop. Raises StartRefused; returns the exit code."""
        with self.supervisor.guarding():
            if processes.end_marked(self.folder.mark):
                self.say("Ended what an earlier run had left behind")
            self._check_port()
            self._trim_logs()
            servers = own_servers(
                self.folder,
                postgres=not os.environ.get("DATABASE_URL"),
                valkey=not os.environ.get("REDIS_URL"),
            )
            self._start_servers(servers)
            addresses = addresses_of(servers)
            self._prepare(servers, addresses)
            self._start_programs(addresses)
            self.supervisor.keep_running(until=self._trim_and_go_on)
        self.say("Stopped")
        return 0

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise StartRefused(
                    Exit.PORT_TAKEN,
                    f"Port {self.port} cannot be used ({error.strerror}); stop what uses it "
                    "or choose another, for instance PORT=8001 ./portal run.",
                ) from None

    def _start_servers(self, servers: list[Postgres | Valkey]) -> None:
        if not servers:
            return
        is_new = not (self.folder.path / "postgres").exists()
        self.say("Starting " + " and ".join(server.name.capitalize() for server in servers))
        if is_new:
            self.say(f"The data folder is {self.folder.path}")
        for server in servers:
            server.prepare()
            child = Child(
                server.name, server.spawn, server.stop_signal, server.stop_seconds, is_server=True
            )
            self.supervisor.add(child)
        for server, child in zip(servers, self.supervisor.children, strict=True):
            assert child.process is not None
            wait_ready(server, child.process)

    def _prepare(self, servers: list[Postgres | Valkey], addresses: Addresses) -> None:
        """Migrations, first data and catalogues, unless nothing changed since the last time.

        Only skipped for our own cluster: another one may have been restored or replaced.
        """
        own = next((server for server in servers if isinstance(server, Postgres)), None)
        record = self.folder.path / "prepared.json"
        wanted = programs.fingerprint(own.identity, self.origin) if own else ""
        if own and all_compiled() and _recorded(record) == wanted:
            return
        self.say("Preparing the database")
        record.unlink(missing_ok=True)
        log = self.folder.log("prepare")
        process = processes.spawn(
            [sys.executable, "manage.py", "prepare", "--cast-to", str(self._cast)],
            environment=programs.environment(self.folder, addresses, may_sign=True),
            folder=programs.PROJECT,
            log=log,
        )
        try:
            code = process.wait()
        finally:
            processes.stop(process, signal.SIGTERM, 5.0)
        if code:
            raise StartRefused(
                Exit.PREPARE_FAILED,
                f"The database could not be prepared: {_last_line(log)} (all of it is in {log})",
            )
        record.write_text(json.dumps({"fingerprint": wanted}))

    def _start_programs(self, addresses: Addresses) -> None:
        """Web first and alone, so that the first page does not wait for the others' start."""
        self.say("Starting the web server")
        web, *others = programs.programs(self.port)
        self._wait_for_web(self._add(web, addresses))
        for program in others:
            self._add(program, addresses)
        self._welcome()

    def _add(self, program: programs.Program, addresses: Addresses) -> Child:
        spawn = partial(
            processes.spawn,
            program.command,
            environment=programs.environment(self.folder, addresses, may_sign=program.may_sign),
            folder=programs.PROJECT,
            log=self.folder.log(program.name),
        )
        return self.supervisor.add(Child(program.name, spawn))

    def _wait_for_web(self, web: Child) -> None:
        deadline = time.monotonic() + FIRST_PAGE_SECONDS
        self.supervisor.keep_running(
            until=lambda: (
                self._answers() or web.failures >= FIRST_PAGE_TRIES or time.monotonic() > deadline
            )
        )
        if not self._answers():
            log = self.folder.log("web")
            raise StartRefused(
                Exit.SERVER_FAILED,
                f"The web server does not answer: {_last_line(log)} (all of it is in {log})",
            )

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @property
    def _cast(self) -> Path:
        return self.folder.path / "cast.txt"

    def _welcome(self) -> None:
        if self._cast.exists():
            print(f"\n{self._cast.read_text().rstrip()}\n")
        self.say(f"The portal is open at {self.origin} (Ctrl-C stops it; logs: {self.folder.logs})")

    def _trim_and_go_on(self) -> bool:
        if time.monotonic() - self._logs_checked > LOG_CHECK_SECONDS:
            self._trim_logs()
        return False

    def _trim_logs(self) -> None:
        """Keep one older copy of a log that grew too long; writers append, so cutting is safe."""
        self._logs_checked = time.monotonic()
        for log in self.folder.logs.glob("*.log"):
            with suppress(OSError):
                if log.stat().st_size > LOG_MAX_BYTES:
                    log.with_suffix(".log.1").write_bytes(log.read_bytes())
                    os.truncate(log, 0)


def _recorded(record: Path) -> str | None:
    try:
        return str(json.loads(record.read_text())["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _last_line(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "no reason given")
    return "no reason given"

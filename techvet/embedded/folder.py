"""The data folder: what stands in it, who holds it, where its sockets are."""

import contextlib
import fcntl
import os
import secrets
import stat
import tempfile
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from techvet.embedded.errors import Exit, StartRefused

# sun_path holds 108 bytes on Linux and 104 on macOS; the longest name inside is .s.PGSQL.5432.lock
MAX_SOCKET_FOLDER = 104 - len("/.s.PGSQL.5432.lock") - 1


@dataclass(frozen=True)
class DataFolder:
    """Paths inside DATA_DIR. Only `open_folder` makes one."""

    path: Path
    mark: str  # random id of this folder, carried by every child in its environment

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def sockets(self) -> Path:
        """The folder for unix sockets: inside, or a short private one when the path is too long."""
        if len(os.fsencode(self.run)) <= MAX_SOCKET_FOLDER:
            return self.run
        record = self.run / "sockets"
        with contextlib.suppress(OSError, ValueError):
            earlier = Path(record.read_text())
            found = earlier.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
                earlier.chmod(0o700)
                return earlier
        fresh = Path(tempfile.mkdtemp(prefix="portal-"))
        record.write_text(str(fresh))
        return fresh

    def secret_key_file(self) -> Path:
        return self._secret("secret_key", secrets.token_urlsafe(50))

    def master_key_file(self) -> Path:
        """32 random bytes that encrypt the signing keys; losing it loses the keys."""
        return self._secret("master_key", urlsafe_b64encode(secrets.token_bytes(32)).decode())

    def _secret(self, name: str, value: str) -> Path:
        return _write_once(self.secrets / name, value)


def _write_once(path: Path, value: str) -> Path:
    """Write whole or not at all, and never over what is there."""
    if path.exists():
        return path
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    os.unlink(fresh)
    return path


def open_folder(path: Path) -> DataFolder:
    """Make what is missing in DATA_DIR. Raises StartRefused when it is foreign or not writable."""
    path = Path(os.path.abspath(path))
    try:
        if (path / "PG_VERSION").exists():
            raise StartRefused(
                Exit.FOREIGN_FOLDER,
                f"{path} is itself a database folder of Postgres, so it is left alone; "
                "choose another DATA_DIR.",
            )
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("run", "logs", "secrets"):
            folder = path / name
            folder.mkdir(exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        mark = _write_once(path / "run" / "id", secrets.token_hex(16)).read_text()
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise StartRefused(
            Exit.DATA_FOLDER,
            f"The data folder {path} cannot be used: {error.strerror}; "
            "make it writable or set DATA_DIR to another folder.",
        ) from error
    return DataFolder(path, mark)


def hold(folder: DataFolder, name: str) -> IO[str]:
    """Take the folder for this process until the file is closed. Raises StartRefused if taken.

    The kernel frees the lock however the process ends; children do not inherit it.
    """
    file = (folder.run / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        raise StartRefused(
            Exit.ALREADY_RUNNING,
            f"{folder.path} is in use by ./portal {holder}; stop that first or wait for its end.",
        ) from None
    file.truncate(0)
    file.write(f"{name} (process {os.getpid()})")
    file.flush()
    return file


def holder_name(folder: DataFolder) -> str:
    """The name given to `hold` by the process that has the folder now; empty when nobody has."""
    with (folder.run / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            return file.read().partition(" ")[0]
    return ""

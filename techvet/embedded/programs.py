"""What runs beside the two servers, and with which environment."""

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from techvet.embedded import Addresses, processes
from techvet.embedded.errors import Exit, StartRefused
from techvet.embedded.folder import DataFolder

PROJECT = Path(__file__).resolve().parent.parent.parent
MASTER_KEY_NAMES = ("MASTER_KEY", "MASTER_KEY_FILE")

# Whatever changes the tables, the first data or the catalogues.
PREPARED_FROM = (
    "requirements.lock",
    "*/migrations/*.py",
    "*/management/commands/prepare.py",
    "*/management/commands/*seed*.py",
    "*/services/demo*.py",
    "*/services/content.py",
    "*/content/**/*.md",
    "*/content/**/*.toml",
    "techvet/locale/**/*.po",
)


@dataclass(frozen=True)
class Program:
    """A command line of the portal; `may_sign` gives it the key that opens the signing keys."""

    name: str
    command: tuple[str, ...]
    may_sign: bool


def programs(port: int) -> tuple[Program, ...]:
    python = sys.executable
    web = (
        *(python, "-m", "granian", "techvet.wsgi:application", "--interface", "wsgi"),
        *("--host", "127.0.0.1", "--port", str(port), "--no-ws"),
        *("--workers", "2", "--blocking-threads", "2", "--respawn-failed-workers"),
        *("--workers-kill-timeout", "5"),
    )
    worker = (
        *(python, "-m", "celery", "-A", "techvet", "worker", "--concurrency", "2"),
        *("--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"),
        *_pool(),
    )
    sweeper = (python, "manage.py", "sweep", "--loop")
    return (
        Program("web", web, may_sign=False),
        Program("worker", worker, may_sign=True),
        Program("sweeper", sweeper, may_sign=True),
    )


def _pool() -> tuple[str, ...]:
    """Processes for tasks need POSIX semaphores; some containers keep them from all but root."""
    shared_memory = Path("/dev/shm")  # noqa: S108 - the kernel's, nothing is written there
    usable = not shared_memory.exists() or os.access(shared_memory, os.W_OK)
    return () if usable else ("--pool", "threads")


def read_port() -> int:
    value = os.environ.get("PORT") or "8000"
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise StartRefused(Exit.BAD_VALUE, f"PORT must be a number from 1 to 65535, not {value!r}.")
    return int(value)


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR") or PROJECT / "var")


def environment(folder: DataFolder, addresses: Addresses, *, may_sign: bool) -> Mapping[str, str]:
    """The environment of a child. Outside production, missing secrets are made once and kept."""
    values = {key: value for key, value in os.environ.items() if key not in MASTER_KEY_NAMES}
    values |= {
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "DATA_DIR": str(folder.path),
        "DJANGO_SETTINGS_MODULE": "techvet.settings",
        "PYTHONUNBUFFERED": "1",
        processes.MARK: folder.mark,
    }
    makes_secrets = values.setdefault("PORTAL_ENV", "development") != "production"
    if makes_secrets and not (values.get("SECRET_KEY") or values.get("SECRET_KEY_FILE")):
        values["SECRET_KEY_FILE"] = str(folder.secret_key_file())
    if may_sign:
        given = {name: os.environ[name] for name in MASTER_KEY_NAMES if os.environ.get(name)}
        if makes_secrets and not given:
            given = {"MASTER_KEY_FILE": str(folder.master_key_file())}
        values |= given
    return values


def origin(port: int) -> str:
    """The address that people use; the settings read it the same way."""
    return os.environ.get("PORTAL_ORIGIN") or f"http://127.0.0.1:{port}"


def fingerprint(database: str, address: str) -> str:
    """Changes whenever `database` has to be prepared anew for a portal at `address`."""
    digest = hashlib.sha256(f"{database} {address}".encode())
    for pattern in PREPARED_FROM:
        for path in sorted(PROJECT.glob(pattern)):
            if not path.relative_to(PROJECT).parts[0].startswith("."):
                digest.update(str(path.relative_to(PROJECT)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()

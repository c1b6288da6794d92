"""Pytest plugin (`-p tests.servers`): private Postgres and Valkey before settings are read.

pytest-django reads the settings before any conftest.py, so the servers start in the first hook a
`-p` plugin gets. With xdist only the controlling process starts them; the others inherit the
addresses, and each takes a Valkey database of its own (pytest-django gives each its own Postgres
database). Set DATABASE_URL and REDIS_URL to use servers that already run.
"""

import atexit
import contextlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from techvet.embedded import processes, serving
from techvet.embedded.catalogues import compile_catalogues
from techvet.embedded.errors import StartRefused
from techvet.embedded.folder import open_folder

PREFIX = "portal-test-"
INFORMATIVE = {"-h", "--help", "-V", "--version", "--markers", "--fixtures"}

_running = contextlib.ExitStack()
atexit.register(_running.close)  # when pytest fails before its own end


def worker_number(worker: str) -> int:
    """gw0 -> 1, gw1 -> 2; 0 is the controlling process or a run without xdist."""
    found = re.fullmatch(r"gw(\d+)", worker)
    return int(found[1]) + 1 if found else 0


def with_database(redis_url: str, number: int) -> str:
    """The same Valkey server, another of its numbered databases."""
    if redis_url.startswith("unix:"):
        return f"{redis_url.partition('?')[0]}?db={number}"
    return re.sub(r"^(rediss?://[^/]+)(/\d*)?", rf"\g<1>/{number}", redis_url)


def remove_leftovers(parent: Path) -> None:
    """Remove the folders of runs that were killed; the folder's name carries the pid."""
    for folder in parent.glob(f"{PREFIX}*"):
        found = re.match(rf"{PREFIX}(\d+)-", folder.name)
        if found and not processes.is_alive(int(found[1])) and folder.stat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)


def _start() -> None:
    parent = Path(tempfile.gettempdir())
    remove_leftovers(parent)
    path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    _running.callback(shutil.rmtree, path, ignore_errors=True)
    folder = open_folder(path)
    compile_catalogues()
    addresses = _running.enter_context(serving(path, durable=False))
    for name in ("PORT", "PORTAL_ORIGIN", "EMAIL_HOST", "SECRET_KEY", "MASTER_KEY", "FAILPOINT"):
        os.environ.pop(name, None)
    os.environ |= {
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "PORTAL_ENV": "test",
        "DATA_DIR": str(path),
        "MEDIA_ROOT": str(path / "media"),
        "SECRET_KEY_FILE": str(folder.secret_key_file()),
        "MASTER_KEY_FILE": str(folder.master_key_file()),
    }


def _take_own_place(number: int) -> None:
    os.environ["REDIS_URL"] = with_database(os.environ["REDIS_URL"], number)
    os.environ["MEDIA_ROOT"] = f"{os.environ['MEDIA_ROOT']}-{number}"


@pytest.hookimpl(tryfirst=True)
def pytest_addoption() -> None:
    """The earliest hook there is: called as soon as the plugin is registered."""
    number = worker_number(os.environ.get("PYTEST_XDIST_WORKER", ""))
    if number:
        _take_own_place(number)
    elif not INFORMATIVE & set(sys.argv):
        try:
            _start()
        except StartRefused as refused:
            _running.close()
            raise pytest.UsageError(str(refused)) from refused


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """After everything else, Ctrl-C and failed collection included."""
    _running.close()

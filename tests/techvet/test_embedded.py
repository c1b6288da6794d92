"""Real servers, real signals: what `./portal run` promises about starting, healing and ending."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psycopg2
import pytest
import redis

from techvet import embedded
from techvet.embedded import processes, programs
from techvet.embedded.errors import Exit, StartRefused
from techvet.embedded.folder import DataFolder, holder_name, open_folder
from techvet.embedded.supervisor import BACK_OFF_SECONDS, Child, Supervisor
from techvet.embedded.valkey import Valkey

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc (Linux)")

T = TypeVar("T")
OUTSIDE = ("DATABASE_URL", "REDIS_URL", "PORTAL_ORIGIN", "MASTER_KEY_FILE", "SECRET_KEY_FILE")

# The real command with small programs in place of Django's, so that a start takes a second.
SMALL_PORTAL = """
import sys
from pathlib import Path
from techvet.embedded import __main__, portal, programs
python = sys.executable
sleeper = (python, "-c", "import time; time.sleep(600)")
serve = ("-m", "http.server", "--bind", "127.0.0.1", "--directory", sys.argv[1])
programs.programs = lambda port: (
    programs.Program("web", (python, *serve, str(port)), may_sign=False),
    programs.Program("worker", sleeper, may_sign=True),
)
portal.Portal._prepare = lambda *arguments: None
sys.exit(__main__.main(["run"]))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(question: Callable[[], T], seconds: float = 10.0) -> T:
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.02)
    return answer


class SmallPortal:
    """A portal in a process of its own."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        self.environment = {key: os.environ[key] for key in os.environ.keys() - set(OUTSIDE)}
        self.environment |= {"DATA_DIR": str(data), "PORT": str(self.port)}
        self.environment |= {"PORTAL_ENV": "development"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SMALL_PORTAL, str(data.parent)],
            env=self.environment,
            cwd=programs.PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_open(self) -> "SmallPortal":
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if "The portal is open at" in line:
                return self
        pytest.fail("".join(lines) + self.process.communicate()[1])

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and standard error."""
        self.process.send_signal(number)
        errors = self.process.communicate(timeout=30)[1]
        return self.process.returncode, errors

    def refused(self) -> tuple[int, str]:
        errors = self.process.communicate(timeout=30)[1]
        return self.process.returncode, errors

    @property
    def folder(self) -> DataFolder:
        return open_folder(self.data)

    def connect(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(embedded.own_servers(self.folder)[0].url)

    def pid_of(self, name: str) -> int:
        """The process of the child `name` that answers now, or 0."""
        if name == "postgres":
            return postmaster(self.data)
        if name == "valkey":
            try:
                client = redis.Redis.from_url(embedded.own_servers(self.folder)[1].url)
                return int(client.info("server")["process_id"])
            except redis.RedisError:
                return 0
        word = {"web": b"http.server", "worker": b"time.sleep(600)"}[name]
        for pid in processes.marked_processes(self.folder.mark):
            if word in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return 0

    def remaining(self) -> list[int]:
        """Live processes of this portal other than the supervisor."""
        mine = set(processes.marked_processes(self.folder.mark))
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(entry / "cwd") == str(self.data / "postgres"):
                    mine.add(int(entry.name))
            except OSError:
                continue
        return sorted(pid for pid in mine if processes.is_alive(pid))


def postmaster(data: Path) -> int:
    try:
        lines = (data / "postgres" / "postmaster.pid").read_text().splitlines()
    except OSError:
        return 0
    ready = len(lines) >= 8 and lines[7].strip() == "ready"
    return int(lines[0]) if ready and processes.is_alive(int(lines[0])) else 0


@pytest.fixture(autouse=True)
def _no_servers_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OUTSIDE:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallPortal]:
    portal = SmallPortal(tmp_path_factory.mktemp("running") / "var").wait_open()
    yield portal
    code, errors = portal.end()
    assert (code, errors) == (0, "")
    assert portal.remaining() == []


@pytest.mark.parametrize("name", ["postgres", "valkey", "web", "worker"])
def test_a_killed_child_comes_back(running: SmallPortal, name: str) -> None:
    before = wait_for(lambda: running.pid_of(name))

    os.kill(before, signal.SIGKILL)

    after = wait_for(lambda: running.pid_of(name) not in (0, before) and running.pid_of(name))
    assert processes.is_alive(after)
    assert not Path(f"/proc/{before}").exists(), "the dead child was not collected"


def test_committed_rows_survive_a_killed_database(running: SmallPortal) -> None:
    wait_for(lambda: running.pid_of("postgres"))
    connection = running.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (word text)")
        cursor.execute("INSERT INTO kept VALUES ('tallessa')")
    before = running.pid_of("postgres")

    os.kill(before, signal.SIGKILL)
    wait_for(lambda: running.pid_of("postgres") not in (0, before))

    with running.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT word FROM kept")
        assert cursor.fetchall() == [("tallessa",)]


def test_only_programs_that_sign_get_the_master_key(running: SmallPortal) -> None:
    def variables(name: str) -> dict[str, str]:
        pid = wait_for(lambda: running.pid_of(name))
        parts = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        return dict(part.decode().partition("=")[::2] for part in parts if part)

    path = running.data / "secrets" / "master_key"
    assert variables("worker")["MASTER_KEY_FILE"] == str(path)
    assert not variables("web").keys() & set(programs.MASTER_KEY_NAMES)
    assert variables("web")["SECRET_KEY_FILE"] == str(running.data / "secrets" / "secret_key")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_second_start_on_the_same_folder_is_refused(running: SmallPortal) -> None:
    code, errors = SmallPortal(running.data).refused()

    assert code == Exit.ALREADY_RUNNING
    assert errors.count("\n") == 1
    assert f"./portal run (process {running.process.pid})" in errors
    assert holder_name(running.folder) == "run"


def test_a_command_uses_the_running_portals_servers(running: SmallPortal) -> None:
    wait_for(lambda: running.pid_of("postgres"))
    code = (
        "import os; from django.conf import settings; "
        "print(settings.DATABASES['default']['OPTIONS']['host'], os.environ['MASTER_KEY_FILE'])"
    )

    result = subprocess.run(
        [sys.executable, "-m", "techvet.embedded", "manage", "shell", "-v0", "-c", code],
        env=running.environment,
        cwd=programs.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")
    secret = running.data / "secrets" / "master_key"
    assert result.stdout.split() == [str(running.data / "run"), str(secret)]


def test_postgres_never_runs_as_root(running: SmallPortal) -> None:
    pid = wait_for(lambda: running.pid_of("postgres"))
    status = Path(f"/proc/{pid}/status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]

    assert "0" not in uids
    assert running.data.stat().st_mode & 0o777 == 0o700


def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    portal = SmallPortal(tmp_path / "var").wait_open()
    assert len(portal.remaining()) > 3

    assert portal.end(signal.SIGINT) == (0, "")

    assert portal.remaining() == []
    assert "database system is shut down" in portal.folder.log("postgres").read_text()


def test_the_next_start_recovers_from_a_killed_supervisor(tmp_path: Path) -> None:
    first = SmallPortal(tmp_path / "var").wait_open()
    old = {name: first.pid_of(name) for name in ("postgres", "valkey", "web", "worker")}
    assert all(old.values())
    first.process.kill()
    first.process.communicate()

    second = SmallPortal(tmp_path / "var", first.port).wait_open()

    assert not any(processes.is_alive(pid) for pid in old.values())
    assert second.end() == (0, "")
    assert second.remaining() == []


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        portal = SmallPortal(tmp_path / "var", other.getsockname()[1])
        code, errors = portal.refused()

    assert code == Exit.PORT_TAKEN
    assert errors == (
        f"portal: Port {portal.port} cannot be used (Address already in use); stop what uses it "
        "or choose another, for instance PORT=8001 ./portal run.\n"
    )
    assert portal.remaining() == []


def test_a_port_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("abc", "0", "65536", "-1", "²"):
        monkeypatch.setenv("PORT", value)
        with pytest.raises(StartRefused) as refused:
            programs.read_port()
        assert refused.value.code == Exit.BAD_VALUE


# ------------------------------------------------------------------ the supervisor


def test_a_child_that_keeps_crashing_is_started_ever_more_seldom() -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append, "test")
    starts: list[float] = []

    def crash() -> "subprocess.Popen[bytes]":
        starts.append(time.monotonic())
        return processes.spawn(["/bin/sh", "-c", "exit 3"], environment={"PATH": "/bin:/usr/bin"})

    with supervisor.guarding():
        supervisor.add(Child("crasher", crash))
        supervisor.keep_running(until=lambda: len(starts) == 4)

    waits = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert waits[0] < 0.4 < waits[1] < 0.9 < waits[2] < 3
    assert said[0] == "crasher ended with code 3; it starts again now"
    assert said[1] == "crasher ended with code 3; it starts again in 0.5 s"
    assert max(BACK_OFF_SECONDS) == 30


def test_what_a_dead_child_left_in_its_group_is_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 600 & echo $! > {note}; exit 1"
    supervisor = Supervisor(lambda message: None, "test")
    with supervisor.guarding():
        supervisor.add(Child("parent", lambda: spawn_shell(script)))
        grandchild = int(wait_for(lambda: note.exists() and note.read_text()))
        supervisor.keep_running(until=lambda: not processes.is_alive(grandchild))

    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def spawn_shell(script: str) -> "subprocess.Popen[bytes]":
    return processes.spawn(["/bin/sh", "-c", script], environment={"PATH": "/bin:/usr/bin"})


def test_a_server_that_cannot_start_names_its_log(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    valkey = Valkey(tmp_path / "missing" / "valkey", tmp_path, folder.log("valkey"), folder.mark)

    with pytest.raises(StartRefused, match=r"valkey did not start; .*valkey\.log") as refused:
        embedded.wait_ready(valkey, valkey.spawn())

    assert refused.value.code == Exit.SERVER_FAILED

"""The `portal` script on machines that lack things, with small stand-ins for the machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent
TOOLS = ("sh", "cat", "dirname", "env", "grep", "id", "mkdir", "cp", "mv", "rm", "uname")

# Plays python3: notes what it is asked, does by hand what takes long, leaves the rest to Python.
PYTHON = f"""#!/bin/sh
here=$(dirname "$0")
case "$*" in
*"import ensurepip, venv"*) [ ! -e "$ROOM/no-venv" ]; exit ;;
"-m venv .venv")
    echo "venv" >> "$ROOM/asked"
    mkdir -p .venv/bin .venv/lib/python3.11/site-packages
    cp "$0" .venv/bin/python ;;
"-m pip --version") ;;
"-m pip install"*)
    echo "pip $*" >> "$ROOM/asked"
    [ ! -e "$ROOM/no-network" ] || exit 1 ;;
"-m techvet.embedded"*|"-m pytest"*|"-m ruff"*|"-m mypy"*|*manage.py*)
    echo "start $*" >> "$ROOM/asked" ;;
*) exec {sys.executable} "$@" ;;
esac
"""


class Machine:
    """A copy of the script in a folder of its own, on a machine with only `TOOLS` and Python."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self.project = room / "a project"
        self.project.mkdir()
        for name in ("portal", "requirements.lock", "requirements-test.lock"):
            shutil.copy(PROJECT / name, self.project / name)
        self.path = room / "bin"
        self.path.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found, tool
            (self.path / tool).symlink_to(found)
        self.add("python3", PYTHON)

    def add(self, name: str, script: str) -> None:
        (self.path / name).write_text(script)
        (self.path / name).chmod(0o755)

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.project / "portal"), *arguments],
            env={"PATH": str(self.path), "ROOM": str(self.room), "HOME": "/nowhere"} | variables,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> list[str]:
        """What Python was asked since the last look."""
        note = self.room / "asked"
        lines = note.read_text().splitlines() if note.exists() else []
        note.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def install(lock: str) -> str:
    return (
        "pip -m pip install -qq --disable-pip-version-check --no-input "
        f"--progress-bar off --require-hashes --no-deps -r {lock}"
    )


RUN = "start -m techvet.embedded run"


def test_the_first_start_installs_and_the_second_does_not(machine: Machine) -> None:
    first = machine("run")
    assert (first.returncode, first.stderr) == (0, "")
    assert machine.asked() == ["venv", install("requirements.lock"), RUN]
    assert [line.split()[0] for line in first.stdout.splitlines()] == ["[portal]", "[portal]"]

    second = machine("run")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert machine.asked() == [RUN]


def test_a_changed_list_of_packages_makes_the_environment_anew(machine: Machine) -> None:
    machine("run")
    leftover = machine.project / ".venv" / "leftover"
    leftover.touch()
    lock = machine.project / "requirements.lock"
    lock.write_text(lock.read_text() + "# changed\n")
    machine.asked()

    assert "The list of packages changed" in machine("run").stdout

    assert machine.asked() == ["venv", install("requirements.lock"), RUN]
    assert not leftover.exists()


def test_a_moved_checkout_installs_again(machine: Machine) -> None:
    machine("run")
    machine.asked()
    machine.project = machine.project.rename(machine.room / "elsewhere")

    machine("run")

    assert machine.asked() == [install("requirements.lock"), RUN]
    pth = machine.project / ".venv/lib/python3.11/site-packages/portal.pth"
    assert pth.read_text() == f"{machine.project}\n"


def test_the_test_packages_serve_the_portal_too(machine: Machine) -> None:
    machine("test", "tests/x.py", "-n0")
    started = "start -m pytest -p tests.servers -n 2 tests/x.py -n0"
    assert machine.asked() == ["venv", install("requirements-test.lock"), started]

    machine("run")
    assert machine.asked() == [RUN]


def test_packages_for_tests_are_added_to_those_for_running(machine: Machine) -> None:
    machine("run")
    machine.asked()

    machine("test")

    assert machine.asked()[0] == install("requirements-test.lock")


def test_an_interrupted_installation_is_repeated(machine: Machine) -> None:
    (machine.room / "no-network").touch()
    failed = machine("run")
    assert failed.returncode == 12
    assert failed.stderr == (
        "portal: The packages of requirements.lock could not be installed; the reason is above.\n"
    )
    (machine.room / "no-network").unlink()
    machine.asked()

    assert machine("run").returncode == 0
    assert machine.asked() == [install("requirements.lock"), RUN]


def test_uv_is_used_when_it_is_there(machine: Machine) -> None:
    machine.add("uv", f'#!/bin/sh\necho "uv $*" >> "$ROOM/asked"\n{PYTHON_OF_UV}')

    assert machine("run").returncode == 0

    asked = [line for line in machine.asked() if line != "uv --version"]
    assert asked[0] == "uv venv --quiet --no-project --python python3 .venv"
    assert asked[1].startswith("uv pip install --quiet --python ")
    assert asked[1].endswith("--require-hashes --no-deps -r requirements.lock")
    assert asked[2] == RUN


PYTHON_OF_UV = """
case "$1" in venv)
    mkdir -p .venv/bin .venv/lib/python3.11/site-packages
    cp "$(dirname "$0")/python3" .venv/bin/python ;;
esac
"""


def test_an_old_python_is_named(machine: Machine) -> None:
    machine.add(
        "python3",
        '#!/bin/sh\ncase "$*" in *platform*) echo "Python 3.9.2" ;; *) exit 1 ;; esac\n',
    )

    result = machine("run")

    assert result.returncode == 10
    assert result.stderr == (
        "portal: Python 3.11.2 to 3.13 is needed and Python 3.9.2 was found; "
        "install python3 or set PORTAL_PYTHON to a suitable one.\n"
    )


def test_no_python_is_named(machine: Machine) -> None:
    (machine.path / "python3").unlink()

    result = machine("run")

    assert result.returncode == 10
    assert "no Python was found" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_python_without_virtual_environments_is_named(machine: Machine) -> None:
    (machine.room / "no-venv").touch()

    result = machine("run")

    assert result.returncode == 11
    assert "apt-get install python3-venv" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root may install")
def test_root_installs_what_debian_leaves_out(machine: Machine) -> None:
    (machine.room / "no-venv").touch()
    machine.add(
        "apt-get",
        '#!/bin/sh\necho "apt-get $*" >> "$ROOM/asked"\nrm -f "$ROOM/no-venv"\n',
    )

    assert machine("run").returncode == 0

    assert machine.asked()[0] == ("apt-get install -y -qq --no-install-recommends python3-venv")


def test_a_missing_browser_is_named_and_the_other_tests_run(machine: Machine) -> None:
    result = machine("test")

    assert "[portal] The browser tests will fail: install chromium" in result.stderr
    assert machine.asked()[-1] == "start -m pytest -p tests.servers -n 2"


def test_manage_passes_its_arguments_on(machine: Machine) -> None:
    machine("manage", "shell", "-c", "print(1)")

    assert machine.asked()[-1] == "start -m techvet.embedded manage shell -c print(1)"


def test_the_checks_go_on_after_a_failure_and_name_it(machine: Machine) -> None:
    machine("test")
    machine.asked()
    script = (machine.path / "python3").read_text()
    broken = script.replace("-m mypy", "-m nothing").replace(
        "case", 'case "$*" in "-m mypy"*) exit 1 ;; esac\ncase', 1
    )
    (machine.project / ".venv" / "bin" / "python").write_text(broken)

    result = machine("check")

    assert result.returncode == 1
    assert result.stderr.endswith("portal: These checks failed: types.\n")
    commands = [line.partition("manage.py ")[2] for line in machine.asked() if "manage.py" in line]
    assert commands == ["makemigrations --check --dry-run", "check --deploy --fail-level WARNING"]


@pytest.mark.parametrize("arguments", [("fly",), ("run", "fast"), ("check", "all")])
def test_a_wrong_command_is_refused(machine: Machine, arguments: tuple[str, ...]) -> None:
    result = machine(*arguments)

    assert result.returncode == 2
    assert "portal: " in result.stderr
    assert machine.asked() == []


def test_the_documentation_names_every_command_and_exit_code(machine: Machine) -> None:
    from techvet.embedded.errors import Exit

    text = (PROJECT / "docs" / "operators" / "running.md").read_text()
    for command in re.findall(r"^  (\w+)", machine("help").stdout, re.MULTILINE):
        assert f"`./portal {command}" in text
    script = (PROJECT / "portal").read_text()
    for code in {*re.findall(r"fail (\d+)", script), *(str(int(code)) for code in Exit)} - {"1"}:
        assert f"| {code} |" in text, code


def test_continuous_integration_checks_and_then_tests() -> None:
    lines = (PROJECT / ".ci" / "run").read_text().splitlines()

    assert [line for line in lines if line.startswith("./")] == ["./portal check", "./portal test"]
    for script in (PROJECT / "portal", PROJECT / ".ci" / "run"):
        assert os.access(script, os.X_OK)

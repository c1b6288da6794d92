"""Starting, marking, finding and ending child processes. No Django, standard library only.

Two things keep a killed supervisor from leaving orphans: the kernel signals each direct child when
its parent dies (Linux, prctl(2) PR_SET_PDEATHSIG), and every child carries the id of its data
folder in its environment, so the next start finds what is left (grandchildren too) in /proc.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

MARK = "PORTAL_SUPERVISED"
POLL_SECONDS = 0.02

# linux/prctl.h, linux/securebits.h, linux/capability.h
_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_SET_CHILD_SUBREAPER = 36
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_NO_SETUID_FIXUP = 1 << 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522

LINUX = sys.platform.startswith("linux")
_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityData(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


def _checked(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def _prctl(option: int, *arguments: int) -> None:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    _checked(_libc.prctl(option, *values), f"prctl {option}")


def adopt_orphans(wanted: bool = True) -> None:
    """Make this process the parent of orphaned grandchildren, so that it can reap them."""
    if LINUX:
        _prctl(_PR_SET_CHILD_SUBREAPER, int(wanted))


def _become_nobody() -> None:
    """Leave uid 0 for `nobody`, keeping the one capability to pass through folders of mode 0700.

    Postgres refuses to run as root. Without the securebit, access(2) would ignore the capability
    for a real uid that is not 0 (capabilities(7)).
    """
    nobody = pwd.getpwnam("nobody")
    _prctl(_PR_SET_SECUREBITS, _NO_SETUID_FIXUP)
    os.setgroups([])
    os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
    os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
    bit = 1 << _CAP_DAC_OVERRIDE
    data = (_CapabilityData * 2)(_CapabilityData(bit, bit, bit), _CapabilityData(0, 0, 0))
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(ctypes.byref(header), data), "capset")
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE)


def _in_child(death_signal: int, not_root: bool) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if not_root and os.getuid() == 0:
            _become_nobody()
        if LINUX:
            # after the change of user, which clears it
            _prctl(_PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path | None = None,
    folder: Path | None = None,
    death_signal: int = signal.SIGTERM,
    not_root: bool = False,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C in a terminal reaches the supervisor only.

    `log` receives both streams (appended); None leaves them with ours. `death_signal` is what the
    child gets when this process dies. `not_root` runs it as `nobody` when we are root.
    """
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else None
        return subprocess.Popen(
            list(command),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=_in_child(death_signal, not_root),
        )


def is_alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie that waits for its parent."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _state(pid) not in ("Z", "X")


def _state(pid: int) -> str:
    try:
        # the name in brackets may itself hold brackets and spaces
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        return stat.rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "?"


def wait_gone(pids: Sequence[int], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def signal_process(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def kill_group(pid: int) -> None:
    """End what a dead child left in its process group (a web server's own workers)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def stop(process: subprocess.Popen[bytes], number: int, seconds: float) -> None:
    """Ask with `number`, wait, then kill the whole group. Safe to call twice."""
    if process.poll() is None:
        signal_process(process.pid, number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()
    kill_group(process.pid)


def marked_processes(mark: str) -> Iterator[int]:
    """Pids of live processes that carry `mark` in their environment (Linux; elsewhere none)."""
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        if pid == os.getpid():
            continue
        try:
            found = wanted in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if found and is_alive(pid):
            yield pid


def end_marked(mark: str, grace_seconds: float = 3.0, spare: Collection[int] = ()) -> int:
    """End what an earlier supervisor of the same data folder left running. Returns how many."""
    found = [pid for pid in marked_processes(mark) if pid not in spare]
    for pid in found:
        signal_process(pid, signal.SIGTERM)
    if not wait_gone(found, grace_seconds):
        for pid in marked_processes(mark):
            if pid not in spare:
                signal_process(pid, signal.SIGKILL)
        wait_gone(found, grace_seconds)
    return len(found)

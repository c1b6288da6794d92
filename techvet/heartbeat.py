"""A sign of life of a process that answers no requests: the age of a small file."""

import contextlib
import os
import time
from pathlib import Path

from django.conf import settings

FRESH_SECONDS = 60.0


def heartbeat_file(name: str) -> Path:
    return Path(settings.DATA_DIR) / "heartbeat" / name


def beat(name: str) -> None:
    """Says that `name` is alive now. A disk that cannot be written stops nobody's work."""
    path = heartbeat_file(name)
    fresh = path.with_name(f"{name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # renamed when whole: nobody reads half a file
        fresh.write_text(f"{os.getpid()}\n", encoding="ascii")
        fresh.replace(path)


def seconds_since_beat(name: str) -> float | None:
    """How long ago `name` was alive, in seconds; None when it never was."""
    try:
        return time.time() - heartbeat_file(name).stat().st_mtime
    except OSError:
        return None


def complaint(name: str) -> str:
    """Empty for a process that lives, else one sentence.

    A file from the future is as bad as an old one: the clock was set back since.
    """
    seconds = seconds_since_beat(name)
    if seconds is None:
        return f"The {name} has given no sign of life yet."
    if seconds <= -FRESH_SECONDS:
        return f"The last sign of life of the {name} lies in the future: was the clock set back?"
    if seconds < FRESH_SECONDS:
        return ""
    return f"The last sign of life of the {name} is {seconds:.0f} seconds old."

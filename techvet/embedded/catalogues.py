"""Compiles the translations; a bare machine has no gettext programs, so Babel does it."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def is_compiled(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime


def all_compiled() -> bool:
    return all(is_compiled(po) for po in LOCALE.glob("*/LC_MESSAGES/*.po"))


def compile_catalogues() -> int:
    """Write each .mo that is missing or older than its .po. Returns how many."""
    done = 0
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        if is_compiled(po):
            continue
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
        # renamed when whole: another process may read or compile it at the same time
        fresh = po.with_suffix(f".mo.{os.getpid()}")
        with fresh.open("wb") as target:
            write_mo(target, catalogue)
        fresh.replace(po.with_suffix(".mo"))
        done += 1
    return done

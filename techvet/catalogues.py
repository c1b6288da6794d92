"""Compiles the message catalogues; a bare machine has no gettext tools, Babel needs none."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogues(folder: Path) -> int:
    """Writes each django.mo that is missing or older than its django.po; returns how many."""
    written = 0
    for po in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parts[-3])
        partial = mo.with_suffix(f".{id(po)}.part")
        with partial.open("wb") as target:
            write_mo(target, catalogue)
        partial.replace(mo)  # several processes may do this at once
        written += 1
    return written

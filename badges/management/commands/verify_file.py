"""`manage.py verify_file`: the checks of the page, for a file, on the command line."""

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from badges.services.verifying import MAX_PICTURE_BYTES, read_credential, verify_credential
from techvet.errors import InvalidInput

EXIT_CODES = {"valid": 0, "valid_issuer_unknown": 0, "not_valid": 1, "could_not_be_checked": 2}


class Command(BaseCommand):
    help = (
        "Verifies a badge of any issuer (JSON, JWT, PNG or SVG). "
        "Exit code: 0 valid, 1 not valid, 2 could not be checked."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", help="the file; a single - reads standard input")
        parser.add_argument("--email", default="", help="the earner's e-mail address")
        parser.add_argument("--offline", action="store_true", help="asks no other server")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            data = read_credential(upload=_read(options["path"]))
        except OSError as error:
            raise CommandError(f"Cannot read the file: {error.strerror}", returncode=2) from None
        except InvalidInput as refusal:
            raise CommandError(str(refusal.message), returncode=2) from None
        result = verify_credential(data, email=options["email"], offline=options["offline"])
        self.stdout.write(result.outcome)
        for line in result.checks:
            self.stdout.write(f"{line.key:<13} {line.outcome:<12} {line.code:<24} {line.text}")
            for one in line.each:
                self.stdout.write(f"{'':<13} {one['by']} ({one['code']})")
        code = EXIT_CODES[result.outcome]
        if code:
            sys.exit(code)


def _read(path: str) -> bytes:
    """One byte more than may be, so that too much is noticed."""
    if path == "-":
        return sys.stdin.buffer.read(MAX_PICTURE_BYTES + 1)
    with Path(path).open("rb") as file:
        return file.read(MAX_PICTURE_BYTES + 1)

"""`manage.py verify_archive FILE.zip`: checks badges offline, from what the archive holds."""

import zipfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from badges.openbadges.errors import OpenBadgesError
from badges.services.archives import check_archive
from techvet.clock import now


class Command(BaseCommand):
    help = "Checks an archive of badges without database and network; ends with 1 if one fails."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            lines = list(check_archive(file.read_bytes(), now=now()))
        except (OSError, zipfile.BadZipFile, OpenBadgesError) as error:
            raise CommandError(f"{file} is no archive of badges: {error}") from None
        for line in lines:
            codes = ", ".join(line.codes)
            self.stdout.write(f"{line.outcome}  {line.name}" + (f"  ({codes})" if codes else ""))
        failed = sum(line.outcome != "valid" for line in lines)
        if failed or not lines:
            raise CommandError(f"{failed} of {len(lines)} could not be confirmed.")
        self.stdout.write(f"All {len(lines)} confirmed.")

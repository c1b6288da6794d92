"""Everything between new code and the first page, in one start of Django."""

import io
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from techvet.embedded.catalogues import compile_catalogues


class Command(BaseCommand):
    help = (
        "Compiles the catalogues, migrates the database and adds the first data; outside "
        "production with a demo, and says who can sign in. Running it again changes nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--cast-to", type=Path, help="a file for the list of people who can sign in"
        )
        parser.add_argument(
            "--without-static",
            action="store_true",
            help="in production, do not collect the static files (an image holds them already)",
        )

    def handle(self, *, cast_to: Path | None, without_static: bool, **options: Any) -> None:
        self.stdout.write(f"Catalogues compiled: {compile_catalogues()}")
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("createcachetable")
        if settings.PRODUCTION:
            if not without_static:
                call_command("collectstatic", interactive=False, verbosity=0)
            call_command("seed", without_demo=True, stdout=self.stdout)
            return
        call_command("seed")
        cast = io.StringIO()
        call_command("demo_cast", stdout=cast)
        if cast_to is None:
            self.stdout.write(cast.getvalue())
        else:
            cast_to.touch(mode=0o600)
            cast_to.write_text(cast.getvalue(), encoding="utf-8")

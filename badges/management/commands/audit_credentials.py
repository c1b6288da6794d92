"""`manage.py audit_credentials`: prints what must never be found, and nothing when all is well."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from badges.services.auditing import findings


class Command(BaseCommand):
    help = "Checks decisions, awards, credentials and their signatures; silent when all is well."

    def handle(self, *args: Any, **options: Any) -> None:
        found = findings()
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"Findings: {len(found)}")

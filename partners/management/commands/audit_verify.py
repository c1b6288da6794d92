"""`manage.py audit_verify`: is the audit log still what was sealed? Names the first broken row."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from partners.services.audit_seal import verify


class Command(BaseCommand):
    help = "Recomputes the hash chain of the audit log and prints its head."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="a head hash noted earlier, which must be in the chain"
        )

    def handle(self, *, head: str, **options: Any) -> None:
        verdict = verify(known_head=head)
        for line in verdict.problems:
            self.stdout.write(line)
        if verdict.problems:
            raise CommandError(f"The audit log is not what was sealed: {verdict.problems[0]}")
        self.stdout.write(
            f"Events: {verdict.events}, of them with somebody erased: {verdict.erased}."
            f" Head: {verdict.head or 'none'}"
        )

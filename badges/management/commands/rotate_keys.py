"""`manage.py rotate_keys`: new signing keys; what the old ones signed stays valid."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from badges.enums import KeyState
from badges.keystore import KeystoreClosed
from badges.models import SigningKey
from badges.services.keys import overdue_keys, rotate_key
from techvet.actor import Actor


class Command(BaseCommand):
    help = "Replaces active signing keys and signs the status lists anew; needs MASTER_KEY."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--issuer", help="the slug of one issuer")
        which.add_argument("--all", action="store_true", help="every issuer")
        parser.add_argument(
            "--older-than-days",
            type=int,
            default=0,
            help="only keys in use for longer, for instance 365",
        )

    def handle(self, *, issuer: str | None, older_than_days: int, **options: Any) -> None:
        if older_than_days > 0:
            keys = overdue_keys(timedelta(days=older_than_days))
        else:
            keys = list(SigningKey.objects.filter(state=KeyState.ACTIVE).select_related("issuer"))
        if issuer is not None:
            keys = [key for key in keys if key.issuer.slug == issuer]
            if not SigningKey.objects.filter(issuer__slug=issuer).exists():
                raise CommandError(f"There is no issuer with keys called {issuer}.")
        for old in keys:
            try:
                new = rotate_key(by=Actor.system(), issuer=old.issuer, algorithm=old.algorithm)
            except KeystoreClosed as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{old.issuer.slug}: {old.name} is retired, {new.name} is active")
        self.stdout.write(f"Keys rotated: {len(keys)}")

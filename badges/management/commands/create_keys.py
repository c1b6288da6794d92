"""`manage.py create_keys`: a signing key and a status list for every issuer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from badges.keystore import KeystoreClosed
from badges.services.keys import ensure_all_keys
from badges.services.status_lists import publish_due
from techvet.actor import Actor


class Command(BaseCommand):
    help = "Makes the signing keys that are missing; needs MASTER_KEY. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = ensure_all_keys(by=Actor.system())
        except KeystoreClosed as error:
            raise CommandError(str(error)) from None
        publish_due()
        self.stdout.write(f"Keys made: {made}")

"""`manage.py destroy_keys`: wipes the private halves of keys that retired long ago."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Exists, OuterRef

from badges.enums import AwardState, KeyState
from badges.models import Award, SigningKey
from badges.services.keys import destroy_key
from techvet.actor import Actor
from techvet.clock import database_now


class Command(BaseCommand):
    help = "Wipes private keys that are retired and needed by nothing; public halves stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--retired-for-days", type=int, default=30, help="leave younger ones alone"
        )

    def handle(self, *, retired_for_days: int, **options: Any) -> None:
        before = database_now() - timedelta(days=retired_for_days)
        waiting = Award.objects.filter(key=OuterRef("pk")).exclude(state=AwardState.ISSUED)
        keys = SigningKey.objects.filter(state=KeyState.RETIRED, retired_at__lt=before)
        destroyed = 0
        for key in keys.exclude(Exists(waiting)).select_related("issuer"):
            destroy_key(by=Actor.system(), key=key)
            self.stdout.write(f"{key.issuer.slug}: the private half of {key.name} is wiped")
            destroyed += 1
        self.stdout.write(f"Keys destroyed: {destroyed}")

"""`manage.py compromise_key ISSUER KEY --since MOMENT`: a key is no longer safe."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from badges.keystore import KeystoreClosed
from badges.models import SigningKey
from badges.services.compromising import compromise_key
from techvet.actor import Actor
from techvet.errors import Refused
from techvet.origin import address


def moment(text: str) -> datetime:
    """ISO 8601; UTC unless it says otherwise. Raises CommandError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is no moment such as 2026-05-04T13:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Withdraws a key for ever, replaces it, and revokes what was signed with it since the"
        " moment. Needs MASTER_KEY."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("issuer", help="the slug of the issuer")
        parser.add_argument("key", help="the name of the key, for instance key-2")
        parser.add_argument("--since", required=True, help="from when on it was unsafe (UTC)")
        parser.add_argument("--yes", action="store_true", help="do not ask first")

    def handle(self, *, issuer: str, key: str, since: str, yes: bool, **options: Any) -> None:
        found = SigningKey.objects.filter(issuer__slug=issuer, name=key).first()
        if found is None:
            raise CommandError(f"{issuer} has no key called {key}.")
        at = moment(since)
        if not yes and input(f"Withdraw {key} of {issuer} for ever? Type yes: ").strip() != "yes":
            self.stdout.write("Nothing was changed.")
            return
        try:
            done = compromise_key(by=Actor.system(), key=found, since=at)
        except (KeystoreClosed, Refused) as error:
            raise CommandError(str(getattr(error, "message", error))) from None
        for word, awards in (("still valid", done.kept), ("revoked", done.revoked)):
            for award in awards:
                where = address("award_show", public_id=award.public_id)
                self.stdout.write(f"{word}: {where} of {award.issued_at:%Y-%m-%d %H:%M}")
        successor = done.successor.name if done.successor else "none was needed"
        self.stdout.write(
            f"{key} is withdrawn; new key: {successor}; still valid: {len(done.kept)},"
            f" revoked: {len(done.revoked)}"
        )

"""`manage.py key_drill`: rehearses rotation and compromise on an issuer that is never stored."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from badges.keystore import KeystoreClosed, signer_for
from badges.models import SigningKey
from badges.openbadges.documents import parse_json
from badges.services import key_log
from badges.services.compromising import compromise_key
from badges.services.did import LARGEST_BYTES, did_document
from badges.services.keys import destroy_key, ensure_active_key, make_next_key, rotate_key
from badges.services.rehearsing import nothing_stays, temporary_issuer
from badges.services.status_lists import ensure_status_list, publish
from techvet.actor import Actor
from techvet.clock import database_now


class Command(BaseCommand):
    help = "Walks a temporary issuer through all states of its keys; leaves nothing behind."

    def handle(self, *args: Any, **options: Any) -> None:
        by = Actor.system()
        try:
            with nothing_stays():
                self._walk(by)
        except KeystoreClosed as error:
            raise CommandError(str(error)) from None
        self.stdout.write("The drill went well; nothing of it was kept.")

    def _walk(self, by: Actor) -> None:
        issuer = temporary_issuer()
        first = ensure_active_key(by=by, issuer=issuer)
        self._tell(1, f"{first.name} made and active")
        status_list = ensure_status_list(issuer=issuer)
        publish(status_list.pk)
        status_list.refresh_from_db()
        self._tell(2, f"status list signed, version {status_list.version}")
        coming = make_next_key(by=by, issuer=issuer)
        self._tell(3, f"{coming.name} made; it stands in the key log only")
        second = rotate_key(by=by, issuer=issuer)
        status_list.refresh_from_db()
        method = signer_for(second).verification_method
        self._check(second.pk == coming.pk, "the next key became the active one")
        self._check(method in status_list.body, "the status list bears the new key")
        self._tell(4, f"{first.name} retired, {second.name} active, status list signed anew")
        first.refresh_from_db()
        destroy_key(by=by, key=first)
        self._tell(5, f"private half of {first.name} wiped")
        moment = database_now() - timedelta(minutes=5)
        done = compromise_key(by=by, key=second, since=moment)
        status_list.refresh_from_db()
        self._check(done.successor is not None, "there is a successor")
        document = did_document(issuer)
        self._check(second.public_key_multibase.encode() not in document, "did.json lacks the key")
        self._check(len(document) <= LARGEST_BYTES, "did.json is small enough")
        methods = parse_json(document)["assertionMethod"]
        self._check(second.public_key_multibase not in str(methods), "it may not assert")
        self._check(methods[0] in status_list.body, "the status list bears the successor")
        self._tell(6, f"{second.name} compromised; successor active, lists signed anew")
        self._check(not list(key_log.problems_of_log(issuer)), "the key log is whole")
        count = SigningKey.objects.filter(issuer=issuer).count()
        self._tell(7, f"key log whole, keys: {count}")

    def _tell(self, number: int, words: str) -> None:
        self.stdout.write(f"{number}. {words}")

    def _check(self, holds: bool, words: str) -> None:
        if not holds:
            raise CommandError(f"This does not hold: {words}.")

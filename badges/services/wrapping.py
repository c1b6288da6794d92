"""Changing the master key: the same private keys, encrypted under another one."""

from django.db import transaction

from badges.models import SigningKey
from badges.services.keys import require_portal
from partners.services import audit
from techvet.actor import Actor


@transaction.atomic
def rewrap_all(*, by: Actor, new_master_key: str) -> int:
    """All keys or none; raises KeystoreClosed when one does not open, or the new key is none."""
    from badges.keystore import rewrapped

    require_portal(by)
    keys = SigningKey.objects.select_for_update(of=("self",)).select_related("issuer")
    done = 0
    for key in keys.order_by("pk"):
        if not bytes(key.encrypted_private_key):  # wiped
            continue
        key.encrypted_private_key = rewrapped(key, new_master_key)
        key.save(update_fields=["encrypted_private_key"])
        audit.record(by=by, verb="key_rewrapped", thing=key, organisation=key.issuer)
        done += 1
    return done

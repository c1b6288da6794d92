"""Signing keys of the issuers. Making one needs MASTER_KEY; reading the public half does not."""

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import KeyState
from badges.models import SigningKey, StatusList
from badges.services.status_lists import ensure_status_list, mark_dirty, publish
from partners.models import Organisation
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import WrongState


@transaction.atomic
def ensure_active_key(*, by: Actor, issuer: Organisation) -> SigningKey:
    """The issuer's active key, made when there is none."""
    Organisation.objects.select_for_update().get(pk=issuer.pk)
    key = SigningKey.objects.filter(issuer=issuer, state=KeyState.ACTIVE).first()
    return key or _make_key(by, issuer)


@transaction.atomic
def rotate_key(*, by: Actor, issuer: Organisation) -> SigningKey:
    """A new active key; the old one stays published, so that what it signed still verifies.

    Status lists must bear a key in use, so they are signed anew at once.
    """
    Organisation.objects.select_for_update().get(pk=issuer.pk)
    SigningKey.objects.filter(issuer=issuer, state=KeyState.ACTIVE).update(
        state=KeyState.RETIRED, retired_at=now()
    )
    key = _make_key(by, issuer)
    for status_list in StatusList.objects.filter(issuer=issuer):
        mark_dirty(status_list)
        publish(status_list.pk)
    return key


def ensure_all_keys(*, by: Actor) -> int:
    """A key and a status list for every issuer without one; returns how many keys were made."""
    issuers = Organisation.objects.filter(is_issuer=True)
    with_key = SigningKey.objects.filter(state=KeyState.ACTIVE).values("issuer")
    made = 0
    for issuer in issuers.exclude(pk__in=with_key):
        ensure_active_key(by=by, issuer=issuer)
        made += 1
    for issuer in issuers.exclude(pk__in=StatusList.objects.values("issuer")):
        ensure_status_list(issuer=issuer)
    return made


def active_key_of(issuer: Organisation) -> SigningKey:
    """Raises WrongState when the issuer cannot sign yet."""
    key = SigningKey.objects.filter(issuer=issuer, state=KeyState.ACTIVE).first()
    if key is None:
        raise WrongState(
            "no_key",
            _("%(issuer)s has no signing key yet. Ask those who run the portal to make one.")
            % {"issuer": issuer.display_name},
        )
    return key


def _make_key(by: Actor, issuer: Organisation) -> SigningKey:
    from badges.keystore import seal_new_key

    name = f"key-{SigningKey.objects.filter(issuer=issuer).count() + 1}"
    sealed = seal_new_key(issuer.slug, name)
    key = SigningKey.objects.create(
        issuer=issuer,
        name=name,
        public_key_multibase=sealed.public_key_multibase,
        encrypted_private_key=sealed.encrypted_private_key,
    )
    audit.record(by=by, verb="key_made", thing=key, organisation=issuer, name=name)
    return key

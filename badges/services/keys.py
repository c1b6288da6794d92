"""Signing keys of the issuers and their states. Making one needs MASTER_KEY; most else does not.

next -> active -> retired -> destroyed, and from each of the first three, or destroyed,
-> compromised. Every move is a line of the public key log. Each issuer has at most one active key
of each algorithm: Ed25519 from the beginning, the others from when a token asks for them.
"""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from badges.enums import KeyAlgorithm, KeyEvent, KeyState
from badges.models import KeyLogEntry, SigningKey, StatusList
from badges.services import key_log
from badges.services.status_lists import ensure_followers, ensure_status_list, republish_all
from partners.models import Organisation
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.errors import InvalidInput, NotAllowed, WrongState

logger = logging.getLogger("portal.keys")
ROTATE_AFTER = timedelta(days=365)
# From which states each move starts, and the state that it leads to.
MOVES: dict[str, tuple[frozenset[str], KeyState]] = {
    "activate": (frozenset({KeyState.NEXT}), KeyState.ACTIVE),
    "retire": (frozenset({KeyState.ACTIVE}), KeyState.RETIRED),
    "destroy": (frozenset({KeyState.RETIRED}), KeyState.DESTROYED),
    "compromise": (
        frozenset({KeyState.NEXT, KeyState.ACTIVE, KeyState.RETIRED, KeyState.DESTROYED}),
        KeyState.COMPROMISED,
    ),
}
# What was frozen with a key that has retired since is still signed with it.
SIGNING = (KeyState.ACTIVE, KeyState.RETIRED)


class KeyNotUsable(Exception):
    """The key was destroyed or compromised, or is not in use yet: nothing is signed with it."""


def target_of(verb: str, key: SigningKey) -> KeyState:
    """The state that follows; raises WrongState when the move does not start here."""
    sources, target = MOVES[verb]
    if key.state not in sources:
        raise WrongState(
            "wrong_key_state",
            _("The key %(name)s is now in the state “%(state)s”.")
            % {"name": key.name, "state": KeyState(key.state).label},
        )
    return target


def active_key_of(issuer: Organisation, algorithm: str = KeyAlgorithm.ED25519) -> SigningKey:
    """Raises WrongState when the issuer cannot sign yet."""
    key = _active(issuer, algorithm)
    if key is None:
        raise WrongState(
            "no_key",
            _("%(issuer)s has no signing key yet. Ask those who run the portal to make one.")
            % {"issuer": issuer.display_name},
        )
    return key


@transaction.atomic
def ensure_key(
    *, by: Actor, issuer: Organisation, algorithm: str = KeyAlgorithm.ED25519
) -> SigningKey:
    """The issuer's active key of this algorithm, made when there is none; needs MASTER_KEY."""
    lock_issuer(by, issuer)
    found = _active(issuer, algorithm)
    return found or _activate(by, _next(issuer, algorithm) or _make(by, issuer, algorithm))


def ensure_active_key(*, by: Actor, issuer: Organisation) -> SigningKey:
    """The issuer's active key for proofs, made when there is none."""
    return ensure_key(by=by, issuer=issuer)


def ensure_all_keys(*, by: Actor) -> int:
    """A key, its log and status lists for every issuer that lacks them; tells how many keys."""
    issuers = Organisation.objects.filter(is_issuer=True)
    active = SigningKey.objects.filter(state=KeyState.ACTIVE, algorithm=KeyAlgorithm.ED25519)
    made = 0
    for issuer in issuers.exclude(pk__in=active.values("issuer")):
        ensure_active_key(by=by, issuer=issuer)
        made += 1
    unlogged = SigningKey.objects.exclude(pk__in=KeyLogEntry.objects.values("key"))
    for issuer in Organisation.objects.filter(pk__in=unlogged.values("issuer")):
        write_log(by=by, issuer=issuer)
    for issuer in issuers.exclude(pk__in=StatusList.objects.values("issuer")):
        ensure_status_list(issuer=issuer)
    ensure_followers()
    return made


@transaction.atomic
def write_log(*, by: Actor, issuer: Organisation) -> int:
    """Log lines for keys that have none; tells for how many keys."""
    lock_issuer(by, issuer)
    return key_log.write_missing(issuer)


@transaction.atomic
def make_next_key(
    *, by: Actor, issuer: Organisation, algorithm: str = KeyAlgorithm.ED25519
) -> SigningKey:
    """A key to come: in the log at once, in did.json and in use when it is activated."""
    lock_issuer(by, issuer)
    return _next(issuer, algorithm) or _make(by, issuer, algorithm)


@transaction.atomic
def rotate_key(
    *, by: Actor, issuer: Organisation, algorithm: str = KeyAlgorithm.ED25519
) -> SigningKey:
    """A new active key; the old one stays published, so that what it signed still verifies.

    Status lists must bear a key in use, so they are signed anew at once.
    """
    lock_issuer(by, issuer)
    coming = _next(issuer, algorithm) or _make(by, issuer, algorithm)
    old = _active(issuer, algorithm)
    if old is not None:
        retire_key(by=by, key=old)
    key = _activate(by, coming)
    if algorithm == KeyAlgorithm.ED25519:
        republish_all(issuer)
    return key


def rotate_due(*, by: Actor, older_than: timedelta = ROTATE_AFTER) -> list[SigningKey]:
    """Rotates every active key that is older; returns the new ones."""
    return [
        rotate_key(by=by, issuer=key.issuer, algorithm=key.algorithm)
        for key in overdue_keys(older_than)
    ]


def overdue_keys(older_than: timedelta = ROTATE_AFTER) -> list[SigningKey]:
    """Active keys in use for longer than this, the oldest first."""
    before = database_now() - older_than
    keys = SigningKey.objects.filter(state=KeyState.ACTIVE, created_at__lt=before)
    return [
        key
        for key in keys.select_related("issuer").order_by("created_at")
        if (key.activated_at or key.created_at) < before
    ]


@transaction.atomic
def retire_key(*, by: Actor, key: SigningKey) -> SigningKey:
    """It signs nothing new. What was decided before is still signed with it."""
    lock_issuer(by, key.issuer)
    return _move(by, key, "retire", KeyEvent.RETIRED, retired_at=database_now())


@transaction.atomic
def destroy_key(*, by: Actor, key: SigningKey) -> SigningKey:
    """Wipes the private half of a retired key for ever; the public half stays published.

    Backups made before still hold it, encrypted.
    """
    lock_issuer(by, key.issuer)
    return _move(
        by,
        key,
        "destroy",
        KeyEvent.DESTROYED,
        destroyed_at=database_now(),
        encrypted_private_key=b"",
    )


def _move(by: Actor, key: SigningKey, verb: str, event: KeyEvent, **fields: object) -> SigningKey:
    """One row of the table of moves, written with its log line; the issuer is locked."""
    key = SigningKey.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=key.pk)
    fields["state"] = target_of(verb, key)
    for name, value in fields.items():
        setattr(key, name, value)
    key.save(update_fields=list(fields))
    at = fields.get("compromised_at") or fields.get(f"{event.value}_at") or database_now()
    assert isinstance(at, datetime)
    key_log.append(key, event, at=at)
    audit.record(by=by, verb=f"key_{event.value}", thing=key, organisation=key.issuer)
    return key


def move_to_compromised(by: Actor, key: SigningKey, since: datetime) -> SigningKey:
    """The row and the log line only; `services/compromising.py` does what follows from it."""
    if since > database_now():
        raise InvalidInput("future", _("The moment lies in the future."), field="since")
    ended = min(filter(None, (key.retired_at, since)))
    return _move(
        by,
        key,
        "compromise",
        KeyEvent.COMPROMISED,
        compromised_at=since,
        # Verifying believes what was signed until here and is in our records.
        retired_at=ended,
        encrypted_private_key=b"",
    )


def hold_for_signing(key_id: int) -> None:
    """Keeps the state of a key until the transaction ends; raises KeyNotUsable.

    Called in the transaction that stores what was signed: a compromise either comes before, and
    nothing is stored, or after, and finds what was stored. Stores of one key do not wait for
    each other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM badges_signingkey WHERE id = %s FOR SHARE", [key_id])
        row = cursor.fetchone()
    if row is None or row[0] not in SIGNING:
        raise KeyNotUsable(row[0] if row else "gone")


def lock_issuer(by: Actor, issuer: Organisation) -> None:
    """One change of an issuer's keys at a time, and only by commands and workers."""
    require_portal(by)
    Organisation.objects.select_for_update().get(pk=issuer.pk)


def require_portal(by: Actor) -> None:
    if not by.is_system:
        raise NotAllowed("not_the_portal", _("Only those who run the portal change keys."))


def _active(issuer: Organisation, algorithm: str) -> SigningKey | None:
    keys = SigningKey.objects.filter(issuer=issuer, state=KeyState.ACTIVE, algorithm=algorithm)
    return keys.first()


def _next(issuer: Organisation, algorithm: str) -> SigningKey | None:
    keys = SigningKey.objects.filter(issuer=issuer, state=KeyState.NEXT, algorithm=algorithm)
    return keys.order_by("created_at").first()


def _activate(by: Actor, key: SigningKey) -> SigningKey:
    return _move(by, key, "activate", KeyEvent.ACTIVATED, activated_at=database_now())


def _make(by: Actor, issuer: Organisation, algorithm: str) -> SigningKey:
    from badges.keystore import seal_new_key

    key_log.write_missing(issuer)
    name = f"key-{SigningKey.objects.filter(issuer=issuer).count() + 1}"
    sealed = seal_new_key(issuer.slug, name, algorithm)
    key = SigningKey.objects.create(
        issuer=issuer,
        name=name,
        algorithm=algorithm,
        public_key_multibase=sealed.public_key_multibase,
        public_jwk=sealed.public_jwk,
        encrypted_private_key=sealed.encrypted_private_key,
        state=KeyState.NEXT,
        created_at=database_now(),
    )
    key_log.append(key, KeyEvent.MADE, at=key.created_at)
    audit.record(by=by, verb="key_made", thing=key, organisation=issuer, name=name)
    return key

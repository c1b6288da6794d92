"""Awards. The address of an issued one is public, but random, and listed nowhere."""

from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from badges.enums import AwardState, KeyAlgorithm, KeyState
from badges.models import Award, Credential, SigningKey, StatusList, StatusListVersion
from badges.permissions import reviewing_organisation_ids
from partners.models import Organisation
from techvet.actor import Actor


def awards_visible_to(actor: Actor) -> QuerySet[Award]:
    """Issued ones for everybody with the address; others for the earner and the reviewers."""
    seen = Q(state=AwardState.ISSUED)
    if actor.user is not None:
        seen |= Q(recipient=actor.user) | Q(decision__reviewer=actor.user)
        seen |= Q(issuer__in=reviewing_organisation_ids(actor))
    return Award.objects.filter(seen).select_related(
        "version__achievement", "version__creator", "issuer", "recipient", "key", "status_list"
    )


def awards_of(actor: Actor) -> QuerySet[Award]:
    """The person's own, newest first, whatever became of them."""
    if actor.user is None:
        return Award.objects.none()
    return Award.objects.filter(recipient=actor.user).select_related(
        "version__achievement", "issuer"
    )


def credential_of(award: Award) -> Credential | None:
    return Credential.objects.filter(award=award).first()


def awards_with_credential() -> QuerySet[Award]:
    """Issued ones with everything that goes into a document; public by their random address."""
    return (
        Award.objects.filter(state=AwardState.ISSUED)
        .select_related(
            "version__achievement", "version__creator", "issuer", "credential", "recipient"
        )
        .prefetch_related("version__criteria")
    )


def parked_awards_for(actor: Actor) -> QuerySet[Award]:
    """What a coordinator can try again."""
    return Award.objects.filter(
        state=AwardState.PARKED, issuer__in=reviewing_organisation_ids(actor)
    ).select_related("version", "issuer")


def credentials() -> QuerySet[Credential]:
    """Public by their unguessable address."""
    return Credential.objects.filter(award__state=AwardState.ISSUED).select_related(
        "award__version__achievement"
    )


def issuers_with_keys() -> QuerySet[Organisation]:
    """Issuers of today and of former days: what they issued names these addresses for ever."""
    signed = SigningKey.objects.filter(issuer=OuterRef("pk"))
    return Organisation.objects.filter(Q(is_issuer=True) | Exists(signed))


def token_keys_of(issuer: Organisation) -> QuerySet[SigningKey]:
    """The keys of tokens that a verifier may believe: not those to come or compromised."""
    unsafe = (KeyState.NEXT, KeyState.COMPROMISED)
    keys = SigningKey.objects.filter(issuer=issuer).exclude(algorithm=KeyAlgorithm.ED25519)
    return keys.exclude(state__in=unsafe).defer("encrypted_private_key")


def keys_of(issuer: Organisation) -> QuerySet[SigningKey]:
    """Active and retired ones: what was signed with a retired key still verifies."""
    return (
        SigningKey.objects.filter(issuer=issuer)
        .defer("encrypted_private_key")
        .order_by("created_at")
    )


def published_status_lists() -> QuerySet[StatusList]:
    return StatusList.objects.exclude(body="").defer("permutation_key")


def status_list_versions() -> QuerySet[StatusListVersion]:
    """Everything that was published in the last months."""
    return StatusListVersion.objects.all()


def award_at(url: str) -> Award | None:
    """The issued award whose page or document has the path of this address."""
    try:
        parts = [part for part in urlsplit(url).path.split("/") if part]
        public_id = UUID(parts[1]) if len(parts) > 1 and parts[0] == "awards" else None
    except ValueError:
        return None
    if public_id is None:
        return None
    return (
        Award.objects.filter(public_id=public_id, state=AwardState.ISSUED)
        .select_related("credential")
        .first()
    )

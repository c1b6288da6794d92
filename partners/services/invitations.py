"""Invitations: one mailbox, one organisation, one role, usable once within a week.

The token travels by e-mail only, so whoever has it has proved the mailbox. Still an account that
exists is never joined to an organisation without its owner signing in.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.enums import LINK_ROLES, LinkReason
from partners.models import Invitation, Membership, Organisation, User
from partners.permissions import can_change_invitation, can_invite_person
from partners.selectors.actors import actor_of, current_memberships
from partners.selectors.invitations import invitation_of_hash, open_invitations
from partners.services import audit
from partners.services.addresses import parse_email
from partners.services.letters import write_letter_to_mailbox
from partners.services.links import make_link, send_link
from partners.services.people import join_organisation, organisation_language, person_at
from partners.services.tokens import hash_of, new_token
from techvet.actor import Actor, Assurance
from techvet.clock import now
from techvet.errors import Gone, InvalidInput, NotAllowed, WrongState
from techvet.origin import absolute

VALID_FOR = timedelta(days=7)
MOST_IN_A_DAY = 50  # for one organisation


@dataclass(frozen=True)
class Accepted:
    """What came of an acceptance; `link_token` opens the desk of people without a password."""

    person: User
    membership: Membership
    is_new: bool
    link_token: str | None = None


@transaction.atomic
def invite_person(
    *,
    by: Actor,
    organisation: Organisation,
    email: str,
    role: str,
    name: str = "",
    language: str = "",
) -> Invitation:
    """Writes the invitation and its letter.

    Raises NotAllowed for a role that `by` may not give here; InvalidInput for an address that
    is already here or already invited.
    """
    assert by.user is not None
    if not can_invite_person(by, organisation, role):
        raise NotAllowed("role_not_yours", _("You cannot give this role in this organisation."))
    email = parse_email(email, field="email")
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # one invitation at a time
    _refuse_doubles(organisation, email, role)
    token, token_hash = new_token()
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        name=name.strip(),
        role=role,
        language=language or organisation_language(organisation),
        token_hash=token_hash,
        invited_by=by.user,
        expires_at=now() + VALID_FOR,
    )
    audit.record(by=by, verb="invited", thing=invitation, organisation=organisation, role=role)
    _write(invitation, token)
    return invitation


@transaction.atomic
def resend_invitation(*, by: Actor, invitation: Invitation) -> None:
    """Sends a fresh token for another week; the earlier address stops working."""
    invitation = _locked(by, invitation)
    token, invitation.token_hash = new_token()
    invitation.expires_at = now() + VALID_FOR
    invitation.save(update_fields=["token_hash", "expires_at"])
    audit.record(
        by=by, verb="invitation_resent", thing=invitation, organisation=invitation.organisation
    )
    _write(invitation, token)


@transaction.atomic
def withdraw_invitation(*, by: Actor, invitation: Invitation) -> None:
    """Closes an invitation that nobody has accepted yet."""
    invitation = _locked(by, invitation)
    invitation.withdrawn_at = now()
    invitation.save(update_fields=["withdrawn_at"])
    audit.record(
        by=by, verb="invitation_withdrawn", thing=invitation, organisation=invitation.organisation
    )


def usable_invitation(token: str) -> Invitation:
    """The invitation of an address; raises Gone, in words, when it cannot be used."""
    invitation = invitation_of_hash(hash_of(token))
    if invitation is None:
        raise Gone("invitation_unknown", _("This invitation does not exist any more."))
    _refuse_unusable(invitation)
    return invitation


@transaction.atomic
def accept_invitation(*, by: Actor, token: str, name: str = "", password: str = "") -> Accepted:
    """Joins the invited person; the role comes from the invitation alone.

    `by` is whoever is in this browser. Raises Gone when the invitation was used meanwhile,
    NotAllowed for another mailbox or when the account's owner has to sign in first, and
    InvalidInput for the name and password of a new person.
    """
    invitation = Invitation.objects.select_for_update().filter(token_hash=hash_of(token)).first()
    if invitation is None:
        raise Gone("invitation_unknown", _("This invitation does not exist any more."))
    _refuse_unusable(invitation)
    refuse_other_person(by, invitation)
    person = person_at("email", invitation.email)
    is_new = person is None
    if person is None:
        person = _create_person(invitation, name, password)
    _vouch_for_mailbox(person, invitation.email)
    actor = actor_of(person, max(by.assurance, Assurance.LINK))
    membership, _created = join_organisation(
        person=person, organisation=invitation.organisation, role=invitation.role, by=actor
    )
    invitation.accepted_at, invitation.accepted_by = now(), person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    audit.record(
        by=actor,
        verb="invitation_accepted",
        thing=invitation,
        organisation=invitation.organisation,
        role=invitation.role,
    )
    return Accepted(person, membership, is_new, _first_link(person, invitation, actor))


def needs_password(invitation: Invitation) -> bool:
    """Instructors and signatories work from a personal link; everybody else signs in."""
    return invitation.role not in LINK_ROLES


def refuse_other_person(by: Actor, invitation: Invitation) -> None:
    """Raises NotAllowed unless this browser may accept for the invited mailbox."""
    if by.user is not None and by.link is None:
        if (by.user.email or "").lower() != invitation.email.lower():
            message = _(
                "This invitation was sent to %(address)s, but you are signed in with another"
                " address. Sign out, then open the invitation again."
            )
            raise NotAllowed("other_mailbox", message % {"address": invitation.email})
        return
    person = person_at("email", invitation.email)
    if person is not None and not person.is_active:
        raise NotAllowed("person_inactive", _("This account is closed. Ask who invited you."))
    if person is not None and (needs_password(invitation) or person.has_usable_password()):
        raise NotAllowed("sign_in_first", _("You have an account here. Sign in to accept."))


def _refuse_doubles(organisation: Organisation, email: str, role: str) -> None:
    here = current_memberships().filter(organisation=organisation, role=role)
    if here.filter(user__email__iexact=email).exists():
        raise InvalidInput("already_here", _("This person already has this role here."), "email")
    if open_invitations(organisation).filter(email__iexact=email, role=role).exists():
        message = _("This person is invited already. You can send the invitation again.")
        raise InvalidInput("already_invited", message, "email")
    day_ago = now() - timedelta(days=1)
    if organisation.invitations.filter(created_at__gt=day_ago).count() >= MOST_IN_A_DAY:
        raise WrongState("too_many", _("This is enough for a day. Invite the others tomorrow."))


def _refuse_unusable(invitation: Invitation) -> None:
    if invitation.accepted_at:
        raise Gone("invitation_used", _("This invitation was already accepted."))
    if invitation.withdrawn_at:
        raise Gone("invitation_withdrawn", _("This invitation was withdrawn."))
    if not invitation.is_usable:
        raise Gone("invitation_expired", _("This invitation has expired. Ask for a new one."))


def _locked(by: Actor, invitation: Invitation) -> Invitation:
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=invitation.pk)
    )
    if not can_change_invitation(by, invitation):
        raise NotAllowed("not_yours", _("You cannot change this invitation."))
    if invitation.accepted_at or invitation.withdrawn_at:
        raise WrongState("closed", _("This invitation is accepted or withdrawn already."))
    return invitation


def _create_person(invitation: Invitation, name: str, password: str) -> User:
    name = name.strip()
    if not name:
        raise InvalidInput("name_missing", _("Enter your name."), "name")
    fields = {"name": name[:120], "language": invitation.language}
    candidate = User(email=invitation.email, **fields)
    if needs_password(invitation):
        try:
            validate_password(password, candidate)
        except ValidationError as error:
            raise InvalidInput("password_weak", " ".join(error.messages), "password") from None
    try:
        with transaction.atomic():
            return User.objects.create_user(
                invitation.email, password if needs_password(invitation) else None, **fields
            )
    except IntegrityError:  # another invitation made the account a moment ago
        message = _("You have an account here. Sign in to accept.")
        raise NotAllowed("sign_in_first", message) from None


def _vouch_for_mailbox(person: User, email: str) -> None:
    address, _created = EmailAddress.objects.get_or_create(
        user=person, email=email, defaults={"verified": True, "primary": True}
    )
    if not address.verified:
        address.verified = True
        address.save(update_fields=["verified"])


def _first_link(person: User, invitation: Invitation, actor: Actor) -> str | None:
    """People without a password get a link by letter, and one for the browser they are in."""
    if needs_password(invitation) or person.has_usable_password():
        return None
    send_link(person=person, by=actor, reason=LinkReason.WELCOME)
    return make_link(person=person, by=actor)[1]


def _write(invitation: Invitation, token: str) -> None:
    write_letter_to_mailbox(
        address=invitation.email,
        name=invitation.name,
        language=invitation.language,
        kind="invitation",
        context={
            "invitation": invitation,
            "address": absolute(reverse("invitation_accept", args=[token])),
        },
    )

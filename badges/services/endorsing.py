"""Endorsements by companies and institutions: asked for, given in one tap, taken back.

Nothing is signed here: a worker does that (services/endorsement_signing.py).
"""

from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from badges.enums import AwardState, EndorsementKind, EndorsementState
from badges.models import Achievement, Award, Endorsement
from badges.permissions import reviewing_organisation_ids
from badges.selectors.endorsements import (
    can_answer_endorsement,
    can_endorse_for,
    can_take_back,
    endorsers_at,
    subject_words,
)
from badges.services.rings import ring_to_endorse
from badges.services.status_lists import mark_dirty
from partners.models import Organisation, User
from partners.services import audit
from partners.services.messages import queue_message
from techvet.actor import Actor
from techvet.clock import database_now, now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from techvet.origin import address

MOST_OPEN = 20  # requests of one person that wait for an answer
Subject = Achievement | Organisation | Award | str  # str: a skill of the person who asks


@transaction.atomic
def ask_endorsement(*, by: Actor, subject: Subject, email: str, note: str = "") -> bool:
    """Asks the person with this address, if they may endorse; tells whether somebody was asked.

    The page must not show the difference: an address is nobody's business. Raises NotAllowed for
    a subject that is not one's own to ask for, and InvalidInput.
    """
    _check_may_ask(by, subject)
    assert by.user is not None
    waiting = Endorsement.objects.filter(asked_by=by.user, state=EndorsementState.REQUESTED)
    if waiting.count() >= MOST_OPEN:
        raise InvalidInput("too_many", _("Wait for the answers that you have asked for already."))
    places = endorsers_at(email)
    if not places or places[0].user == by.user:
        return False
    membership = places[0]
    fields = _fields_of(subject, by.user)
    if waiting.filter(asked=membership.user, **fields).exists():
        return True
    endorsement = Endorsement.objects.create(
        **fields,
        endorser=membership.organisation,
        asked=membership.user,
        asked_by=by.user,
        request_note=note,
    )
    audit.record(
        by=by, verb="endorsement_asked", thing=endorsement, organisation=membership.organisation
    )
    _tell_asked(endorsement, membership.user, by.user)
    return True


@transaction.atomic
def give_endorsement(*, by: Actor, endorsement: Endorsement, comment: str) -> Endorsement:
    """One tap on what was asked for."""
    endorsement = _locked(endorsement)
    if not can_answer_endorsement(by, endorsement):
        raise NotAllowed("not_asked", _("Somebody else was asked for this endorsement."))
    _require(endorsement, EndorsementState.REQUESTED)
    return _give(by, endorsement, comment)


@transaction.atomic
def endorse(
    *, by: Actor, subject: Achievement | Organisation | Award, endorser: Organisation, comment: str
) -> Endorsement:
    """An endorsement that nobody asked for."""
    if not can_endorse_for(by, endorser):
        raise NotAllowed("not_endorser", _("You do not speak for this organisation."))
    assert by.user is not None
    if isinstance(subject, Award) and subject.recipient_id == by.user.pk:
        raise NotAllowed("own_award", _("Somebody else has to endorse your badge."))
    if isinstance(subject, Organisation) and subject.pk == endorser.pk:
        raise NotAllowed("own_house", _("An institution does not endorse itself."))
    fields = _fields_of(subject, None)
    living = [EndorsementState.GIVEN, EndorsementState.ISSUED]
    if Endorsement.objects.filter(endorser=endorser, state__in=living, **fields).exists():
        raise WrongState("endorsed", _("Your organisation has endorsed this already."))
    return _give(by, Endorsement(**fields, endorser=endorser), comment)


@transaction.atomic
def decline_endorsement(*, by: Actor, endorsement: Endorsement) -> Endorsement:
    """Says no; the person who asked sees only that it was not given."""
    endorsement = _locked(endorsement)
    if not can_answer_endorsement(by, endorsement):
        raise NotAllowed("not_asked", _("Somebody else was asked for this endorsement."))
    _require(endorsement, EndorsementState.REQUESTED)
    endorsement.state = EndorsementState.DECLINED
    endorsement.save(update_fields=["state"])
    audit.record(by=by, verb="endorsement_declined", thing=endorsement)
    return endorsement


@transaction.atomic
def take_back_endorsement(*, by: Actor, endorsement: Endorsement) -> Endorsement:
    """Revokes what was given; the signed document stays readable and is marked as revoked."""
    endorsement = _locked(endorsement)
    if not can_take_back(by, endorsement):
        raise NotAllowed("not_endorser", _("You do not speak for this organisation."))
    _require(endorsement, EndorsementState.ISSUED)
    endorsement.state = EndorsementState.REVOKED
    endorsement.revoked_at = database_now()
    endorsement.save(update_fields=["state", "revoked_at"])
    assert endorsement.status_list is not None
    mark_dirty(endorsement.status_list)
    audit.record(
        by=by, verb="endorsement_revoked", thing=endorsement, organisation=endorsement.endorser
    )
    return endorsement


def _give(by: Actor, endorsement: Endorsement, comment: str) -> Endorsement:
    comment = comment.strip()
    if not comment:
        raise InvalidInput("no_comment", _("Write a sentence that you stand by."), field="comment")
    endorsement.state = EndorsementState.GIVEN
    endorsement.given_by = by.user
    endorsement.comment = comment
    endorsement.next_at = now()
    endorsement.save()
    audit.record(
        by=by, verb="endorsement_given", thing=endorsement, organisation=endorsement.endorser
    )
    transaction.on_commit(ring_to_endorse(endorsement.pk), robust=True)
    return endorsement


def _check_may_ask(by: Actor, subject: Subject) -> None:
    if by.user is None or by.is_read_only:
        raise NotAllowed("sign_in", _("Sign in first."))
    if isinstance(subject, str):
        if not subject.strip():
            raise InvalidInput("skill", _("Name the skill."), field="skill")
        return
    if isinstance(subject, Award):
        is_own = subject.recipient_id == by.user.pk and subject.state == AwardState.ISSUED
    elif isinstance(subject, Organisation):
        is_own = subject.pk in reviewing_organisation_ids(by)
    else:
        is_own = bool(reviewing_organisation_ids(by))
    if not is_own:
        raise NotAllowed("not_yours", _("You cannot ask for an endorsement of this."))


def _fields_of(subject: Subject, person: User | None) -> dict[str, Any]:
    if isinstance(subject, Achievement):
        return {"kind": EndorsementKind.ACHIEVEMENT, "achievement": subject}
    if isinstance(subject, Organisation):
        return {"kind": EndorsementKind.ISSUER, "subject_issuer": subject}
    if isinstance(subject, Award):
        return {"kind": EndorsementKind.AWARD, "award": subject}
    return {"kind": EndorsementKind.SKILL, "person": person, "skill": subject.strip()}


def _locked(endorsement: Endorsement) -> Endorsement:
    return (
        Endorsement.objects.select_for_update(of=("self",))
        .select_related("endorser", "status_list")
        .get(pk=endorsement.pk)
    )


def _require(endorsement: Endorsement, state: str) -> None:
    if endorsement.state != state:
        raise WrongState(
            "answered",
            _("This endorsement is now in the state “%(state)s”.")
            % {"state": EndorsementState(endorsement.state).label},
        )


def _tell_asked(endorsement: Endorsement, asked: User, asker: User) -> None:
    with translation.override(asked.language):
        queue_message(
            recipient=asked,
            kind="endorsement_asked",
            subject=_("%(name)s asks for your endorsement") % {"name": asker.name},
            body=_(
                "%(name)s asks whether you endorse %(subject)s. It takes one tap: open your desk"
                " or sign in, and read what you would sign.\n\n%(url)s"
            )
            % {
                "name": asker.name,
                "subject": subject_words(endorsement),
                "url": address("endorsement_show", public_id=endorsement.public_id),
            },
            unique_key=f"endorsement_asked:{endorsement.public_id}",
        )

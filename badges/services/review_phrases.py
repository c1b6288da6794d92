"""Sentences that the reviewers of one institution keep for their notes."""

from django.db import transaction
from django.utils.translation import gettext as _

from badges.models import ReviewPhrase
from badges.permissions import reviewing_organisation_ids
from partners.services import audit
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed

PHRASE_MAX = 400


@transaction.atomic
def keep_phrase(*, by: Actor, text: str) -> ReviewPhrase:
    """Keeps a note for the own institution; the same sentence is kept once.

    Raises InvalidInput for an empty or long one, NotAllowed for people without an institution.
    """
    own = reviewing_organisation_ids(by)
    if by.user is None or not own:
        raise NotAllowed("not_reviewer", _("Reviewers of institutions keep sentences."))
    text = " ".join(text.split())
    if not text:
        raise InvalidInput("empty", _("Write the note first, then keep it."))
    if len(text) > PHRASE_MAX:
        raise InvalidInput(
            "long",
            _("Keep a sentence of at most %(count)s characters.") % {"count": PHRASE_MAX},
        )
    acting = by.organisation.pk if by.organisation else 0
    phrase, is_new = ReviewPhrase.objects.get_or_create(
        organisation_id=acting if acting in own else own[0],
        text=text,
        defaults={"language": by.user.language, "created_by": by.user},
    )
    if is_new:
        audit.record(by=by, verb="phrase_kept", thing=phrase, organisation=phrase.organisation)
    return phrase


@transaction.atomic
def delete_phrase(*, by: Actor, phrase: ReviewPhrase) -> None:
    """Any reviewer of the institution tidies its list."""
    if phrase.organisation_id not in reviewing_organisation_ids(by):
        raise NotAllowed("not_yours", _("This sentence belongs to another institution."))
    audit.record(by=by, verb="phrase_deleted", thing=phrase, organisation=phrase.organisation)
    phrase.delete()

"""A person's own page: what it shows is chosen here, and nowhere else."""

from collections.abc import Collection
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from badges.models import Award, Passport
from badges.permissions import can_keep_passport
from badges.selectors.passports import showable_awards
from partners.services import audit
from techvet.actor import Actor, Assurance
from techvet.clock import now
from techvet.errors import NotAllowed


@transaction.atomic
def save_passport(*, by: Actor, about: str, is_public: bool, shown: Collection[UUID]) -> Passport:
    """Writes the page as a whole; awards that are not this person's are left alone."""
    if not can_keep_passport(by) or by.user is None:
        raise NotAllowed("not_yours", _("Sign in, or open your own link, to change your page."))
    passport, _made = Passport.objects.get_or_create(person=by.user)
    was_public = passport.is_public
    passport.about = about.strip()
    passport.is_public = is_public
    passport.updated_at = now()
    passport.save(update_fields=["about", "is_public", "updated_at"])
    # What cannot be shown today keeps its choice: a suspended badge may come back.
    choice = Award.objects.filter(pk__in=showable_awards(by.user.pk).values("pk"))
    choice.filter(is_shown=True).exclude(public_id__in=shown).update(is_shown=False)
    choice.filter(is_shown=False, public_id__in=shown).update(is_shown=True)
    if was_public != is_public:
        verb = "passport_opened" if is_public else "passport_closed"
        audit.record(by=by, verb=verb, thing=passport)
    return passport


@transaction.atomic
def claim_awards(*, by: Actor) -> int:
    """Badges that were issued to the person's e-mail address before they came here become theirs.

    Only addresses that this person has proved to read: those verified by the portal, or the one a
    personal link was sent to. Returns how many.
    """
    addresses = _proved_addresses(by)
    if not addresses or not can_keep_passport(by):
        return 0
    unclaimed = (
        Award.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(recipient__isnull=True)
        .alias(mailbox=Lower("recipient_email"))
        .filter(mailbox__in=addresses)
        .select_related("issuer")
    )
    claimed = 0
    for award in unclaimed:
        award.recipient = by.user
        award.save(update_fields=["recipient"])
        audit.record(by=by, verb="award_claimed", thing=award, organisation=award.issuer)
        claimed += 1
    return claimed


def _proved_addresses(by: Actor) -> set[str]:
    if by.user is None:
        return set()
    if by.link is not None and by.assurance >= Assurance.LINK:
        return {by.user.email.lower()} if by.user.email else set()
    found = EmailAddress.objects.filter(user=by.user, verified=True)
    return {one.lower() for one in found.values_list("email", flat=True)}

"""What waits for a person on the start page, as far as badges know."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import ApplicationState, ChunkState
from badges.models import Application
from badges.permissions import reviewing_organisation_ids
from badges.selectors.applications import applications_of
from badges.selectors.awards import parked_awards_for
from badges.selectors.batches import batches_visible_to
from badges.selectors.endorsements import asked_of, subject_words
from badges.selectors.reviews import review_queue
from badges.selectors.scaffolding import peer_feedback_for
from badges.states import EDITABLE
from techvet.actor import Actor
from techvet.clock import today
from techvet.records import StartItem
from techvet.templatetags.portal import day


def start_items(actor: Actor) -> list[StartItem]:
    """Reviews that wait, badges that need another try, one's own applications with a next step."""
    if actor.user is None:
        return []
    return [
        *_reviews(actor),
        *_parked(actor),
        *_parked_lists(actor),
        *asked_items(actor),
        *_own(actor),
    ]


def asked_items(actor: Actor) -> list[StartItem]:
    """What other people ask of this person: a review by invitation, a voice, a colleague's look."""
    if actor.user is None:
        return []
    invited = [] if reviewing_organisation_ids(actor) else review_queue(actor)
    return [*map(_invited, invited), *_asked(actor), *_peer_feedback(actor)]


def _reviews(actor: Actor) -> list[StartItem]:
    if not reviewing_organisation_ids(actor):
        return []
    queue = review_queue(actor)
    count = queue.count()
    if not count:
        return []
    oldest = queue[0]
    overdue = queue.filter(answer_by__lt=today()).count()
    detail = (
        ngettext("%(count)s is overdue.", "%(count)s are overdue.", overdue) % {"count": overdue}
        if overdue
        else _("The first answer is promised by %(day)s.") % {"day": day(oldest.answer_by)}
    )
    return [
        StartItem(
            title=ngettext(
                "%(count)s badge application to review",
                "%(count)s badge applications to review",
                count,
            )
            % {"count": count},
            detail=detail,
            url=reverse("review_queue"),
            tone="attention" if overdue else "wait",
            since=oldest.submitted_at,
        )
    ]


def _invited(application: Application) -> StartItem:
    """For a peer without a queue of their own: the one application they were asked to judge."""
    return StartItem(
        title=_("You are asked to review: %(badge)s") % {"badge": application.version.name},
        detail=_("The answer is promised by %(day)s.") % {"day": day(application.answer_by)},
        url=reverse("review_show", kwargs={"public_id": application.public_id}),
        tone="attention",
        since=application.submitted_at,
    )


def _parked(actor: Actor) -> list[StartItem]:
    return [
        StartItem(
            title=_("Issuing did not work: %(badge)s") % {"badge": award.version.name},
            detail=_("Nothing is lost. Look at it and try again."),
            url=reverse("award_show", kwargs={"public_id": award.public_id}),
            tone="attention",
            since=award.issued_at,
        )
        for award in parked_awards_for(actor)
    ]


def _parked_lists(actor: Actor) -> list[StartItem]:
    stuck = batches_visible_to(actor).filter(chunks__state=ChunkState.PARKED).distinct()
    return [
        StartItem(
            title=_("Issuing did not work: %(badge)s") % {"badge": batch.name},
            detail=_("Nothing is lost. Look at it and try again."),
            url=reverse("batch_show", kwargs={"public_id": batch.public_id}),
            tone="attention",
            since=batch.issued_at,
        )
        for batch in stuck
    ]


def _peer_feedback(actor: Actor) -> list[StartItem]:
    """Only while the draft can still be changed: afterwards the comments help nobody."""
    open_ones = peer_feedback_for(actor).filter(
        given_at__isnull=True, application__state__in=EDITABLE
    )
    return [
        StartItem(
            title=_("A colleague asks for your feedback: %(badge)s")
            % {"badge": one.application.version.name},
            detail=one.application.applicant.name,
            url=reverse("peer_feedback", kwargs={"public_id": one.public_id}),
            tone="attention",
            since=one.asked_at,
        )
        for one in open_ones
    ]


def _asked(actor: Actor) -> list[StartItem]:
    return [
        StartItem(
            title=_("You are asked to endorse %(subject)s") % {"subject": subject_words(one)},
            detail=_("One tap: read what you would sign.")
            if one.asked_by is None
            else _("%(name)s asks. One tap: read what you would sign.") % {"name": one.asked_by},
            url=reverse("endorsement_show", kwargs={"public_id": one.public_id}),
            tone="attention",
            since=one.asked_at,
        )
        for one in asked_of(actor)
    ]


def _own(actor: Actor) -> list[StartItem]:
    waiting = applications_of(actor).filter(
        state__in=[ApplicationState.DRAFT, ApplicationState.RETURNED]
    )
    return [
        StartItem(
            title=_("Returned with notes: %(badge)s") % {"badge": one.version.name}
            if one.state == ApplicationState.RETURNED
            else _("Go on with your application: %(badge)s") % {"badge": one.version.name},
            detail=_("Read the notes and send it again.")
            if one.state == ApplicationState.RETURNED
            else _("Add evidence and send it when you are ready."),
            url=reverse("application_show", kwargs={"public_id": one.public_id}),
            tone="attention" if one.state == ApplicationState.RETURNED else "info",
            since=one.updated_at,
        )
        for one in waiting
    ]

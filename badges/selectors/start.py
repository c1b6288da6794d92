"""What waits for a person on the start page, as far as badges know."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import ApplicationState
from badges.permissions import reviewing_organisation_ids
from badges.selectors.applications import applications_of, review_queue
from badges.selectors.awards import parked_awards_for
from techvet.actor import Actor
from techvet.clock import today
from techvet.records import StartItem
from techvet.templatetags.portal import day


def start_items(actor: Actor) -> list[StartItem]:
    """Reviews that wait, badges that need another try, one's own applications with a next step."""
    if actor.user is None:
        return []
    return [*_reviews(actor), *_parked(actor), *_own(actor)]


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

"""What waits for a person on the start page, as far as guidance knows."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.enums import PlacementState, WeekState
from guidance.models import DiaryEntry, Placement, Week
from guidance.selectors.desk import desk_cards
from guidance.selectors.needs import needs_counts, who_needs_me
from guidance.selectors.placements import Hours, hours_of, placements_visible_to
from partners.enums import Role
from techvet.actor import Actor
from techvet.clock import today
from techvet.records import StartItem
from techvet.templatetags.portal import hours as in_words


def start_items(actor: Actor) -> list[StartItem]:
    """For the student the diary, for the teacher who needs them, for the coordinator counts."""
    if actor.user is None:
        return []
    items = _of_student(actor) if actor.has_role(Role.STUDENT) else []
    if actor.has_role(Role.TEACHER):
        items += _of_teacher(actor)
    if actor.has_role(Role.INSTRUCTOR):
        items += _of_instructor(actor)
    if actor.has_role(Role.COORDINATOR):
        items += _of_coordinator(actor)
    return items


def running_placement_of(actor: Actor) -> Placement | None:
    """The placement a student is in today."""
    day = today()
    return (
        placements_visible_to(actor)
        .filter(
            student=actor.user,
            state__in=[PlacementState.ACCEPTED, PlacementState.RUNNING],
            starts_on__lte=day,
            ends_on__gte=day,
        )
        .first()
    )


def hours_left(actor: Actor) -> Hours | None:
    """Of a student's running placement."""
    placement = running_placement_of(actor)
    return hours_of(placement) if placement else None


def _of_student(actor: Actor) -> list[StartItem]:
    placement = running_placement_of(actor)
    if placement is None:
        return []
    items = []
    diary = reverse("diary_write", args=[placement.public_id])
    returned = Week.objects.filter(placement=placement, state=WeekState.RETURNED).first()
    if returned:
        items.append(
            StartItem(
                title=_("Change the week that came back"),
                detail=returned.return_reason,
                url=reverse("week_show", args=[returned.public_id]),
                tone="attention",
            )
        )
    is_working_day = today().weekday() < 5
    if is_working_day and not _has_entry(placement, today()):
        sums = hours_of(placement)
        items.append(
            StartItem(
                title=_("Write today's diary"),
                detail=_("%(left)s of %(planned)s hours are left at %(workplace)s.")
                % {
                    "left": in_words(sums.left),
                    "planned": in_words(sums.planned),
                    "workplace": placement.company,
                },
                url=diary,
            )
        )
    return items


def _has_entry(placement: Placement, day: dt.date) -> bool:
    return DiaryEntry.objects.filter(week__placement=placement, day=day).exists()


def _of_teacher(actor: Actor) -> list[StartItem]:
    return [
        StartItem(
            title=f"{need.student}, {need.workplace}",
            detail=need.what,
            url=need.url,
            tone=need.tone,
            word=need.word,
        )
        for need in who_needs_me(actor)
    ]


def _of_instructor(actor: Actor) -> list[StartItem]:
    waiting = [card for card in desk_cards(actor) if card.may_confirm or card.is_asked]
    return [
        StartItem(
            title=str(card.placement.student),
            detail=_("Weeks to confirm.") if card.may_confirm else card.tag[1],
            url=reverse("desk"),
            since=card.placement.ball_since,
        )
        for card in waiting
    ]


def _of_coordinator(actor: Actor) -> list[StartItem]:
    school = placements_visible_to(actor).filter(
        institution__in=actor.organisation_ids(Role.COORDINATOR)
    )
    counts = needs_counts(school)
    words = {
        "logged": ngettext(
            "%(count)s placement waits for the school",
            "%(count)s placements wait for the school",
            counts["logged"],
        ),
        "quiet": ngettext(
            "%(count)s diary has been silent for six days",
            "%(count)s diaries have been silent for six days",
            counts["quiet"],
        ),
        "late": ngettext(
            "%(count)s placement has a week unconfirmed for over seven days",
            "%(count)s placements have a week unconfirmed for over seven days",
            counts["late"],
        ),
        "returned": ngettext(
            "%(count)s placement has a returned week",
            "%(count)s placements have a returned week",
            counts["returned"],
        ),
    }
    tones = {"quiet": "attention"}
    return [
        StartItem(
            title=words[key] % {"count": count},
            detail="",
            url=f"{reverse('placements_list')}?{urlencode({'need': key})}",
            tone=tones.get(key, "wait"),
        )
        for key, count in counts.items()
        if count
    ]

"""Handing a student over to a colleague at the workplace."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from guidance.enums import Party, PlacementEvent
from guidance.models import Placement, PlacementInstructor
from guidance.permissions import can_hand_over, parties_of, require
from guidance.selectors.placements import OPEN_STATES
from guidance.services.letters import bring_desk, tell_school
from guidance.services.moves import lock_placement, note_move
from partners.enums import LinkReason, Role
from partners.models import User
from partners.services.people import find_or_create_person
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, WrongState


@transaction.atomic
def hand_over(
    *, by: Actor, placements: Iterable[Placement], name: str, email_or_phone: str
) -> User:
    """A colleague takes the students over and gets a link; the old instructor keeps reading.

    The instructor does it alone for their own students; the school may do it when the workplace
    rings. Batches are refused as a whole. All placements must be of one company.
    """
    locked = [lock_placement(p) for p in sorted(placements, key=lambda p: p.pk)]
    for placement in locked:
        require(by, can_hand_over(by, placement))
        if placement.state not in OPEN_STATES:
            raise WrongState("placement_over", _("This placement is over."))
    if not locked or len({p.company_id for p in locked}) > 1:
        raise WrongState("nothing_to_hand_over", _("There is nobody to hand over here."))
    colleague = find_or_create_person(
        name=name,
        email_or_phone=email_or_phone,
        by=by,
        organisation=locked[0].company,
        role=Role.INSTRUCTOR,
    )
    for placement in locked:
        _change(placement, colleague, by)
    bring_desk(colleague, locked[0], by=by, reason=LinkReason.HAND_OVER)
    return colleague


def _change(placement: Placement, colleague: User, by: Actor) -> None:
    rows = PlacementInstructor.objects.select_for_update().filter(placement=placement, ends_at=None)
    if any(row.person_id == colleague.pk for row in rows):
        raise InvalidInput(
            "same_person",
            _("%(name)s already guides this student.") % {"name": colleague},
            "email_or_phone",
        )
    if colleague.pk == placement.student_id:
        raise InvalidInput(
            "student_guides", _("A student cannot guide themselves."), "email_or_phone"
        )
    # An instructor hands over their own part; the school replaces whoever is there.
    if Party.WORKPLACE in parties_of(by, placement):
        rows = rows.filter(person=by.user)
    rows.update(ends_at=now())
    PlacementInstructor.objects.create(placement=placement, person=colleague)
    move = note_move(placement, PlacementEvent.INSTRUCTOR_CHANGED, by=by, note=str(colleague))
    if by.user != placement.teacher:
        tell_school("instructor_changed", placement, key=str(move.pk), colleague=colleague)

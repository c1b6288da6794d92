"""What a student wants to learn in a placement."""

from django.db import transaction
from django.utils.translation import gettext as _

from guidance.enums import GoalProgress
from guidance.models import Goal, Placement
from guidance.permissions import can_add_goal, can_mark_goal, require
from guidance.selectors.placements import OPEN_STATES
from guidance.services.moves import lock_placement
from partners.services import audit
from techvet.actor import Actor
from techvet.errors import InvalidInput, WrongState

MOST_GOALS = 20
MOST_GOAL_LETTERS = 200


@transaction.atomic
def add_goal(*, by: Actor, placement: Placement, text: str) -> Goal:
    """One goal in plain words; student, school and workplace may all add."""
    placement = lock_placement(placement)
    require(by, can_add_goal(by, placement))
    if placement.state not in OPEN_STATES:
        raise WrongState("placement_over", _("This placement is over."))
    text = " ".join(text.split())
    if not text:
        raise InvalidInput("goal_missing", _("Write the goal in a few words."), "text")
    if len(text) > MOST_GOAL_LETTERS:
        message = _("Use at most %(max)s characters.") % {"max": MOST_GOAL_LETTERS}
        raise InvalidInput("goal_long", message, "text")
    count = placement.goals.count()
    if count >= MOST_GOALS:
        raise InvalidInput("goals_many", _("There are many goals already."), "text")
    if placement.goals.filter(text__iexact=text).exists():
        raise InvalidInput("goal_there", _("This goal is there already."), "text")
    goal = Goal.objects.create(placement=placement, text=text, position=count, added_by=by.user)
    audit.record(by=by, verb="goal_added", thing=goal, organisation=placement.institution)
    return goal


@transaction.atomic
def mark_goal(*, by: Actor, goal: Goal, progress: str) -> Goal:
    """How far the student has come with a goal; also back again."""
    placement = lock_placement(goal.placement)
    goal = Goal.objects.select_for_update().get(pk=goal.pk)
    goal.placement = placement
    if progress not in GoalProgress.values:
        raise InvalidInput("progress", _("Choose how far the student has come."), "progress")
    require(by, can_mark_goal(by, goal, progress))
    if goal.progress != progress:
        audit.record(
            by=by,
            verb="goal_marked",
            thing=goal,
            organisation=placement.institution,
            source=goal.progress,
            target=progress,
        )
        goal.progress = progress
        goal.save(update_fields=["progress"])
    return goal

"""A record that became evidence stays readable when the record itself is gone."""

import pytest

from badges.enums import EvidenceKind
from badges.models import EvidenceItem
from badges.selectors.records import records_for
from badges.services.evidence import use_record
from badges.templatetags.badge_words import fact_words
from guidance.enums import PlacementState
from guidance.models import Placement
from guidance.services.goals import add_goal, mark_goal
from guidance.services.weeks import confirm_week, return_week
from tests.factories.badges import draft
from tests.factories.guidance import running, waiting_week

KINDS = (
    EvidenceKind.CONFIRMED_WEEKS,
    EvidenceKind.FEEDBACK_GIVEN,
    EvidenceKind.ASSESSMENTS_MADE,
    EvidenceKind.COOPERATION_CYCLE,
)


@pytest.fixture
def used(cast, badge, monkeypatch):
    """One piece of evidence of each kind, for the instructor who did it all."""
    monkeypatch.setattr("badges.services.applying.issuer_for", lambda person: cast.school)
    placement = running(cast, weeks_ago=3)
    instructor = cast.actor("instructor")
    goal = add_goal(by=cast.actor("teacher"), placement=placement, text="Turns a shaft")
    mark_goal(by=instructor, goal=goal, progress="mastered")
    return_week(by=instructor, week=waiting_week(cast, placement, 2), reason="Say what you did.")
    confirm_week(by=instructor, week=waiting_week(cast, placement, 1))
    Placement.objects.update(state=PlacementState.ENDED, ball_with="")
    application = draft(cast.instructor, badge, answered=False)
    criterion = application.version.criteria.first()
    records = {record.kind: record for record in records_for(cast.instructor)}
    for kind in KINDS:
        use_record(
            by=instructor,
            application=application,
            criterion=criterion,
            record_id=records[kind].record_id,
        )
    return application


def told(application):
    items = EvidenceItem.objects.filter(application=application).order_by("pk")
    return {item.kind: [item.snapshot["title"], *fact_words(item)] for item in items}


def test_each_kind_is_used_in_one_step_and_told_in_words(used):
    words = told(used)
    assert set(words) == set(KINDS)
    assert "1 written note" in words["feedback_given"]
    assert "1 goal assessed" in words["assessments_made"]
    assert "2 contacts" in words["cooperation_cycle"]
    assert "1 week confirmed" in words["confirmed_weeks"]
    assert all(any("Finland" in one for one in facts) for facts in words.values())


def test_the_snapshot_outlives_the_record(cast, used):
    before = told(used)
    Placement.objects.all().delete()
    assert records_for(cast.instructor) == []
    assert told(used) == before


def test_the_reviewer_reads_it_afterwards(cast, used, by_link):
    Placement.objects.all().delete()
    url = f"/applications/{used.public_id}/criteria/1/"
    html = by_link(cast.instructor, code=True).get(url).content.decode()
    assert "1 written note" in html
    assert "2 contacts" in html
    assert cast.student.name not in html

"""Numbers for everybody, and for reviewers: right, and silent about single people."""

import re
from datetime import timedelta

import pytest

from badges.enums import AwardBasis, Mark, Outcome
from badges.models import Award, CriterionMark, Decision
from badges.selectors.transparency import criterion_figures, transparency
from badges.services.deciding import decide
from partners.enums import Role
from partners.selectors.actors import actor_of
from tests.cast import join, person
from tests.factories.badges import issued_award, mark_all, submitted

pytestmark = pytest.mark.django_db
WHERE = "/badges/transparency/"


@pytest.fixture
def decided(cast, badge, issuers):
    """Decides for new teachers of the school: so many approved, so many declined."""

    def make(approved: int, declined: int = 0) -> None:
        for number in range(approved + declined):
            earner = person(f"Teacher {number} Demo")
            join(earner, cast.school, Role.TEACHER)
            if number < approved:
                issued_award(earner, badge, cast.coordinator)
            else:
                application = submitted(earner, badge)
                mark_all(application, cast.coordinator, Mark.NOT_YET)
                decide(
                    by=actor_of(cast.coordinator),
                    application=application,
                    outcome=Outcome.DECLINE,
                    revision=1,
                    note="Another badge fits better.",
                )

    return make


def test_an_empty_portal_has_an_honest_page(client) -> None:
    text = client.get(WHERE).content.decode()
    assert "No badge has been issued yet" in text


def test_few_decisions_are_counted_and_not_described(client, decided) -> None:
    decided(2, 1)
    figures = transparency()
    assert (figures.issued, figures.everything.decided) == (2, 3)
    assert figures.everything.refused_percent is None
    assert figures.badges[0].median_days is None
    assert "Refused</dt>" not in client.get(WHERE).content.decode()


def test_enough_decisions_are_described(client, cast, decided) -> None:
    decided(6, 2)
    figures = transparency()
    row = figures.badges[0]
    assert (row.issued, row.decided, row.refused_percent) == (6, 8, 25)
    assert row.median_days == 0
    assert row.median_rounds == 1
    assert figures.issuers[0]["count"] == 6
    assert figures.by_basis == [{"name": AwardBasis.REVIEW.label, "count": 6}]
    assert sum(one["count"] for one in figures.reviewers) == 8
    text = client.get(WHERE).content.decode()
    assert "25 %" in text
    assert cast.school.display_name in text
    assert "Teacher 1 Demo" not in text  # organisations, never people


def test_the_median_counts_days_from_sending(decided) -> None:
    decided(5)
    for days, decision in enumerate(Decision.objects.all()):
        application = decision.application
        application.submitted_at = decision.made_at - timedelta(days=days)
        application.save(update_fields=["submitted_at"])
    assert transparency().everything.median_days == 2


def test_revoked_awards_are_counted(decided) -> None:
    decided(2)
    first = Award.objects.first()
    Award.objects.filter(pk=first.pk).update(
        revoked_at=first.issued_at, revocation_reason="issued_in_error"
    )
    assert transparency().revoked == 1
    assert transparency().issued == 2


def test_the_number_of_queries_is_constant(client, decided, django_assert_max_num_queries) -> None:
    decided(3)
    with django_assert_max_num_queries(10):
        client.get(WHERE)


def test_criteria_that_come_back_stand_first(cast, decided, as_user) -> None:
    decided(5, 0)
    marks = CriterionMark.objects.filter(criterion__number=1)
    marks.update(mark=Mark.NOT_YET)
    rows = criterion_figures([cast.school.pk])
    assert rows[0].average_rounds == 2.0
    assert rows[0].met_at_once_percent == 0
    assert rows[-1].met_at_once_percent == 100
    text = as_user(cast.coordinator).get("/reviews/figures/").content.decode()
    assert rows[0].title in text
    assert re.search(r"<td class=\"num\">0 %</td>", text)


def test_criteria_of_other_schools_stay_theirs(cast, decided, as_user) -> None:
    decided(5)
    text = as_user(cast.far_coordinator).get("/reviews/figures/").content.decode()
    assert "No marks yet" in text
    assert criterion_figures([cast.other_school.pk]) == []


@pytest.mark.parametrize("path", ["/reviews/figures/", "/reviews/practice/"])
def test_only_reviewers_come_in(client, cast, as_user, path) -> None:
    assert client.get(path).status_code == 302
    assert as_user(cast.teacher).get(path).status_code in (302, 403)

"""Reviewers try their judgement on samples; the first mark counts."""

import pytest

from badges.enums import Mark
from badges.models import CalibrationMark
from badges.selectors.calibration import samples, samples_for
from badges.selectors.catalogue import catalogue
from badges.services.calibrating import mark_sample
from partners.selectors.actors import actor_of
from techvet.errors import InvalidInput, NotAllowed

pytestmark = pytest.mark.django_db
WHERE = "/reviews/practice/"


def test_every_sample_names_a_criterion_that_exists() -> None:
    titles = {
        (one["code"], criterion["number"])
        for one in catalogue().achievements
        for criterion in one.get("criteria", [])
    }
    for sample in samples():
        badge, _, rest = sample.criterion.partition(", criterion ")
        assert (badge, int(rest.partition(":")[0])) in titles, sample.code
        assert sample.mark in Mark.values
    assert len({one.code for one in samples()}) == len(samples())
    assert {one.mark for one in samples()} == set(Mark.values)


def test_the_answer_shows_after_the_own_mark(cast, as_user) -> None:
    browser = as_user(cast.coordinator)
    sample = samples()[0]
    before = browser.get(WHERE).content.decode()
    assert sample.evidence[:30] in before
    assert sample.because[:40] not in before
    response = browser.post(WHERE, {"sample": sample.code, "mark": sample.mark})
    assert response.status_code == 302
    assert response["Location"] == f"{WHERE}#{sample.code}"
    after = browser.get(WHERE).content.decode()
    assert sample.because[:40] in after
    assert "As the authors" in after


def test_the_first_mark_counts(cast) -> None:
    by = actor_of(cast.coordinator)
    sample = samples()[0].code
    mark_sample(by=by, sample=sample, mark=Mark.NOT_YET)
    mark_sample(by=by, sample=sample, mark=Mark.MET)
    assert CalibrationMark.objects.get().mark == Mark.NOT_YET
    assert not samples_for(cast.coordinator)[0].agrees


def test_colleagues_show_from_three_on(cast) -> None:
    sample = samples()[0].code
    mark_sample(by=actor_of(cast.coordinator), sample=sample, mark=Mark.MET)
    for person in (cast.reviewer, cast.admin):
        CalibrationMark.objects.create(reviewer=person, sample=sample, mark=Mark.UNCLEAR)
    assert samples_for(cast.coordinator)[0].others == []
    CalibrationMark.objects.create(reviewer=cast.far_coordinator, sample=sample, mark=Mark.UNCLEAR)
    others = samples_for(cast.coordinator)[0].others
    assert [one["count"] for one in others] == [0, 0, 3]
    # and only for who has marked the sample
    assert samples_for(cast.teacher)[0].others == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"sample": "nothing", "mark": "met"},
        {"sample": "kind-words", "mark": "perfect"},
        {"sample": "\x00", "mark": "\x00"},
    ],
)
def test_what_makes_no_sense_changes_nothing(cast, as_user, given) -> None:
    assert as_user(cast.coordinator).post(WHERE, given).status_code == 302
    assert not CalibrationMark.objects.exists()


def test_refusals_of_the_service(cast) -> None:
    with pytest.raises(NotAllowed):
        mark_sample(by=actor_of(cast.teacher), sample=samples()[0].code, mark=Mark.MET)
    with pytest.raises(InvalidInput):
        mark_sample(by=actor_of(cast.coordinator), sample="nothing", mark=Mark.MET)
    with pytest.raises(InvalidInput):
        mark_sample(by=actor_of(cast.coordinator), sample=samples()[0].code, mark="")

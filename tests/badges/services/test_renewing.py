"""Notice before the end, renewing by one new proof, and renewing by guiding."""

from datetime import timedelta

import pytest
from django.test import Client

from badges.enums import AwardBasis
from badges.models import Award
from badges.selectors.renewals import guided_years, renewal_of, renewals_of, rule_words
from badges.services.applying import submit_application
from badges.services.evidence import save_text
from badges.services.issuing import issue
from badges.services.renewing import renew_by_activity, start_renewal, tell_ending
from guidance.services.weeks import confirm_week
from partners.models import OutgoingMessage
from techvet.clock import now
from techvet.errors import NotAllowed, WrongState
from tests.badges.views.asking import goes_to_sign_in
from tests.factories import guidance
from tests.factories.badges import issued_award


@pytest.fixture
def teacher(cast):
    return cast.actor("teacher")


@pytest.fixture
def award(cast, badge, issuers):
    """Given two months ago, and about to end."""
    made = issued_award(cast.teacher, badge, cast.coordinator)
    return ends_in(made, 40, given=-60)


def ends_in(award, days, given=-1000):
    Award.objects.filter(pk=award.pk).update(
        issued_at=now() + timedelta(days=given), valid_until=now() + timedelta(days=days)
    )
    award.refresh_from_db()
    return award


def guide(cast):
    placement = guidance.running(cast, weeks_ago=2)
    confirm_week(by=cast.actor("instructor"), week=guidance.waiting_week(cast, placement, 1))


# ------------------------------------------------------------- notice
def test_one_message_in_the_last_90_days(cast, award):
    assert tell_ending() == 1
    assert tell_ending() == 0
    message = OutgoingMessage.objects.get(kind="badge_ends")
    assert message.recipient == cast.teacher
    assert f"/awards/{award.public_id}/renew/" in message.body


@pytest.mark.parametrize(("days", "told"), [(89, 1), (91, 0), (-1, 0)])
def test_when_it_is_told(cast, award, days, told):
    ends_in(award, days)
    assert tell_ending() == told


def test_nobody_is_told_of_what_is_revoked_or_renewed(cast, teacher, award):
    Award.objects.filter(pk=award.pk).update(revoked_at=now(), revocation_reason="other")
    assert tell_ending() == 0
    assert renewal_of(Award.objects.get(pk=award.pk)) is None
    Award.objects.filter(pk=award.pk).update(revoked_at=None, revocation_reason="")
    guide(cast)
    renew_by_activity(by=teacher, award=award)
    assert tell_ending() == 0


# ------------------------------------------------------------- by one proof
def test_one_new_proof_is_enough(cast, teacher, award):
    application = start_renewal(by=teacher, award=award)
    assert application.renews == award
    assert start_renewal(by=teacher, award=award) == application
    first = application.version.criteria.first()
    save_text(by=teacher, application=application, criterion=first, text="This spring I did.")
    sent = submit_application(by=teacher, application=application)
    from badges.services.deciding import decide
    from badges.services.reviewing import set_mark

    by = cast.actor("coordinator")
    set_mark(by=by, application=sent, criterion=first, revision=1, mark="met", note="")
    decide(by=by, application=sent, outcome="approve", revision=1)
    renewed = Award.objects.get(application=application)
    assert renewed.renews == award
    assert renewal_of(award).words == "Renewed"


def test_a_renewal_without_any_proof_is_not_sent(cast, teacher, award):
    from techvet.errors import InvalidInput

    application = start_renewal(by=teacher, award=award)
    with pytest.raises(InvalidInput):
        submit_application(by=teacher, application=application)


def test_it_is_not_due_long_before_the_end(cast, teacher, award):
    ends_in(award, 400)
    assert renewal_of(award) is None
    with pytest.raises(WrongState):
        start_renewal(by=teacher, award=award)
    ends_in(award, -300)
    assert renewal_of(award).is_expired
    assert start_renewal(by=teacher, award=award).renews == award


def test_only_the_earner_renews(cast, award):
    for name in ("second_teacher", "coordinator", "student"):
        with pytest.raises(NotAllowed):
            start_renewal(by=cast.actor(name), award=award)
        with pytest.raises(NotAllowed):
            renew_by_activity(by=cast.actor(name), award=award)


# ------------------------------------------------------------- by guiding
def test_weeks_in_every_year_renew_it_at_once(cast, teacher, award):
    with pytest.raises(WrongState):
        renew_by_activity(by=teacher, award=award)
    guide(cast)
    assert [one["weeks"] for one in guided_years(award)] == [1]
    assert renewal_of(award).can_by_activity
    renewed = renew_by_activity(by=teacher, award=award)
    assert (renewed.basis, renewed.renews) == (AwardBasis.RULE, award)
    assert renewed.rule_facts["rule"] == "portal_activity"
    assert renewed.rule_facts["years"][0]["weeks"] == 1
    assert "every year" in rule_words(renewed)
    assert renew_by_activity(by=teacher, award=award) == renewed
    assert issue(renewed.pk)
    assert Award.objects.count() == 2


def test_a_year_without_guiding_is_not_covered(cast, teacher, award):
    ends_in(award, 40, given=-800)
    guide(cast)
    weeks = [one["weeks"] for one in guided_years(award)]
    assert weeks[:2] == [0, 0]
    assert sum(weeks) == 1
    assert not renewal_of(award).can_by_activity
    with pytest.raises(WrongState):
        renew_by_activity(by=teacher, award=award)


def test_the_page_offers_what_is_possible(cast, award, as_user):
    url = f"/awards/{award.public_id}/renew/"
    client = as_user(cast.teacher)
    html = client.get(url).content.decode()
    assert "Begin with one proof" in html
    assert "Renew it now" not in html
    guide(cast)
    assert "Renew it now" in client.get(url).content.decode()
    assert client.post(url, {"way": "activity"}).status_code == 302
    assert "It is renewed already." in client.get(url).content.decode()
    assert client.post(url, {"way": "proof"}).status_code == 409
    assert as_user(cast.second_teacher).get(url).status_code == 404
    assert goes_to_sign_in(Client().get(url))
    assert list(renewals_of(cast.actor("teacher"))) == [award.pk]


def test_a_proof_is_begun_from_the_page(cast, award, as_user):
    url = f"/awards/{award.public_id}/renew/"
    client = as_user(cast.teacher)
    answer = client.post(url)
    assert answer["Location"].startswith("/applications/")
    assert "One new proof is enough" in client.get(answer["Location"]).content.decode()
    assert "Continue your application" in client.get(url).content.decode()


def test_what_can_be_renewed_is_found_where_one_looks(cast, award, as_user):
    client = as_user(cast.teacher)
    link = f'href="/awards/{award.public_id}/renew/"'
    for url in ("/applications/", "/badges/WGB-L1/"):
        assert link in client.get(url).content.decode(), url
        assert link not in as_user(cast.second_teacher).get(url).content.decode()
    ends_in(award, -5)
    assert "Renew this badge" in client.get("/badges/WGB-L1/").content.decode()
    assert "Expired" in client.get("/applications/").content.decode()
    ends_in(award, 400)
    assert link not in client.get("/applications/").content.decode()


def test_the_list_costs_a_fixed_number_more_for_each_badge_that_ends(cast, award, teacher):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert len(renewals_of(teacher)) == 1
    assert len(seen) <= 6

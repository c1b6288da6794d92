"""What pages of badges lead to, and what the start page and the desk say of them."""

from datetime import timedelta

import pytest
from django.test import Client

from badges.enums import Mark, Outcome
from badges.models import Award, Endorsement
from badges.selectors.start import asked_items, start_items
from badges.services.applying import submit_application
from badges.services.deciding import decide
from badges.services.endorsing import ask_endorsement
from badges.services.evidence import save_text
from badges.services.reviewing import set_mark
from badges.services.scaffolding import ask_peer, give_peer_feedback, write_plan
from techvet.clock import now
from tests.factories.badges import draft, issued_award, make_badge, submitted


@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


def read(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


# ------------------------------------------------------------- reviewing
def test_the_reviewer_reads_the_plan_beside_the_proofs(cast, as_user):
    application = draft(cast.teacher, make_badge(cast.school, "WGB-L3", level=3), answered=False)
    at = {"by": cast.actor("teacher"), "application": application}
    write_plan(**at, text="Before and after, in five lines.")
    for criterion in application.version.criteria.all():
        save_text(**at, criterion=criterion, text="A proof.")
    submit_application(**at)
    page = read(as_user(cast.coordinator), f"/reviews/{application.public_id}/")
    assert "Before and after, in five lines." in page


def test_earlier_rounds_are_a_link_and_only_changes_are_marked(cast, badge, as_user):
    application = submitted(cast.teacher, badge)
    first, second = application.version.criteria.all()
    by = cast.actor("coordinator")
    set_mark(
        by=by,
        application=application,
        criterion=first,
        revision=1,
        mark=Mark.NOT_YET,
        note="Say when.",
    )
    client = as_user(cast.coordinator)
    assert "/revisions/" not in read(client, f"/reviews/{application.public_id}/")
    decide(by=by, application=application, outcome=Outcome.RETURN, revision=1, note="One more.")
    at = {"by": cast.actor("teacher"), "application": application}
    application.refresh_from_db()
    save_text(**at, criterion=first, text="On Monday.")
    submit_application(**at)
    page = read(client, f"/reviews/{application.public_id}/")
    round_one = f"/applications/{application.public_id}/revisions/1/"
    assert round_one in page
    assert f"/applications/{application.public_id}/revisions/2/" not in page
    assert page.count(">Changed<") == page.count("Changed") == 1
    assert "Say when." in page
    assert second.title in read(client, round_one)


def test_the_applicant_reads_the_notes_of_all_reviewers(cast, badge, as_user):
    application = submitted(cast.teacher, badge)
    criterion = application.version.criteria.all()[0]
    by = cast.actor("coordinator")
    at = {"application": application, "revision": 1}
    set_mark(**at, by=by, criterion=criterion, mark=Mark.NOT_YET, note="Say when.")
    client = as_user(cast.teacher)
    assert "Say when." not in read(client, f"/applications/{application.public_id}/")
    decide(**at, by=by, outcome=Outcome.DECLINE, note="Not this time.")
    assert "Say when." in read(client, f"/applications/{application.public_id}/")


def test_the_queue_leads_to_what_coordinators_do(cast, as_user):
    page = read(as_user(cast.coordinator), "/reviews/")
    for url in ("/batches/", "/badges/editor/", "/reviews/figures/", "/reviews/practice/"):
        assert f'href="{url}"' in page
    assert 'href="/badges/transparency/"' in read(Client(), "/badges/")


# ------------------------------------------------------------- what was earned
def test_my_badges_lead_to_endorsements_and_programs(cast, award, as_user, by_link):
    page = read(as_user(cast.teacher), "/my-badges/")
    assert 'href="/endorsements/"' in page
    assert 'href="/connected-apps/"' in page
    on_link = read(by_link(cast.instructor, code=True), "/my-badges/")
    assert 'href="/endorsements/"' in on_link
    assert 'href="/connected-apps/"' not in on_link


def test_a_badge_that_ends_soon_leads_to_its_renewal(cast, award, as_user):
    renew = f"/awards/{award.public_id}/renew/"
    own = as_user(cast.teacher)
    assert renew not in read(own, "/my-badges/")
    assert renew not in read(own, f"/awards/{award.public_id}/")
    Award.objects.update(valid_until=now() + timedelta(days=20))
    assert renew in read(own, "/my-badges/")
    assert renew in read(own, f"/awards/{award.public_id}/")
    assert renew not in read(Client(), f"/awards/{award.public_id}/")


# ------------------------------------------------------------- what waits
def urls_of(items):
    return [one.url for one in items]


def test_a_colleague_who_is_asked_sees_it_until_the_feedback_is_given(cast):
    application = draft(cast.teacher, make_badge(cast.school, "WGB-L2", level=2))
    feedback = ask_peer(by=cast.actor("teacher"), application=application, peer=cast.second_teacher)
    peer = cast.actor("second_teacher")
    assert urls_of(start_items(peer)) == [f"/peer-feedback/{feedback.public_id}/"]
    criterion = application.version.criteria.all()[0]
    give_peer_feedback(by=peer, feedback=feedback, comments={criterion.number: "Say when."})
    assert start_items(peer) == []


def test_who_comes_by_link_meets_on_the_desk_what_is_asked(cast, award, by_link):
    assert ask_endorsement(by=cast.actor("teacher"), subject=award, email=cast.instructor.email)
    url = f"/endorsements/{Endorsement.objects.get().public_id}/"
    assert urls_of(asked_items(cast.actor("instructor"))) == [url]
    assert f'href="{url}"' in read(by_link(cast.instructor), "/desk/")
    assert f'href="{url}"' not in read(by_link(cast.instructor, expired=True), "/desk/")

"""The constellation, the page of a badge, and beginning an application from it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from badges.models import Achievement, Application, Award
from badges.selectors.catalogue import catalogue
from badges.services.content import load_content
from badges.services.revoking import revoke_award
from techvet.actor import Actor
from techvet.clock import now
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import (
    draft,
    issued_award,
    make_badge,
    make_version,
    queued_award,
    returned,
)


@pytest.fixture
def content(cast):
    load_content(by=Actor.system())


def html_of(client, url="/badges/"):
    answer = client.get(url)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


# ------------------------------------------------------------- the map
def test_every_badge_is_reached_from_the_map_without_the_drawing(content):
    html = html_of(Client())
    drawing = html.partition('class="constellation"')[2].partition("</section>")[0]
    beside = html.replace(drawing, "")
    for one in Achievement.objects.all():
        assert f'href="/badges/{one.code}/"' in beside, one.code
    for family in catalogue().families.values():
        assert family.name in beside.replace("&#x27;", "'").replace("&amp;", "&")
    assert drawing.count("<svg") == 2
    assert drawing.count("<svg viewBox") == drawing.count('role="group" aria-label="') == 2
    links = re.findall(r"<a class=\"sky-link\"[^>]*>", drawing)
    assert links
    # the keyboard reaches each star, and each says how far one is
    assert all("tabindex" not in link and 'aria-label="' in link for link in links)


def test_the_map_is_plain_for_a_strict_page(content):
    html = html_of(Client())
    assert "style=" not in html
    assert not re.search(r"\son\w+=", html)


def test_what_to_do_first(cast, content, as_user):
    assert "Start with “" in html_of(Client())
    assert "Verify a badge" in html_of(Client())
    teacher = as_user(cast.teacher)
    assert "My badges" in html_of(teacher)
    application = draft(cast.teacher, Achievement.objects.get(code="GDE-L1"), answered=False)
    html = html_of(teacher)
    assert "Continue “Digital guidance”" in html
    assert f'href="/applications/{application.public_id}/"' in html


def test_a_revoked_star_goes_out_and_a_higher_level_counts(cast, issuers, as_user):
    badge = make_badge(cast.school)
    second = make_badge(cast.school, "WGB-L2", level=2)
    award = issued_award(cast.teacher, badge, cast.coordinator)
    client = as_user(cast.teacher)
    assert "Earned, level 1" in html_of(client)
    issued_award(cast.teacher, second, cast.coordinator)
    assert "Earned, level 2" in html_of(client)
    for one in Award.objects.filter(version__achievement=second):
        revoke_award(by=cast.actor("coordinator"), award=one, reason="issued_in_error")
    assert "Earned, level 1" in html_of(client)
    Award.objects.filter(pk=award.pk).update(valid_until=now() - timedelta(days=1))
    html = html_of(client)
    assert "Earned" not in html
    assert "Light your first star." in html


def test_nobody_sees_the_stars_of_others(cast, badge, issuers, as_user):
    issued_award(cast.teacher, badge, cast.coordinator)
    for client in (Client(), as_user(cast.second_teacher), as_user(cast.coordinator)):
        html = html_of(client)
        assert "Earned" not in html
        assert cast.teacher.name not in html


def test_the_map_is_only_read(cast, badge):
    assert Client().post("/badges/").status_code == 405
    assert Client().post("/badges/WGB-L1/").status_code == 405


def test_the_map_costs_the_same_for_one_and_three_stars(cast, issuers, as_user):
    badges = [make_badge(cast.school, f"{code}-L1", family=code) for code in ("WGB", "GDE", "AWP")]
    client = as_user(cast.teacher)
    issued_award(cast.teacher, badges[0], cast.coordinator)
    one = queries_of(client, "/badges/")
    for other in badges[1:]:
        issued_award(cast.teacher, other, cast.coordinator)
    assert queries_of(client, "/badges/") == one


# ------------------------------------------------------------- the page of a badge
@pytest.fixture
def teacher(cast, as_user):
    return as_user(cast.teacher)


def test_the_whole_text_of_every_badge_of_the_content(content):
    for one in Achievement.objects.filter(level__in=(0, 1)):
        version = one.versions.get()
        html = html_of(Client(), f"/badges/{one.code}/").replace("&#x27;", "'")
        html = html.replace("&amp;", "&").replace("&quot;", '"')
        assert version.name in html, one.code
        for criterion in version.criteria.all():
            assert criterion.title in html, criterion.code


def test_levels_name_one_another(cast, badge):
    make_badge(cast.school, "WGB-L2", level=2)
    html = html_of(Client(), "/badges/WGB-L1/")
    assert 'href="/badges/WGB-L2/"' in html


def test_the_present_version_is_shown(cast, badge):
    make_version(badge, cast.school, name="Guidance, written anew", criteria=1)
    html = html_of(Client(), "/badges/WGB-L1/")
    assert "Guidance, written anew" in html
    assert "Criterion number 2" not in html


def test_markup_in_the_texts_is_shown_as_text(cast):
    make_badge(
        cast.school,
        name="<b>Bold</b>",
        competence_objective="<img src=x>",
        demonstration_instructions="# Title\n\n<iframe src=//x></iframe>\n\n- **one**\n- two",
    )
    html = html_of(Client(), "/badges/WGB-L1/")
    for raw in ("<b>Bold", "<img src=x>", "<iframe"):
        assert raw not in html
    assert "<strong>one</strong>" in html


def test_who_decides_is_said_in_words(cast):
    make_badge(cast.school, "GDE-L1", family="GDE")
    make_badge(cast.school, "GDE-L2", family="GDE", level=2, is_reviewed_elsewhere=True)
    make_badge(cast.school, "AWP-L1", family="AWP", reviewers=2)
    words = {
        "GDE-L1": "One coordinator of the institution that issues the badge",
        "GDE-L2": "One coordinator from an organisation that is not your own",
        "AWP-L1": "2 reviewers",
    }
    for code, expected in words.items():
        assert expected in html_of(Client(), f"/badges/{code}/"), code


def test_the_way_in_by_how_well_we_know_the_reader(cast, badge, as_user, by_link):
    for client, words, path in (
        (Client(), "Sign in to apply", "/accounts/login/"),
        (by_link(cast.instructor), "Enter a code to apply", "/desk/code/"),
    ):
        html = html_of(client, "/badges/WGB-L1/")
        assert words in html
        assert f'href="{path}?next=/badges/WGB-L1/"' in html
    assert "Apply for this badge" in html_of(by_link(cast.instructor, code=True), "/badges/WGB-L1/")
    for name in ("student", "admin", "leaver"):
        html = html_of(as_user(getattr(cast, name)), "/badges/WGB-L1/")
        assert "Apply for this badge" not in html
        assert "Sign in to apply" not in html


def test_who_has_the_badge_is_led_to_it(cast, badge, issuers, teacher):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    html = html_of(teacher, "/badges/WGB-L1/")
    assert f'href="/awards/{award.public_id}/"' in html
    assert "Apply for this badge" not in html
    answer = teacher.post("/badges/WGB-L1/apply/")
    assert answer.status_code == 409
    assert "You already have this badge." in answer.content.decode()


def test_applying_while_it_is_being_issued_is_refused_too(cast, badge, issuers, teacher):
    queued_award(cast.teacher, badge, cast.coordinator)
    assert teacher.post("/badges/WGB-L1/apply/").status_code == 409
    assert Application.objects.count() == 1


def test_applying_again_leads_to_the_same_application(cast, badge, teacher):
    first = returned(cast.teacher, badge, cast.coordinator)
    make_version(badge, cast.school, name="Anew")
    answer = teacher.post("/badges/WGB-L1/apply/")
    assert answer["Location"] == f"/applications/{first.public_id}/"
    assert Application.objects.count() == 1
    assert Application.objects.get().version.number == 1


def test_nothing_in_the_request_chooses_issuer_person_or_state(cast, badge, teacher):
    data = {
        "issuer": cast.other_school.pk,
        "issuer_id": cast.other_school.pk,
        "applicant": cast.far_teacher.pk,
        "state": "approved",
        "revision": 7,
        "is_demo": "1",
    }
    assert teacher.post("/badges/WGB-L1/apply/", data).status_code == 302
    application = Application.objects.get()
    assert application.issuer == cast.school
    assert application.applicant == cast.teacher
    assert (application.state, application.revision, application.is_demo) == ("draft", 0, False)


def test_who_may_not_begin(cast, badge, as_user, by_link):
    for name in ("student", "far_student", "admin", "leaver"):
        answer = as_user(getattr(cast, name)).post("/badges/WGB-L1/apply/")
        assert answer.status_code == 403, name
        assert "apply for badges" in answer.content.decode()
    assert goes_to_sign_in(Client().post("/badges/WGB-L1/apply/"))
    assert goes_to_sign_in(by_link(cast.instructor).post("/badges/WGB-L1/apply/"))
    expired = by_link(cast.instructor, code=True, expired=True)
    assert expired.post("/badges/WGB-L1/apply/").status_code == 403
    assert not Application.objects.exists()


def test_without_an_issuer_the_reason_is_said(cast, badge, as_user):
    answer = as_user(cast.manager).post("/badges/WGB-L1/apply/")
    assert answer.status_code == 409
    assert "No institution can review this application yet." in answer.content.decode()


@pytest.mark.parametrize("code", ["nothing", "wgb-l1", "WGB-L1%00", "WGB.L1", "x" * 300])
def test_codes_that_are_no_badge(cast, badge, teacher, code):
    assert teacher.get(f"/badges/{code}/").status_code == 404
    assert teacher.post(f"/badges/{code}/apply/").status_code == 404


def test_the_page_costs_the_same_with_two_and_six_criteria(cast):
    make_badge(cast.school, "GDE-L1", family="GDE", criteria=2)
    make_badge(cast.school, "AWP-L1", family="AWP", criteria=6)
    assert queries_of(Client(), "/badges/GDE-L1/") == queries_of(Client(), "/badges/AWP-L1/")

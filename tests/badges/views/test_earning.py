"""The map and the pages of badges, public."""

import pytest
from django.test import Client

from badges.enums import AwardBy
from badges.selectors.sky import sky_for
from badges.services.content import load_content
from techvet.actor import Actor
from tests.badges.views.asking import queries_of
from tests.factories.badges import draft, issued_award, make_badge, submitted


@pytest.fixture
def content(cast):
    load_content(by=Actor.system())


def test_visitors_see_all_stars_and_the_same_list(content):
    html = Client().get("/badges/").content.decode()
    assert html.count('class="sky-link"') == 2 * 11  # lying and standing
    assert "Light your first star." in html
    assert "Career guidance at work and school" in html
    assert "You are here" not in html
    assert "style=" not in html


def test_an_earner_sees_their_own_stars(cast, content, issuers, as_user):
    from badges.models import Achievement

    badge = Achievement.objects.get(code="WGB-L1")
    issued_award(cast.teacher, badge, cast.coordinator)
    draft(cast.teacher, Achievement.objects.get(code="GDE-L1"))
    html = as_user(cast.teacher).get("/badges/").content.decode()
    assert "1 star lit, 10 to go." in html
    assert "Continue “Digital guidance”" in html
    assert "Earned, level 1" in html
    # the ring of what is under way, and that of the goal that has its first part
    assert html.count("sky-progress") == 2 * 2
    assert "You are here" in html
    sky = sky_for(cast.actor("teacher"), new_family="WGB")
    assert sky.svg.count("star-new") == 2
    assert {star["state"] for star in sky.stars} == {"lit", "part", "open", "goal"}


def test_coordinators_find_the_reviews(cast, content, as_user):
    assert 'href="/reviews/"' in as_user(cast.coordinator).get("/badges/").content.decode()
    assert 'href="/reviews/"' not in as_user(cast.teacher).get("/badges/").content.decode()


def test_an_empty_portal_says_so(db):
    html = Client().get("/badges/").content.decode()
    assert "No badges yet" in html


def test_the_three_fixed_parts_and_the_frame(badge):
    html = Client().get("/badges/WGB-L1/").content.decode()
    for words in (
        "Competence objective",
        "Assessment criteria",
        "Skills demonstration instructions",
        "Comparable level of the learning outcome",
        "EQF 4. The badge is not a qualification.",
        "A plan with dates.",
        "We always do.",
        "instruct others",
        "<strong>each</strong>",
        "Sign in to apply",
    ):
        assert words in html, words


@pytest.mark.parametrize(
    ("award_by", "words"),
    [
        (AwardBy.RULE, "Follows from other badges"),
        (AwardBy.QUIZ, "It opens with the quiz."),
        (AwardBy.REVIEW, "takes no applications at present"),
    ],
)
def test_badges_that_are_not_open(cast, badge, as_user, award_by, words):
    badge.is_open = False
    badge.award_by = award_by
    badge.save()
    client = as_user(cast.teacher)
    html = client.get("/badges/WGB-L1/").content.decode()
    assert words in html
    assert "Apply for this badge" not in html
    assert client.post("/badges/WGB-L1/apply/").status_code == 409


def test_instructions_hold_no_markup_of_their_own(cast):
    make_badge(
        cast.school, demonstration_instructions="<script>x</script> ![a](b) [c](javascript:d)"
    )
    html = Client().get("/badges/WGB-L1/").content.decode()
    assert "<script>x" not in html
    assert "javascript:d</a>" not in html


def test_what_the_button_says(cast, badge, issuers, as_user):
    client = as_user(cast.teacher)
    assert "Near School reviews it" in client.get("/badges/WGB-L1/").content.decode()
    submitted(cast.teacher, badge)
    assert "Continue your application" in client.get("/badges/WGB-L1/").content.decode()


def test_the_map_costs_the_same_with_one_and_three_applications(cast, content, as_user):
    from badges.models import Achievement

    client = as_user(cast.teacher)
    draft(cast.teacher, Achievement.objects.get(code="WGB-L1"), answered=False)
    one = queries_of(client, "/badges/")
    for code in ("GDE-L1", "AWP-L1"):
        draft(cast.teacher, Achievement.objects.get(code=code), answered=False)
    assert queries_of(client, "/badges/") == one

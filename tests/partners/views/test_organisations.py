"""The directory and the cards are public; the people behind them are not."""

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import join, person

LIST = "/partners/"


@pytest.fixture
def card(cast):
    return reverse("organisation_show", args=[cast.company.slug])


def test_anybody_sees_the_directory(cast, client):
    response = client.get(LIST)
    assert response.status_code == 200
    assert [o.slug for o in response.context["page_obj"]] == [
        "far-school",
        "near-school",
        "far-company",
        "near-company",
    ]
    assert b"Ines" not in response.content


def test_the_directory_is_filtered(cast, client):
    cast.company.fields_of_study = ["0716"]
    cast.company.save()
    response = client.get(LIST, {"country": "FI", "kind": "company", "field": "0716"})
    assert [o.slug for o in response.context["page_obj"]] == ["near-company"]
    nothing = client.get(LIST, {"country": "NL"}).content.decode()
    assert "No partner matches" in nothing and "Clear the filters" in nothing


def test_the_demo_is_marked(cast, client, card):
    cast.company.is_demo = True
    cast.company.save()
    assert ">Demo<" in client.get(LIST).content.decode().replace("</svg>Demo", "</svg>>Demo<")
    page = client.get(card).content.decode()
    assert "This company is invented" in page


@pytest.mark.parametrize("query", ["country=XX", "kind=1", "field=%00", "page=x&country=ZZ"])
def test_bad_filters_are_refused_in_words(cast, client, query):
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 422
    assert "<title>Error:" in response.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "9999", "x"])
def test_pages_out_of_range(cast, client, page):
    assert client.get(LIST, {"page": page}).status_code == 200


def test_the_card(cast, client, card):
    cast.company.fields_of_study = ["0716", "9999"]
    cast.company.website = "https://company.example/"
    cast.company.save()
    cast.company.sites.create(name="Hall 1", town="Tampere", languages=["fi"], capacity=3)
    page = client.get(card).content.decode()
    for words in (
        "Motor vehicles",
        "0716",
        "9999",
        "Hall 1",
        "suomi",
        "3 places",
        "company.example",
    ):
        assert words in page, words
    assert "Contact people" not in page and "Ines" not in page


@pytest.mark.parametrize("name", ["teacher", "coordinator", "manager", "far_teacher", "admin"])
def test_contact_people_for_those_allowed(cast, as_user, card, name):
    page = as_user(getattr(cast, name)).get(card).content.decode()
    assert "Ines Instructor" in page and cast.instructor.email in page


def test_colleagues_on_a_link_see_them(cast, by_link, card):
    assert "Ivo Instructor" in by_link(cast.instructor).get(card).content.decode()
    assert "Ivo Instructor" not in by_link(cast.far_instructor).get(card).content.decode()


def test_students_do_not(cast, as_user, card):
    page = as_user(cast.student).get(card).content.decode()
    assert "Ines" not in page


def test_no_students_among_contact_people(cast, as_user):
    page = as_user(cast.teacher).get(reverse("organisation_show", args=["near-school"]))
    assert "Toivo Teacher" in page.content.decode()
    assert "Saara" not in page.content.decode()


@pytest.mark.parametrize("slug", ["no-such", "x" * 300])
def test_unknown_organisations(cast, client, slug):
    assert client.get(f"/partners/{slug}/").status_code == 404


def test_only_reading(cast, client, card):
    assert client.post(LIST).status_code == 405
    assert client.post(card).status_code == 405


def test_one_person_and_three_cost_the_same(cast, as_user, card, django_assert_num_queries):
    from django.db import connection

    browser = as_user(cast.teacher)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(card)
    for number in range(3):
        join(person(f"More {number}", password=False), cast.company, "instructor")
        cast.company.sites.create(name=f"s{number}", town="t", languages=["fi", "en"])
    with CaptureQueriesContext(connection) as many:
        browser.get(card)
    assert len(few) == len(many)
    assert len(few) < 12


def test_the_directory_costs_the_same_for_any_number(cast, client):
    from django.db import connection

    from tests.cast import organisation

    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(5):
        organisation(f"more-{number}", "company")
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(few) == len(many)

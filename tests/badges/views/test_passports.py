"""One's own page: choosing, previewing, opening; what others see of it."""

import pytest
from django.test import Client

from badges.models import Award, Passport
from tests.badges.services.test_passports import waiting_award
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import issued_award, make_badge

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


def open_page(client, award, **changes):
    data = {"shown": [award.public_id], "about": "Guide since 2020.", "is_public": "on", **changes}
    return client.post("/passport/", {key: value for key, value in data.items() if value})


def test_choosing_and_opening(cast, award, as_user):
    client = as_user(cast.teacher)
    html = client.get("/passport/").content.decode()
    assert "Private" in html
    assert award.version.name in html
    assert open_page(client, award)["Location"] == "/passport/"
    passport = Passport.objects.get()
    html = client.get("/passport/").content.decode()
    assert f"/passports/{passport.public_id}/" in html
    assert "checked" in html
    public = Client().get(f"/passports/{passport.public_id}/")
    html = public.content.decode()
    assert public["X-Robots-Tag"] == "noindex"
    for text in (cast.teacher.name, "Guide since 2020.", award.version.name):
        assert text in html
    assert cast.teacher.email not in html
    assert "This is what others see" not in html


def test_a_private_page_is_like_none(cast, award, as_user):
    client = as_user(cast.teacher)
    open_page(client, award, is_public="")
    url = f"/passports/{Passport.objects.get().public_id}/"
    missing = "/passports/00000000-0000-4000-8000-000000000000/"
    for visitor in (Client(), as_user(cast.coordinator), client):
        visitor.get(missing)  # messages of before are shown once
        answers = [visitor.get(path) for path in (url, missing)]
        assert [one.status_code for one in answers] == [404, 404]
        bodies = [one.content.partition(b"<main")[2].partition(b"</main>")[0] for one in answers]
        assert bodies[0]
        assert bodies[0] == bodies[1]


def test_the_preview(cast, award, as_user):
    client = as_user(cast.teacher)
    assert "No badge has been chosen" in client.get("/passport/preview/").content.decode()
    open_page(client, award, is_public="")
    html = client.get("/passport/preview/").content.decode()
    assert "for now only you see this" in html
    assert award.version.name in html


def test_only_chosen_and_valid_ones_are_public(cast, award, as_user):
    other = issued_award(
        cast.teacher,
        make_badge(cast.school, "GDE-L1", family="GDE", name="Not chosen"),
        cast.coordinator,
    )
    open_page(as_user(cast.teacher), award)
    url = f"/passports/{Passport.objects.get().public_id}/"
    html = Client().get(url).content.decode()
    assert other.version.name not in html
    Award.objects.filter(pk=award.pk).update(suspended_at=award.issued_at)
    assert str(award.public_id) not in Client().get(url).content.decode()


def test_bad_input_keeps_the_answers(cast, award, as_user):
    client = as_user(cast.teacher)
    stranger = {"shown": ["00000000-0000-4000-8000-000000000000"]}
    for changes in ({"about": "x" * 601}, stranger, {"shown": ["\0"]}):
        answer = open_page(client, award, **changes)
        assert answer.status_code == 422
        assert "There is a problem" in answer.content.decode()
    assert not Passport.objects.exists()


def test_a_person_without_badges_has_a_page_too(cast, as_user):
    client = as_user(cast.student)
    assert "No valid badges yet" in client.get("/passport/").content.decode()
    assert client.post("/passport/", {"is_public": "on"}).status_code == 302
    url = f"/passports/{Passport.objects.get().public_id}/"
    assert "Nothing to see yet" in Client().get(url).content.decode()


def test_who_comes_in(cast, award, by_link):
    for page in ("/passport/", "/passport/preview/"):
        assert goes_to_sign_in(Client().get(page))
        assert goes_to_sign_in(by_link(cast.instructor).get(page))
        assert by_link(cast.instructor, code=True).get(page).status_code == 200


def test_an_expired_link_only_reads(cast, award, by_link):
    client = by_link(cast.instructor, code=True, expired=True)
    assert client.post("/passport/", {"is_public": "on"}).status_code in (302, 403)
    assert not Passport.objects.exists()


def test_it_costs_the_same_with_one_and_three(cast, award, as_user):
    client = as_user(cast.teacher)
    open_page(client, award)
    public = f"/passports/{Passport.objects.get().public_id}/"
    before = [queries_of(client, "/passport/"), queries_of(Client(), public)]
    for code in ("GDE", "AWP"):
        other = make_badge(cast.school, f"{code}-L1", family=code)
        issued_award(cast.teacher, other, cast.coordinator)
    Award.objects.update(is_shown=True)
    assert [queries_of(client, "/passport/"), queries_of(Client(), public)] == before


def test_a_badge_that_waited_is_there_at_the_first_look(cast, award, as_user):
    waiting_award(award, cast.student.email.upper())
    page = Client().get(f"/awards/{award.public_id}/").content.decode()
    assert award.recipient_name in page
    assert "Copy the address" not in page
    client = as_user(cast.student)
    html = client.get("/my-badges/").content.decode()
    assert "A badge that was issued to your e-mail address is now here." in html
    assert str(award.public_id) in html
    assert "is now here" not in client.get("/my-badges/").content.decode()

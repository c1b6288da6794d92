"""Opening a desk, leaving it, further devices, sending the link again, and codes."""

import statistics
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from partners.models import AccessLink, OneTimeCode, OutgoingMessage
from partners.selectors.actors import LINK_SESSION_KEY
from partners.services.links import revoke_link
from partners.views import links as views
from techvet.actor import Actor
from techvet.clock import now
from tests.factories.partners import link_for, newest_letter

RESEND, CODE, DEVICES, LEAVE = "/send-my-link/", "/desk/code/", "/desk/link/", "/desk/leave/"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(views, "ANSWER_SECONDS", 0.0)


def door(token):
    return reverse("link_open", args=[token])


# ---------------------------------------------------------------- opening
def test_a_link_opens_the_desk(cast, client):
    link, token = link_for(cast.instructor)
    response = client.get(door(token))
    assert response["Location"] == "/desk/"
    assert client.session[LINK_SESSION_KEY] == link.pk
    assert client.get(DEVICES).status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_looking_ahead_changes_nothing(cast, client):
    _link, token = link_for(cast.instructor)
    before = list(AccessLink.objects.values())
    assert client.head(door(token)).status_code == 302
    assert "session" not in client.cookies
    assert client.post(door(token)).status_code == 405
    client.get(door(token))
    assert list(AccessLink.objects.values()) == before


def test_unknown_and_revoked_links_offer_a_new_one(cast, client):
    link, token = link_for(cast.instructor)
    revoke_link(link=link, by=Actor.system())
    for address in (door(token), door("unknown"), door("x" * 3000)):
        response = client.get(address)
        assert response.status_code == 410
        assert 'action="/send-my-link/"' in response.content.decode()
        assert LINK_SESSION_KEY not in client.session


def test_an_open_desk_closes_when_the_link_is_revoked(cast, client):
    link, token = link_for(cast.instructor)
    client.get(door(token))
    revoke_link(link=link, by=Actor.system())
    assert client.get(DEVICES)["Location"].startswith("/send-my-link/")


def test_an_expired_link_opens_and_changes_nothing(cast, client):
    _link, token = link_for(cast.instructor, days=-1)
    client.get(door(token))
    page = client.get(DEVICES)
    assert page.status_code == 200 and b"Send me a new link" in page.content
    assert b"Make a link for another device" not in page.content
    assert client.post(DEVICES).status_code == 403
    assert client.post(DEVICES, {"action": "close"}).status_code == 403
    assert AccessLink.objects.count() == 1


def test_signing_in_leaves_the_desk(cast, client):
    _link, token = link_for(cast.instructor)
    client.get(door(token))
    client.post(
        "/accounts/login/", {"login": cast.teacher.email, "password": "a long walk to the workshop"}
    )
    assert LINK_SESSION_KEY not in client.session
    assert client.get("/profile/").context["actor"].user == cast.teacher


# ---------------------------------------------------------------- leaving and further devices
def test_leaving(cast, client):
    _link, token = link_for(cast.instructor)
    client.get(door(token))
    assert client.get(LEAVE).status_code == 405
    assert client.post(LEAVE)["Location"] == "/"
    assert LINK_SESSION_KEY not in client.session


def test_another_device(cast, client):
    link, token = link_for(cast.instructor)
    client.get(door(token))
    page = client.post(DEVICES).content.decode()
    assert "<svg" in page and "style=" not in page
    further = AccessLink.objects.exclude(pk=link.pk).get()
    assert further.expires_at == link.expires_at
    address = page.split('data-copy="')[1].split('"')[0]
    phone = Client()
    assert phone.get(address.replace("http://127.0.0.1:8000", "")).status_code == 302
    assert phone.session[LINK_SESSION_KEY] == further.pk


def test_closing_the_others(cast, client):
    lost, _token = link_for(cast.instructor)
    link, token = link_for(cast.instructor)
    client.get(door(token))
    assert "Close all other links" in client.get(DEVICES).content.decode()
    assert (
        "Closed links: 1" in client.post(DEVICES, {"action": "close"}, follow=True).content.decode()
    )
    assert AccessLink.objects.get(revoked_at__isnull=True) == link and lost != link


def test_devices_have_a_limit(cast, client):
    _link, token = link_for(cast.instructor)
    client.get(door(token))
    codes = [client.post(DEVICES).status_code for _ in range(21)]
    assert codes[:20] == [200] * 20 and codes[20] == 409


def test_devices_are_for_links(cast, client, as_user):
    assert client.get(DEVICES)["Location"] == "/send-my-link/?next=%2Fdesk%2Flink%2F"
    assert as_user(cast.teacher).get(DEVICES)["Location"] == "/start/"


# ---------------------------------------------------------------- sending again
def test_the_answer_never_tells(cast, client):
    known = client.post(RESEND, {"address": cast.instructor.email})
    unknown = client.post(RESEND, {"address": "nobody@example.org"})
    teacher = client.post(RESEND, {"address": cast.teacher.email})
    phone = client.post(RESEND, {"address": "+358 40 000 0000"})
    assert {r.status_code for r in (known, unknown, teacher, phone)} == {200}

    def body(response):
        import re

        return re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", response.content)

    assert body(known) == body(unknown) == body(teacher) == body(phone)
    assert OutgoingMessage.objects.count() == 1
    assert newest_letter("desk_link").recipient == cast.instructor


def test_the_answer_takes_the_same_time(cast, client, monkeypatch):
    monkeypatch.setattr(views, "ANSWER_SECONDS", 0.3)

    def seconds(address):
        started = time.monotonic()
        client.post(RESEND, {"address": address})
        return time.monotonic() - started

    known = statistics.median(seconds(cast.instructor.email) for _ in range(3))
    unknown = statistics.median(seconds("nobody@example.org") for _ in range(3))
    assert min(known, unknown) >= 0.3


@pytest.mark.parametrize("address", ["", "x", "040 123", "a\0@b", "y" * 500])
def test_bad_addresses(cast, client, address):
    response = client.post(RESEND, {"address": address})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


def test_three_an_hour_and_the_same_answer(cast, client):
    answers = [client.post(RESEND, {"address": cast.instructor.email}) for _ in range(5)]
    assert {a.status_code for a in answers} == {200}
    assert OutgoingMessage.objects.count() == 3


def test_networks_have_a_generous_limit(cast, client, monkeypatch):
    monkeypatch.setattr(views, "RESENDS_PER_NETWORK", 2)
    codes = [client.post(RESEND, {"address": f"n{n}@example.org"}).status_code for n in range(3)]
    assert codes == [200, 200, 429]


def test_an_expired_desk_asks_with_one_tap(cast, client):
    _link, token = link_for(cast.instructor, days=-1)
    client.get(door(token))
    page = client.get(RESEND).content.decode()
    assert "Send a new link to i•••@example.org" in page
    assert client.post(RESEND, {"to": "me"}).status_code == 200
    assert newest_letter("desk_link").recipient == cast.instructor


def test_nobody_elses_mailbox_without_a_link(cast, client):
    assert client.post(RESEND, {"to": "me"}).status_code == 422
    assert not OutgoingMessage.objects.exists()


# ---------------------------------------------------------------- codes
@pytest.fixture
def desk(cast, client):
    client.get(door(link_for(cast.instructor)[1]))
    return client


def code_of_letter():
    return next(w for w in newest_letter("desk_code").body.split() if w.isdigit() and len(w) == 6)


def test_the_code_opens_and_leads_on(desk):
    page = desk.get(CODE, {"next": "/desk/hand-over/"}).content.decode()
    assert "Send me a code" in page and not OneTimeCode.objects.exists()
    asked = desk.post(CODE, {"next": "/desk/hand-over/"})
    assert asked["Location"] == "/desk/code/?next=%2Fdesk%2Fhand-over%2F"
    page = desk.get(asked["Location"]).content.decode()
    code = code_of_letter()
    assert "i•••@example.org" in page and code not in page
    done = desk.post(CODE, {"code": code, "next": "/desk/hand-over/"})
    assert done["Location"] == "/desk/hand-over/"
    assert desk.get(CODE)["Location"] == "/desk/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "\0"]
)
def test_it_never_leads_to_another_site(desk, target):
    desk.post(CODE)
    done = desk.post(CODE, {"code": code_of_letter(), "next": target})
    assert done["Location"] == "/desk/"


@pytest.mark.parametrize("code", ["", "000", "abc", "1" * 100, "\0"])
def test_wrong_codes(desk, code):
    desk.post(CODE)
    response = desk.post(CODE, {"code": code})
    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


def test_a_prefetched_page_sends_no_code(desk):
    desk.get(CODE)
    desk.head(CODE)
    assert not OneTimeCode.objects.exists()


def test_too_many_codes_are_refused_in_words(desk):
    codes = [desk.post(CODE).status_code for _ in range(7)]
    assert codes[-1] == 409


def test_an_expired_link_is_offered_a_new_one(cast, client):
    client.get(door(link_for(cast.instructor, days=-1)[1]))
    assert "Send me a new link" in client.get(CODE).content.decode()
    assert client.post(CODE).status_code == 403


def test_people_who_signed_in_need_no_code(cast, as_user, client):
    assert as_user(cast.manager).get(CODE, {"next": "/profile/"})["Location"] == "/profile/"
    assert client.get(CODE)["Location"].startswith("/send-my-link/")


def test_demo_people_see_their_code_but_not_in_production(cast, desk, settings):
    cast.instructor.is_demo = True
    cast.instructor.save()
    assert "Demo: your code is" in desk.post(CODE, follow=True).content.decode()
    settings.PRODUCTION = True
    assert "Demo: your code is" not in desk.post(CODE, follow=True).content.decode()


def test_real_people_never_see_their_code(desk):
    page = desk.post(CODE, follow=True).content.decode()
    assert code_of_letter() not in page


def test_a_code_after_ten_minutes(desk):
    desk.post(CODE)
    OneTimeCode.objects.update(expires_at=now() - timedelta(seconds=1))
    assert desk.post(CODE, {"code": code_of_letter()}).status_code == 422
    assert "Send me a code" in desk.get(CODE).content.decode()

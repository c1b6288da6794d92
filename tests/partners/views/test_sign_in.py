"""Signing in by allauth, in our design: password, code, passkey, second factor, no enumeration."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from partners.models import OutgoingMessage, User
from partners.services import demo_facts
from partners.services.second_factor import demo_code
from tests.cast import PASSWORD
from tests.factories.partners import newest_letter

LOGIN = "/accounts/login/"
AGAIN = "/accounts/reauthenticate/"
SECRET = demo_facts.TOTP_SECRET
INLINE = re.compile(
    r"<[^>]+\s(?:style=|on[a-z]+=)|<style|<script(?![^>]*(?:src=|application/json))"
)


@pytest.fixture(autouse=True)
def fresh(db, settings):
    cache.clear()


def sign_in(browser, user, password=PASSWORD, **more):
    return browser.post(LOGIN, {"login": user.email, "password": password, **more})


def show_again(browser):
    """Well protected pages ask for the password again."""
    browser.post(AGAIN, {"password": PASSWORD})


def assurance(browser):
    return browser.get("/profile/").context["actor"].assurance.name


def current_code(user):
    user.is_demo = True
    code = demo_code(user)
    user.is_demo = False
    return code


def code_in(letter):
    return next(line for line in letter.body.splitlines() if re.fullmatch(r"[A-Z0-9-]{5,12}", line))


# ---------------------------------------------------------------- password
def test_password(cast, client):
    page = client.get(LOGIN).content.decode()
    for words in ("Send me a code by e-mail", "Use a passkey", "Send my personal link again"):
        assert words in page, words
    old = client.session.session_key
    assert sign_in(client, cast.teacher)["Location"] == "/start/"
    assert client.session.session_key != old
    assert assurance(client) == "PASSWORD"


def test_it_leads_on_but_not_away(cast):
    assert sign_in(Client(), cast.teacher, next="/people/")["Location"] == "/people/"
    assert sign_in(Client(), cast.teacher, next="https://evil.example/")["Location"] == "/start/"


def test_wrong_and_unknown_look_the_same(cast):
    def answer(login):
        response = Client().post(LOGIN, {"login": login, "password": "wrong password"})
        body = re.sub(rb'value="\w{64}"', b"", response.content).replace(login.encode(), b"")
        return response.status_code, body

    assert answer(cast.teacher.email) == answer("nobody@example.org")


def test_people_without_password_and_closed_accounts_stay_out(cast, client):
    sign_in(client, cast.instructor, password="")
    sign_in(client, cast.instructor, password="!")
    cast.teacher.is_active = False
    cast.teacher.save()
    sign_in(client, cast.teacher)
    assert client.get("/profile/").status_code == 302


def test_brute_force_is_slowed(cast):
    codes = [sign_in(Client(), cast.teacher, password=f"guess {n}").status_code for n in range(10)]
    page = sign_in(Client(), cast.teacher).content.decode()
    assert codes[0] == 200
    assert "_auth_user_id" not in Client().session and "Too many" in page


def test_two_classes_sign_in_from_one_address(cast):
    """A school is one network address: ordinary signing in must not be slowed."""
    for _ in range(60):
        assert sign_in(Client(), cast.teacher).status_code == 302


def test_signing_out_needs_a_button(cast, client):
    sign_in(client, cast.teacher)
    assert "Sign out on this device?" in client.get("/accounts/logout/").content.decode()
    assert assurance(client) == "PASSWORD"
    client.post("/accounts/logout/")
    assert client.get("/profile/").status_code == 302


@pytest.mark.parametrize("value", ["\0", "x" * 5000])
def test_nonsense_is_no_server_error(cast, client, value):
    response = client.post(LOGIN, {"login": value, "password": value})
    assert response.status_code in (200, 400)


# ---------------------------------------------------------------- closed sign-up
def test_nobody_signs_up(db, client):
    for response in (
        client.get("/accounts/signup/"),
        client.post("/accounts/signup/", {"email": "n@example.org", "password1": PASSWORD}),
    ):
        assert "You join by invitation" in response.content.decode()
    assert not User.objects.exists()


# ---------------------------------------------------------------- code by e-mail
def test_code_by_mail(cast, client):
    client.post("/accounts/login/code/", {"email": cast.teacher.email})
    letter = newest_letter("login_code")
    assert letter.is_secret and letter.recipient == cast.teacher
    code = code_in(letter)
    response = client.post("/accounts/login/code/confirm/", {"code": code})
    assert response["Location"] == "/start/"
    assert assurance(client) == "PASSWORD"


def test_code_for_an_unknown_address_looks_the_same(cast):
    def answer(email):
        browser = Client()
        first = browser.post("/accounts/login/code/", {"email": email})
        second = browser.get(first["Location"])
        body = re.sub(rb'value="\w{64}"', b"", second.content).replace(email.encode(), b"")
        return first.status_code, first["Location"], body

    assert answer(cast.teacher.email) == answer("nobody@example.org")
    assert "There is no account" in newest_letter("unknown_account").body


def test_code_of_another_browser(cast, client):
    client.post("/accounts/login/code/", {"email": cast.teacher.email})
    other = Client()
    other.post("/accounts/login/code/confirm/", {"code": code_in(newest_letter("login_code"))})
    assert other.get("/profile/").status_code == 302


def test_code_once_and_three_tries(cast, client):
    client.post("/accounts/login/code/", {"email": cast.teacher.email})
    code = code_in(newest_letter("login_code"))
    for _ in range(3):
        client.post("/accounts/login/code/confirm/", {"code": "WRONG1"})
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert client.get("/profile/").status_code == 302


# ---------------------------------------------------------------- forgotten and changed passwords
def test_password_reset_by_code(cast, client):
    client.post("/accounts/password/reset/", {"email": cast.teacher.email})
    code = code_in(newest_letter("password_reset_code"))
    step = client.post("/accounts/password/reset/confirm/", {"code": code})
    new = "an even longer walk home"
    fields = {"password1": new, "password2": new}
    assert client.get(step["Location"]).status_code == 200
    client.post(step["Location"], fields)
    assert sign_in(Client(), cast.teacher, password=new)["Location"] == "/start/"
    assert "_auth_user_id" not in sign_in_session(cast.teacher, PASSWORD)


def sign_in_session(user, password):
    browser = Client()
    sign_in(browser, user, password=password)
    return browser.session


def test_reset_of_an_unknown_address_looks_the_same(cast):
    def answer(email):
        browser = Client()
        first = browser.post("/accounts/password/reset/", {"email": email})
        body = browser.get(first["Location"]).content.replace(email.encode(), b"")
        return first.status_code, first["Location"], re.sub(rb'value="\w{64}"', b"", body)

    assert answer(cast.teacher.email) == answer("nobody@example.org")


def test_change_password_ends_other_sessions(cast, client):
    other = Client()
    sign_in(other, cast.teacher)
    sign_in(client, cast.teacher)
    new = "an even longer walk home"
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert assurance(client) == "PASSWORD"
    assert other.get("/profile/").status_code == 302


# ---------------------------------------------------------------- second factor
@pytest.fixture
def with_app(cast):
    TOTP.activate(cast.coordinator, SECRET)
    return cast.coordinator


def test_the_second_factor_is_asked_for(with_app, client):
    step = sign_in(client, with_app)
    assert step["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/people/")["Location"].startswith("/accounts/login/")
    page = client.get(step["Location"]).content.decode()
    assert "Demo account" not in page and current_code(with_app) not in page
    done = client.post(step["Location"], {"code": current_code(with_app)})
    assert done["Location"] == "/start/"
    assert assurance(client) == "SECOND_FACTOR"
    assert client.get("/people/invite/").status_code == 200


@pytest.mark.parametrize("code", ["", "000000", "abc", "\0", "1" * 1000])
def test_wrong_codes(with_app, client, code):
    step = sign_in(client, with_app)
    assert client.post(step["Location"], {"code": code}).status_code == 200
    assert client.get("/profile/").status_code == 302


def test_a_code_works_once(with_app, client):
    code = current_code(with_app)
    client.post(sign_in(client, with_app)["Location"], {"code": code})
    other = Client()
    other.post(sign_in(other, with_app)["Location"], {"code": code})
    assert other.get("/profile/").status_code == 302


def test_recovery_codes_work_once(with_app, client):
    code = RecoveryCodes.activate(with_app).generate_codes()[0]
    client.post(sign_in(client, with_app)["Location"], {"code": code})
    assert assurance(client) == "SECOND_FACTOR"
    other = Client()
    other.post(sign_in(other, with_app)["Location"], {"code": code})
    assert other.get("/profile/").status_code == 302


def test_demo_accounts_are_told_the_code(with_app, client):
    User.objects.filter(pk=with_app.pk).update(is_demo=True)
    page = client.get(sign_in(client, with_app)["Location"]).content.decode()
    code = re.search(r"The code is now: (\d{6})", page)[1]
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert assurance(client) == "SECOND_FACTOR"


def test_demo_accounts_are_not_told_in_production(with_app, client, settings):
    User.objects.filter(pk=with_app.pk).update(is_demo=True)
    settings.PRODUCTION = True
    page = client.get(sign_in(client, with_app)["Location"]).content.decode()
    assert "Enter your second factor" in page
    assert "Demo account" not in page and "The code is now" not in page


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_counts_at_once(cast, client):
    sign_in(client, cast.coordinator)
    assert client.get("/people/invite/")["Location"].startswith("/second-factor/")
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith(AGAIN)
    show_again(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'qr-address">(\w+)<', page)[1]
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    assert assurance(client) == "SECOND_FACTOR"
    assert client.get("/people/invite/").status_code == 200
    assert "Write them down" in client.get("/accounts/2fa/recovery-codes/").content.decode()


def test_giving_it_later(with_app, as_user):
    browser = as_user(with_app, second_factor=False)
    response = browser.post(
        "/accounts/2fa/reauthenticate/", {"code": current_code(with_app), "next": "/people/invite/"}
    )
    assert response["Location"] == "/people/invite/"
    assert browser.get("/people/invite/").status_code == 200


# ---------------------------------------------------------------- all pages
PAGES = (
    "account_login",
    "account_request_login_code",
    "account_reset_password",
    "account_signup",
    "account_inactive",
)
OWN_PAGES = (
    "account_logout",
    "account_change_password",
    "account_email",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
)
APP_PAGES = (
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
)


def in_our_design(response):
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("<h1") == 1 and 'href="/static/css/tokens.css"' in page
    assert " – NextSteps</title>" in page
    assert not INLINE.search(page) and "placeholder=" not in page


@pytest.mark.parametrize("name", PAGES)
def test_public_pages(db, client, name):
    in_our_design(client.get(reverse(name)))


@pytest.mark.parametrize("name", OWN_PAGES)
def test_own_pages(cast, client, name):
    sign_in(client, cast.teacher)
    show_again(client)
    in_our_design(client.get(reverse(name)))


@pytest.mark.parametrize("name", APP_PAGES)
def test_pages_of_the_second_factor(with_app, client, name):
    RecoveryCodes.activate(with_app)
    code = current_code(with_app)
    client.post(sign_in(client, with_app)["Location"], {"code": code})
    if name != "mfa_reauthenticate":
        show_again(client)
    in_our_design(client.get(reverse(name)))


def test_changing_the_address_asks_for_a_code(cast, client):
    sign_in(client, cast.teacher)
    client.post("/accounts/email/", {"action_add": "", "email": "tiina.new@example.org"})
    assert newest_letter("email_confirmation").address == "tiina.new@example.org"
    assert not EmailAddress.objects.filter(email="tiina.new@example.org", verified=True).exists()


def test_letters_carry_no_host_of_the_request(cast):
    Client(HTTP_HOST="localhost").post("/accounts/login/code/", {"email": cast.teacher.email})
    Client(HTTP_HOST="localhost").post("/accounts/login/code/", {"email": "no@example.org"})
    assert OutgoingMessage.objects.count() == 2
    assert not any("localhost" in m.body + m.subject for m in OutgoingMessage.objects.all())

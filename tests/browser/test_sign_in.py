"""The ways in, with a real browser: second factor in the demo, e-mail code, passkey."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from partners.models import OutgoingMessage, User
from tests.browser.conftest import DESK, PASSWORD
from tests.cast import Cast, assemble

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: Any) -> Cast:
    return assemble()


def give_password(page: Page, user: User) -> None:
    page.get_by_label(re.compile("mail", re.I)).first.fill(user.email or "")
    page.get_by_label(re.compile("^Password")).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def test_a_code_by_email_signs_in(cast: Cast, open_page: Callable[..., Page]) -> None:
    page = open_page("/accounts/login/", size=DESK)
    page.get_by_role("link", name=re.compile("code", re.I)).or_(
        page.get_by_role("button", name=re.compile("code", re.I))
    ).first.click()
    page.get_by_label(re.compile("mail", re.I)).first.fill(cast.teacher.email or "")
    page.locator("main form button.btn").first.click()
    expect(page).to_have_url(re.compile("confirm"))
    letter = OutgoingMessage.objects.get(address=cast.teacher.email)
    code = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", letter.body, re.M)
    assert code, letter.body
    page.get_by_role("textbox").first.fill(code[1])
    page.locator("main form button.btn").first.click()
    expect(page).to_have_url(re.compile("/start/$"))


def test_a_passkey_is_made_and_signs_in_alone(cast: Cast, open_page: Callable[..., Page]) -> None:
    page = open_page("/accounts/login/", size=DESK)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    give_password(page, cast.coordinator)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label(re.compile("^Password")).fill(PASSWORD)  # it is asked once more
    page.get_by_role("button", name="Go on").click()
    name = page.get_by_label(re.compile("name", re.I)).first
    name.fill("My phone")
    page.locator("main form button.btn").first.click()
    expect(page).not_to_have_url(re.compile("webauthn/add"))

    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/reviews/")
    page.get_by_role("button", name=re.compile("passkey", re.I)).first.click()
    expect(page).to_have_url(re.compile("/reviews/$"))  # a passkey counts as two factors

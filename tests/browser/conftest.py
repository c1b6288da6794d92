"""A real browser against a real server. Chromium is Debian's; without it these tests fail."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.cast import PASSWORD

# Playwright's loop lives in this thread; Django would take that for a mistake.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

QUIET = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROME_BIN") or shutil.which("chromium")
    if not found:
        pytest.fail("Chromium is missing: install the packages chromium and libatomic1.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def own_origin(live_server: Any, settings: Any) -> None:
    """Links and ids of these tests carry the address of the test's own server."""
    settings.PORTAL_ORIGIN = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]


@pytest.fixture
def open_page(browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Opens a fresh browser window, on a phone unless told otherwise; any script error fails."""
    contexts = []
    errors: list[str] = []

    def open_one(path: str = "/", *, size: dict[str, int] = PHONE, **options: Any) -> Page:
        context = browser.new_context(
            viewport=size,
            base_url=live_server.url,
            reduced_motion="reduce",
            **{"locale": "en-GB", **options},
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                errors.append(message.text) if "Content Security Policy" in message.text else None
            ),
        )
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def sign_in(open_page: Callable[..., Page], as_user: Any, live_server: Any) -> Callable[..., Page]:
    """A window in which this person has signed in already; the sign-in itself has its own test."""

    def signed_in(user: Any, path: str = "/start/", **options: Any) -> Page:
        cookie = as_user(user).cookies["session"].value
        page = open_page("/healthz", **options)
        page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        page.goto(path)
        return page

    return signed_in


def no_barriers(page: Page) -> None:
    """axe finds nothing, nothing sticks out sideways, and there is one main heading."""
    result = Axe().run(page, options=RULES)
    problems = [
        f"{v['id']}: {v['help']} – {v['nodes'][0]['html'][:200]}"
        for v in result.response["violations"]
    ]
    assert not problems, f"{page.url}: {problems}"
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide"
    assert page.locator("h1").count() == 1, page.url


class Counted:
    """A window that counts what the person taps and fills in."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0
        self.fields = 0

    def tap(self, role: str, name: Any, **more: Any) -> None:
        self.page.get_by_role(role, name=name, **more).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state("networkidle")
        self.clicks += 1

    def fill(self, label: Any, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)
        self.fields += 1

    def choose(self, label: Any, value: str) -> None:
        self.page.get_by_label(label).first.select_option(value)
        self.fields += 1


__all__ = ["DESK", "PASSWORD", "PHONE", "Counted", "no_barriers"]

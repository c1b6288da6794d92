"""The main job, end to end in a real browser, clicks and fields counted against the targets."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from badges.models import Award
from guidance.models import DiaryEntry, Placement, Week
from guidance.services.weeks import confirm_week
from materials.models import Material
from partners.services.links import make_link
from techvet.actor import Actor
from tests.browser.conftest import DESK, PASSWORD, PHONE, Counted, no_barriers
from tests.cast import Cast, assemble
from tests.factories.badges import make_badge, ready_issuers
from tests.factories.guidance import running, waiting_week

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: Any) -> Cast:
    """The cast in committed rows: the server answers in other threads."""
    return assemble()


def desk_path(person: Any) -> str:
    return f"/d/{make_link(person=person, by=Actor.system())[1]}/"


def test_instructor_confirms_a_week_in_two_taps(cast: Cast, open_page: Callable[..., Page]) -> None:
    waiting_week(cast, running(cast))
    hand = Counted(open_page(desk_path(cast.instructor)))  # the tap on the link in the message
    hand.clicks += 1
    expect(hand.page.get_by_role("heading", name=cast.student.name)).to_be_visible()
    no_barriers(hand.page)
    hand.tap("button", re.compile("^Confirm"))
    expect(hand.page.locator("main")).to_contain_text(re.compile("confirmed", re.I))
    assert Week.objects.filter(state="confirmed").count() == 1
    assert (hand.clicks, hand.fields) == (2, 0)


def test_instructor_logs_a_placement_in_seven_fields(
    cast: Cast, open_page: Callable[..., Page], sign_in: Callable[..., Page]
) -> None:
    page = open_page(desk_path(cast.instructor))
    hand = Counted(page)
    hand.tap("link", "Log a placement")
    fields = page.locator("main form").locator(".field").count()
    assert fields <= 7
    no_barriers(page)
    hand.fill("Student", cast.student.email)
    hand.choose("Field", "0715")
    hand.tap("button", "Log the placement")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")
    placement = Placement.objects.get()
    assert (placement.state, placement.student) == ("logged", cast.student)
    assert hand.clicks <= 4

    # No teacher was named, so the coordinator of the school is asked.
    school = Counted(sign_in(cast.coordinator, size=DESK))
    school.tap("link", re.compile("1 placement waits"))
    school.tap("link", re.compile(cast.student.name))
    no_barriers(school.page)
    school.tap("button", re.compile("^Accept"))
    placement.refresh_from_db()
    assert placement.state in {"accepted", "running"}


def test_student_writes_a_day_in_four_taps(cast: Cast, sign_in: Callable[..., Page]) -> None:
    placement = running(cast)
    hand = Counted(sign_in(cast.student, f"/placements/{placement.public_id}/"))
    hand.tap("link", re.compile("diary|today", re.I))
    no_barriers(hand.page)
    hand.page.get_by_label("Turning", exact=True).check()
    hand.clicks += 1
    hand.tap("button", "Save the day")
    assert DiaryEntry.objects.get().tasks == ["Turning"]
    assert hand.clicks <= 4


def test_teacher_publishes_what_a_colleague_has_checked(
    cast: Cast, sign_in: Callable[..., Page], open_page: Callable[..., Page]
) -> None:
    hand = Counted(sign_in(cast.teacher, "/materials/mine/", size=DESK))
    hand.tap("link", re.compile("Write"))
    hand.tap("button", "Begin a guidance material")
    hand.fill("Title", "Sharpen a drill together")
    hand.fill("Summary", "Ten minutes at the grinder that show how somebody works.")
    hand.page.get_by_role("textbox", name="Text").fill("## Before you begin\n\nPut on glasses.")
    preview = hand.page.get_by_role("region", name="Preview")
    expect(preview.get_by_role("heading", name="Before you begin")).to_be_visible()
    hand.page.get_by_label("Workplace instructors", exact=True).check()
    hand.page.get_by_label("Theme").select_option("instruction")
    no_barriers(hand.page)
    hand.tap("button", "Send to check")
    material = Material.objects.get()
    assert material.state == "in_check"
    assert hand.clicks <= 4

    check = Counted(sign_in(cast.second_teacher, "/materials/checks/", size=DESK))
    check.tap("link", re.compile("Sharpen a drill"))
    for point in check.page.get_by_label("OK", exact=True).all():
        point.check(force=True)
        check.clicks += 1
    no_barriers(check.page)
    check.tap("button", "Publish")
    material.refresh_from_db()
    assert material.state == "published"
    assert check.clicks <= 10

    reader = open_page("/materials/?q=sharpening+drills", size=PHONE)
    reader.get_by_role("link", name=re.compile("Sharpen a drill")).click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Sharpen a drill together")
    no_barriers(reader)


def test_from_confirmed_work_to_a_badge_that_a_stranger_verifies(
    cast: Cast,
    sign_in: Callable[..., Page],
    open_page: Callable[..., Page],
    start_worker: Callable[..., Any],
    live_server: Any,
) -> None:
    start_worker(PORTAL_ORIGIN=live_server.url)
    make_badge(cast.school)
    ready_issuers()
    week = waiting_week(cast, running(cast))
    confirm_week(by=cast.actor("instructor"), week=week)

    hand = Counted(sign_in(cast.teacher, "/badges/WGB-L1/", size=DESK))
    hand.tap("button", "Apply for this badge")
    hand.page.get_by_role("link", name="Criterion number 1").click()
    before = hand.clicks
    hand.tap("button", re.compile("^Use"))
    assert hand.clicks - before <= 2
    no_barriers(hand.page)
    hand.page.goto(re.sub(r"criteria/\d+/.*", "criteria/2/", hand.page.url))
    hand.page.get_by_role("textbox").first.fill("I show it, we try it, they explain it.")
    hand.tap("button", "Save and go on")
    if "/check/" not in hand.page.url:
        hand.tap("link", re.compile("Check your answers"))
    no_barriers(hand.page)
    hand.tap("button", "Send the application")

    review = Counted(sign_in(cast.reviewer, "/reviews/", size=DESK))
    no_barriers(review.page)
    review.tap("link", re.compile("Workplace guidance basics"))
    no_barriers(review.page)
    opened = review.clicks
    assert cast.student.name not in review.page.locator("main").inner_text()
    for mark in review.page.get_by_label("Met", exact=True).all():
        mark.check(force=True)
        review.clicks += 1
    expect(review.page.locator("#marks-saved")).to_contain_text("aved")
    review.tap("button", "Approve")
    assert review.clicks - opened <= 2 + 2

    award = Award.objects.get()
    hand.page.goto(f"/awards/{award.public_id}/")
    expect(hand.page.get_by_role("link", name="Credential (JSON)")).to_be_visible(timeout=15_000)
    no_barriers(hand.page)

    stranger = Counted(open_page(f"/awards/{award.public_id}/", size=PHONE))
    stranger.tap("link", "Verify")
    expect(stranger.page.get_by_text("Valid, and we know the issuer")).to_be_visible()
    no_barriers(stranger.page)
    stranger.page.get_by_label(re.compile("mail", re.I)).fill(cast.teacher.email)
    stranger.tap("button", "Verify")
    expect(stranger.page.locator("main")).to_contain_text("Recipient")


def test_signing_in_with_password_and_second_factor(
    cast: Cast, open_page: Callable[..., Page]
) -> None:
    page = open_page("/reviews/")
    expect(page).to_have_url(re.compile("/accounts/login/"))
    no_barriers(page)
    page.get_by_label(re.compile("mail", re.I)).first.fill(cast.coordinator.email)
    page.get_by_label(re.compile("^Password")).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "/reviews/" not in page.url  # not without the second factor
    no_barriers(page)


def test_by_keyboard_to_the_content(open_page: Callable[..., Page], cast: Cast) -> None:
    page = open_page("/materials/", size=DESK)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("href", "#main")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_main_pages_work_without_script(cast: Cast, open_page: Callable[..., Page]) -> None:
    waiting_week(cast, running(cast))
    page = open_page(desk_path(cast.instructor), java_script_enabled=False)
    page.get_by_role("button", name=re.compile("^Confirm")).first.click()
    assert Week.objects.filter(state="confirmed").count() == 1
    page.get_by_role("button", name=re.compile("Language|English")).first.is_visible()

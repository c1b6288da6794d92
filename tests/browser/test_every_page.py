"""Every page of the seeded demo, as each role: axe finds nothing and nothing sticks out.

On a phone, in the dark and in Finnish, whose words are long, and at a desk in the light: so both
themes, both widths and a translation are met.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from badges.models import Application, Award
from guidance.models import Placement, Week
from materials.models import Material
from partners.models import User
from partners.services.links import make_link
from techvet.actor import Actor
from tests.browser.conftest import DESK, PHONE, no_barriers

pytestmark = pytest.mark.django_db(transaction=True)

PUBLIC = (
    "/",
    "/about/",
    "/accessibility/",
    "/privacy/",
    "/words/",
    "/materials/",
    "/materials/?q=feedbak",
    "/materials/?q=nothing+like+this+anywhere",
    "/materials/the-first-day-in-60-minutes/",
    "/materials/the-first-day-in-60-minutes/card/",
    "/partners/",
    "/partners/tavastia/",
    "/partners/demo-company-1/",
    "/badges/",
    "/badges/WGB-L1/",
    "/badges/WBL_GUIDANCE_EXPERT/",
    "/issuers/tavastia/",
    "/verify/",
    "/send-my-link/",
    "/d/not-a-link-that-works-any-more/",
    "/invitations/not-an-invitation-that-works/",
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
    "/nowhere/",
    "/styleguide/",
)


def email(name: str) -> str:
    return f"{name}.demo@example.org"


def of(name: str) -> User:
    return User.objects.get(email=email(name))


def visit(page: Page, paths: list[str] | tuple[str, ...]) -> None:
    for path in paths:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status < 500, path
        if path != "/styleguide/":  # shows each part twice, so landmarks repeat
            no_barriers(page)


def placement_of(student: str) -> Placement:
    return Placement.objects.filter(student=of(student)).latest("starts_on")


@pytest.fixture(scope="function")
def demo(transactional_db: Any) -> None:
    call_command("seed", "--quiet")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [(PHONE, "dark", "fi"), (DESK, "light", "en")],
    ids=["phone, dark, Finnish", "desk, light, English"],
)
def test_every_page(
    demo: None,
    open_page: Callable[..., Page],
    sign_in: Callable[..., Page],
    size: dict[str, int],
    scheme: str,
    language: str,
) -> None:
    look = {"size": size, "color_scheme": scheme, "locale": language}
    User.objects.update(language=language)
    award = Award.objects.filter(revoked_at__isnull=True).first()
    revoked = Award.objects.filter(revoked_at__isnull=False).first()
    waiting = Application.objects.filter(state="submitted").first()
    returned = Application.objects.filter(state="returned").first()
    draft = Material.objects.filter(state="draft").first()
    in_check = Material.objects.filter(state="in_check").first()
    running = placement_of("aino")
    week = Week.objects.filter(placement=running, state="to_confirm").first()
    assert award and revoked and waiting and returned and draft and in_check and week

    awards = [f"/awards/{award.public_id}/", f"/awards/{revoked.public_id}/"]
    checked = [f"/verify/?badge=/awards/{one.public_id}/" for one in (award, revoked)]
    visit(open_page("/", **look), [*PUBLIC, *awards, *checked])

    desk = make_link(person=of("pekka"), by=Actor.system())[1]
    visit(
        open_page(f"/d/{desk}/", **look),
        [
            "/desk/",
            "/desk/log/",
            "/desk/hand-over/",
            "/desk/link/",
            "/desk/code/",
            "/placements/",
            f"/placements/{running.public_id}/",
            f"/weeks/{week.public_id}/",
            f"/weeks/{week.public_id}/return/",
        ],
    )
    visit(
        sign_in(of("aino"), **look),
        [
            "/start/",
            "/placements/",
            f"/placements/{running.public_id}/",
            f"/placements/{running.public_id}/diary/",
            "/placements/new/",
            "/my-code/",
            "/profile/",
        ],
    )
    visit(
        sign_in(draft.author, **look),
        [
            "/start/",
            "/placements/",
            f"/placements/{running.public_id}/",
            "/placements/new/",
            "/materials/new/",
            "/materials/mine/",
            f"/materials/drafts/{draft.public_id}/edit/",
            f"/materials/drafts/{draft.public_id}/",
            "/materials/checks/",
            "/badges/",
            "/applications/",
            "/my-badges/",
        ],
    )
    visit(
        sign_in(returned.applicant, **look),
        [
            f"/applications/{returned.public_id}/",
            f"/applications/{returned.public_id}/criteria/1/",
            f"/applications/{returned.public_id}/check/",
        ],
    )
    visit(
        sign_in(of("leena"), **look),
        [
            "/start/",
            "/placements/",
            "/reviews/",
            f"/reviews/{waiting.public_id}/",
            f"/materials/drafts/{in_check.public_id}/check/",
            f"/awards/{award.public_id}/revoke/",
            "/people/",
            "/people/invite/",
            "/second-factor/",
            "/accounts/2fa/",
        ],
    )
    visit(sign_in(of("riitta"), **look), ["/start/", "/placements/", "/people/", "/people/invite/"])

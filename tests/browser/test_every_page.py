"""Every page of the seeded demo, as each role: axe finds nothing and nothing sticks out.

On a phone, in the dark and in Finnish, whose words are long, and at a desk in the light: so both
themes, both widths and a translation are met.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from badges.models import (
    Achievement,
    AchievementVersion,
    Application,
    Award,
    Endorsement,
    IssuingBatch,
    Passport,
    QuizAttempt,
)
from badges.services.applying import start_application
from badges.services.batches import create_batch
from badges.services.piloting import send_to_pilot
from badges.services.scaffolding import ask_peer
from guidance.models import Placement, Week
from materials.models import Material
from partners.models import User
from partners.selectors.actors import actor_of
from partners.services.links import make_link
from techvet.actor import Actor
from techvet.clock import now
from tests.browser.conftest import DESK, PHONE, no_barriers
from tests.factories import editor as make_own

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
    "/badges/start/",
    "/badges/start/?q1=often&q2=often&q3=not_yet&q4=not_yet&q5=sometimes&q6=not_yet&q7=not_yet&q8=not_yet",
    "/badges/WBL_GUIDANCE_EXPERT/",
    "/issuers/tavastia/",
    "/badges/transparency/",
    "/issuers/eduko/",
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


def editor_pages() -> list[str]:
    """Every page of the editor: a complete draft, a pilot, and one that is published."""
    by = actor_of(of("leena"))
    house = by.memberships[0].organisation
    draft = make_own.complete(by, house, short_name="Draft")
    pilot = send_to_pilot(by=by, version=make_own.complete(by, house, short_name="Pilot"))
    out = make_own.complete(by, house, short_name="Out")
    AchievementVersion.objects.filter(pk=out.pk).update(state="published", published_at=now())
    own = f"/badges/editor/{draft.public_id}/"
    criterion = draft.criteria.get(number=1).public_id
    parts = ("", "texts/", "frame/", "criteria/", f"criteria/{criterion}/", "skills/", "picture/")
    return [
        "/badges/editor/",
        "/badges/editor/new/",
        *(f"{own}{part}" for part in parts),
        f"/badges/editor/{pilot.public_id}/",
        f"/badges/editor/pilots/{pilot.public_id}/",
        f"/badges/editor/{out.public_id}/",
        f"/badges/{out.achievement.code}/",
        "/badges/",
    ]


def batch_pages() -> list[str]:
    """A list with a row to put right, and the demo's finished one."""
    done = IssuingBatch.objects.get(state="done")
    by = actor_of(of("leena"))
    ready = create_batch(
        by=by,
        issuer=done.issuer,
        version=done.version,
        name="Second course",
        reason="All of them were there.",
        content=b"Name;E-mail\nEetu;eetu@list.example\nKaisa;not-an-address\n",
        file_name="people.csv",
    )
    own, ended = f"/batches/{ready.public_id}/", f"/batches/{done.public_id}/"
    parts = ("", "columns/", "rows/3/")
    return [
        "/batches/",
        "/batches/new/",
        *(f"{own}{part}" for part in parts),
        ended,
        f"{ended}awards/",
        f"{ended}revoke/",
    ]


def helped_pages() -> tuple[list[str], list[str]]:
    """A level-2 draft as its owner sees it, and as the colleague who was asked to read it."""
    draft = start_application(
        by=actor_of(of("mikko")), achievement=Achievement.objects.get(code="WGB-L2")
    )
    feedback = ask_peer(by=actor_of(of("mikko")), application=draft, peer=of("sari"))
    own = f"/applications/{draft.public_id}/"
    return (
        [own, f"{own}criteria/4/", f"{own}peers/"],
        [f"/peer-feedback/{feedback.public_id}/", "/start/"],
    )


@pytest.fixture(scope="function")
def demo(transactional_db: Any) -> None:
    call_command("seed", "--quiet")


@pytest.mark.timeout(600)
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
    award = Award.objects.get(recipient=of("mikko"))
    revoked = Award.objects.filter(revoked_at__isnull=False).first()
    waiting = Application.objects.filter(state="submitted").first()
    returned = Application.objects.filter(state="returned").first()
    draft = Material.objects.filter(state="draft").first()
    in_check = Material.objects.filter(state="in_check").first()
    running = placement_of("aino")
    week = Week.objects.filter(placement=running, state="to_confirm").first()
    assert award and revoked and waiting and returned and draft and in_check and week

    endorsement = Endorsement.objects.get()
    passport = Passport.objects.get(is_public=True)
    panel = Application.objects.get(state="in_review")
    attempt = QuizAttempt.objects.get()
    Award.objects.filter(recipient=of("pekka")).update(valid_until=now() + timedelta(days=20))
    renewable = Award.objects.get(recipient=of("pekka"))

    awards = [f"/awards/{award.public_id}/", f"/awards/{revoked.public_id}/"]
    checked = [f"/verify/?badge=/awards/{one.public_id}/" for one in (award, revoked)]
    visit(
        open_page("/", **look),
        [
            *PUBLIC,
            *awards,
            *checked,
            f"/endorsements/{endorsement.public_id}/",
            f"/awards/{endorsement.award.public_id}/",
            f"/passports/{passport.public_id}/",
        ],
    )

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
        sign_in(of("pekka"), **look),
        [
            "/my-badges/",
            "/endorsements/",
            "/endorsements/ask/",
            f"/awards/{renewable.public_id}/",
            f"/awards/{renewable.public_id}/renew/",
            f"/awards/{renewable.public_id}/endorsement/ask/",
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
            "/passport/",
            "/passport/preview/",
        ],
    )
    visit(
        sign_in(award.recipient, **look),
        [
            "/my-badges/",
            "/passport/",
            "/endorsements/",
            "/connected-apps/",
            f"/awards/{award.public_id}/share/",
        ],
    )
    own, read = helped_pages()
    visit(sign_in(of("mikko"), **look), own)
    visit(
        sign_in(of("sari"), **look), [*read, f"/quiz-results/{attempt.public_id}/", "/my-badges/"]
    )
    visit(
        sign_in(panel.applicant, **look),
        [
            f"/applications/{panel.public_id}/",
            f"/applications/{panel.public_id}/revisions/1/",
        ],
    )
    visit(
        sign_in(returned.applicant, **look),
        [
            f"/applications/{returned.public_id}/",
            f"/applications/{returned.public_id}/criteria/1/",
            f"/applications/{returned.public_id}/check/",
            f"/applications/{returned.public_id}/revisions/1/",
            f"/applications/{returned.public_id}/plan/",
            f"/applications/{returned.public_id}/peers/",
            "/badges/BASICS/quiz/",
        ],
    )
    visit(
        sign_in(of("leena"), **look),
        [
            "/start/",
            "/placements/",
            "/reviews/",
            f"/reviews/{waiting.public_id}/",
            f"/reviews/{waiting.public_id}/people/",
            "/reviews/phrases/",
            "/reviews/figures/",
            "/reviews/practice/",
            f"/reviews/{panel.public_id}/",
            f"/awards/{award.public_id}/suspend/",
            f"/awards/{award.public_id}/endorse/",
            "/badges/WGB-L1/endorse/",
            "/issuers/eduko/endorse/",
            *editor_pages(),
            *batch_pages(),
            f"/materials/drafts/{in_check.public_id}/check/",
            f"/awards/{award.public_id}/revoke/",
            "/people/",
            "/people/invite/",
            "/second-factor/",
            "/accounts/2fa/",
        ],
    )
    visit(
        sign_in(of("riitta"), **look),
        [
            "/start/",
            "/placements/",
            "/people/",
            "/people/invite/",
            f"/reviews/{panel.public_id}/",
            "/endorsements/",
        ],
    )

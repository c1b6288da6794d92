"""One scene for all these tests: everybody of the cast, and one thing of each kind.

Private texts carry a word of their own (a canary), so that a test can ask where it turns up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from badges.enums import Mark, Outcome
from badges.models import Achievement, Award
from badges.services.deciding import decide
from badges.services.evidence import add_file, save_text
from badges.services.passports import save_passport
from badges.services.review_phrases import keep_phrase
from badges.services.reviewing import set_mark
from badges.services.revoking import revoke_award
from badges.services.scaffolding import ask_peer
from badges.services.tokens import sign_due_tokens
from guidance.services.goals import add_goal
from guidance.services.weeks import return_week
from materials.services.publishing import check_material
from materials.services.writing import add_attachment
from partners.models import AccessLink, Membership, User
from partners.selectors.actors import CODE_SESSION_KEY, LINK_SESSION_KEY
from techvet.clock import now
from tests.cast import Cast, assemble
from tests.factories import badges as make_badges
from tests.factories import batches as make_batches
from tests.factories import guidance as make
from tests.factories import materials as make_materials
from tests.factories import partners as make_partners
from tests.security import scene_badges

# The fourteen principals, in the order of every table: one letter each in its heading.
PRINCIPALS = {
    "St": "student",
    "So": "other_student",
    "Te": "teacher",
    "Ts": "second_teacher",
    "Tf": "far_teacher",
    "In": "instructor",
    "Is": "second_instructor",
    "Ma": "manager",
    "If": "far_instructor",
    "Co": "coordinator",
    "Cf": "far_coordinator",
    "Ad": "admin",
    "Le": "leaver",
    "An": "",
}
PHONES = {"student": "+358401112301", "instructor": "+358401112302", "teacher": "+358401112303"}
# A word of the same texts that may be searched for: what is found must not show the canary.
BAIT = "Zylograph"
CANARIES = {
    name: f"canary{name}q7x"
    for name in (
        "line",
        "goal",
        "weekreason",
        "evidencedraft",
        "evidencesent",
        "filename",
        "filebytes",
        "marknote",
        "returnnote",
        "revocation",
        "draftbody",
        "checkbody",
        "checknote",
        "attachment",
        "invited",
        "listed",
    )
}


@dataclass
class Scene:
    cast: Cast
    ids: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    @cached_property
    def clients(self) -> dict[str, Client]:
        """A browser for each principal: by a link with its code, signed in, or nobody."""
        return {short: self.client(short) for short in PRINCIPALS}

    def remember_sessions(self) -> None:
        self.cookies = {short: client.cookies.output() for short, client in self.clients.items()}

    def restore_sessions(self) -> None:
        """A test may have signed somebody out; that is taken back with everything else."""
        for short, client in self.clients.items():
            client.cookies.clear()
            client.cookies.load(self.cookies[short].replace("Set-Cookie: ", ""))

    def person(self, short: str) -> User:
        return getattr(self.cast, PRINCIPALS[short])

    def client(self, short: str) -> Client:
        name = PRINCIPALS[short]
        if not name:
            return browser()
        if "instructor" in name:
            return link_browser(self.person(short))
        return signed_in(self.person(short))


def browser() -> Client:
    """A page that breaks is an answer of 500 here, as it is for a person."""
    return Client(raise_request_exception=False)


def signed_in(user: User, *, second_factor: bool = True) -> Client:
    client = browser()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    methods: list[dict[str, str]] = [{"method": "password", "email": user.email or ""}]
    if second_factor:
        methods.append({"method": "mfa", "type": "totp"})
    session["account_authentication_methods"] = methods
    session.save()
    return client


def link_browser(user: User, *, days: int = 90) -> Client:
    """A browser with a personal link and its six-digit code."""
    link = AccessLink.objects.create(
        person=user,
        token_hash=f"{user.pk}-{AccessLink.objects.count()}".rjust(64, "0"),
        expires_at=now() + timedelta(days=days),
    )
    client = browser()
    session = client.session
    session[LINK_SESSION_KEY] = link.pk
    session[CODE_SESSION_KEY] = (now() + timedelta(hours=1)).timestamp()
    session.save()
    return client


def build() -> Scene:
    scene = Scene(assemble())
    for name, phone in PHONES.items():
        User.objects.filter(pk=getattr(scene.cast, name).pk).update(phone=phone)
    _guidance(scene)
    _badges(scene)
    _materials(scene)
    _partners(scene)
    return scene


def _guidance(scene: Scene) -> None:
    cast, ids = scene.cast, scene.ids
    running = make.running(cast, weeks_ago=3)
    waiting = make.write(cast, running, make.days_of_week(1, 2), line=CANARIES["line"])[0]
    make.write(cast, running, make.days_of_week(1, 1), line=CANARIES["line"], photo=make.picture())
    returned = make.write(cast, running, make.days_of_week(2, 2))[0].week
    return_week(by=cast.actor("instructor"), week=returned, reason=CANARIES["weekreason"])
    goal = add_goal(by=cast.actor("student"), placement=running, text=CANARIES["goal"])
    ids |= {
        "running": running.public_id,
        "logged": make.logged(cast, weeks_ago=-1).public_id,
        "proposed": make.proposed(cast, weeks_ago=-20).public_id,
        "week": waiting.week.public_id,
        "returned_week": returned.public_id,
        "photo": waiting.week.entries.get(photo__isnull=False).photo.public_id,
        "goal": goal.public_id,
    }


def _badges(scene: Scene) -> None:
    codes = ("FREE", "DRAFT", "WAIT", "BACK", "QUEUE", "PARK", "HAVE", "GONE")
    places = [(family, level) for family in ("WGB", "CGW", "GDE") for level in (1, 2, 3)]
    badge = {
        code: make_badges.make_badge(scene.cast.school, f"{code}-L1", family=family, level=level)
        for code, (family, level) in zip(codes, places, strict=False)
    }
    make_badges.ready_issuers()
    _draft_applications(scene, badge["DRAFT"])
    _sent_applications(scene, badge["WAIT"], badge["BACK"])
    _awards(scene, badge)
    _batches(scene, badge["FREE"])
    scene.ids |= {"free": "FREE-L1", "version": badge["FREE"].versions.get().public_id}
    scene_badges.own_badges(scene)


def _batches(scene: Scene, badge: Achievement) -> None:
    """A list with a row to put right, and one that workers may take."""
    at: dict[str, Any] = {
        "by": scene.cast.actor("coordinator"),
        "achievement": badge,
        "issuer": scene.cast.school,
    }
    faulty = f"Name;E-mail\nA;a@list.example\nEetu;{CANARIES['listed']}\n"
    scene.ids |= {
        "batch": make_batches.make_batch(**at, content=faulty.encode()).public_id,
        "running_batch": make_batches.started_batch(**at).public_id,
    }


def _draft_applications(scene: Scene, badge: Achievement) -> None:
    """The teacher's, with a text and a file; and the instructor's."""
    cast = scene.cast
    draft = make_badges.draft(cast.teacher, badge)
    first, second = draft.version.criteria.all()
    at: dict[str, Any] = {"by": cast.actor("teacher"), "application": draft}
    save_text(**at, criterion=first, text=CANARIES["evidencedraft"])
    upload = SimpleUploadedFile(f"{CANARIES['filename']}.txt", CANARIES["filebytes"].encode())
    evidence = add_file(**at, criterion=second, upload=upload)
    at_work = make_badges.draft(cast.instructor, badge)
    own_file = add_file(
        by=cast.actor("instructor"),
        application=at_work,
        criterion=first,
        upload=SimpleUploadedFile("own.txt", b"own"),
    )
    feedback = ask_peer(by=cast.actor("teacher"), application=draft, peer=cast.second_teacher)
    scene_badges.attempts(scene, draft.version)
    scene.ids |= {
        "feedback": feedback.public_id,
        "draft": draft.public_id,
        "evidence": evidence.public_id,
        "work_draft": at_work.public_id,
        "work_evidence": own_file.public_id,
    }


def _sent_applications(scene: Scene, waits: Achievement, came_back: Achievement) -> None:
    """One that the coordinator has begun to mark, and one that went back with a note."""
    cast = scene.cast
    waiting = make_badges.draft(cast.teacher, waits)
    criterion = waiting.version.criteria.first()
    at: dict[str, Any] = {"by": cast.actor("teacher"), "application": waiting}
    save_text(**at, criterion=criterion, text=CANARIES["evidencesent"])
    upload = SimpleUploadedFile("plan.txt", b"a plan")
    scene.ids["sent_evidence"] = add_file(**at, criterion=criterion, upload=upload).public_id
    waiting = make_badges.submit_application(**at)
    set_mark(
        by=cast.actor("coordinator"),
        application=waiting,
        criterion=criterion,
        revision=1,
        mark=Mark.NOT_YET,
        note=CANARIES["marknote"],
    )
    returned = make_badges.submitted(cast.teacher, came_back)
    decide(
        by=cast.actor("coordinator"),
        application=returned,
        outcome=Outcome.RETURN,
        revision=1,
        note=CANARIES["returnnote"],
    )
    phrase = keep_phrase(by=cast.actor("coordinator"), text="Say what the student did.")
    scene.ids |= {
        "waiting": waiting.public_id,
        "back": returned.public_id,
        "review": waiting.reviews.get().public_id,
        "phrase": phrase.public_id,
    }


def _awards(scene: Scene, badge: dict[str, Achievement]) -> None:
    """Queued, parked, issued and revoked."""
    both = {"applicant": scene.cast.teacher, "reviewer": scene.cast.coordinator}
    queued = make_badges.queued_award(achievement=badge["QUEUE"], **both)
    parked = make_badges.queued_award(achievement=badge["PARK"], **both)
    Award.objects.filter(pk=parked.pk).update(state="parked", attempts=8)
    revoked = make_badges.issued_award(achievement=badge["GONE"], **both)
    note = CANARIES["revocation"]
    revoke_award(by=scene.cast.actor("coordinator"), award=revoked, reason="other", note=note)
    issued = make_badges.issued_award(achievement=badge["HAVE"], **both)
    scene.ids |= {
        "queued_award": queued.public_id,
        "parked_award": parked.public_id,
        "award": issued.public_id,
        "revoked_award": revoked.public_id,
        "status_list": issued.status_list.public_id,
    }
    sign_due_tokens()
    scene_badges.voices(scene, issued)
    own = {"about": BAIT, "shown": {issued.public_id}}
    public = save_passport(by=scene.cast.actor("teacher"), is_public=True, **own)
    private = save_passport(by=scene.cast.actor("student"), is_public=False, **own)
    scene.ids |= {"public_passport": public.public_id, "private_passport": private.public_id}


def _materials(scene: Scene) -> None:
    cast, ids = scene.cast, scene.ids
    draft = make_materials.draft(cast.teacher, body=f"{BAIT} {CANARIES['draftbody']}")
    attachment = add_attachment(
        by=cast.actor("teacher"),
        material=draft,
        upload=make_materials.plain_file(content=CANARIES["attachment"].encode()),
        description=CANARIES["attachment"],
    )
    body = f"{BAIT} {CANARIES['checkbody']}"
    in_check = make_materials.in_check(cast.teacher, title="Waits", body=body)
    returned = make_materials.in_check(cast.teacher, title="Came back")
    check_material(
        by=cast.actor("second_teacher"),
        material=returned,
        points={**make_materials.ALL_OK, "useful": "fix"},
        note=CANARIES["checknote"],
        outcome="return",
    )
    public = make_materials.draft(cast.teacher, title="Published")
    add = {"material": public, "upload": make_materials.plain_file(), "description": "Public"}
    public_file = add_attachment(by=cast.actor("teacher"), **add)
    public = make_materials.submit_for_check(by=cast.actor("teacher"), material=public)
    public = make_materials.publish(public, cast.second_teacher)
    ids |= {
        "material": draft.public_id,
        "attachment": attachment.public_id,
        "in_check": in_check.public_id,
        "returned_material": returned.public_id,
        "published": public.public_id,
        "slug": public.slug,
        "public_attachment": public_file.public_id,
    }
    at_work = make_materials.draft(cast.instructor, title="From work")
    add = {"material": at_work, "upload": make_materials.plain_file(), "description": ""}
    work_file = add_attachment(by=cast.actor("instructor"), **add)
    ids |= {"work_material": at_work.public_id, "work_attachment": work_file.public_id}


def _partners(scene: Scene) -> None:
    cast, ids = scene.cast, scene.ids
    invitation, token = make_partners.invitation_into(
        cast.school, by=cast.actor("coordinator"), email=f"{CANARIES['invited']}@example.org"
    )
    ids |= {
        "invitation": invitation.public_id,
        "invitation_token": token,
        "student_role": Membership.objects.get(user=cast.student).public_id,
        "teacher_role": Membership.objects.get(user=cast.teacher).public_id,
        "second_instructor_role": Membership.objects.get(user=cast.second_instructor).public_id,
    }


def fingerprint() -> str:
    """A sum over every row of the four apps: equal when nothing at all has changed."""
    names = [
        model._meta.db_table
        for app in ("partners", "materials", "guidance", "badges")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]
    sums = [
        f"SELECT '{name}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
        f"FROM {name} t"
        for name in names
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sums))
        return repr(sorted(cursor.fetchall()))


@contextmanager
def undone() -> Iterator[None]:
    """Takes back whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def read(response: HttpResponseBase) -> bytes:
    """The whole answer; a file that is sent is closed once it is read."""
    if not response.streaming:
        return response.content  # type: ignore[attr-defined]
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    return content


def address(route: str, *args: Any) -> str:
    """`route?query` with its arguments."""
    name, _mark, query = route.partition("?")
    return reverse(name, args=args) + (f"?{query}" if query else "")

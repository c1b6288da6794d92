"""The built-in badges, their versions, the auditor's findings, and the demo story."""

import shutil

import pytest
from django.core.management import CommandError, call_command

from badges.enums import AwardState
from badges.models import (
    Achievement,
    AchievementVersion,
    Application,
    Award,
    BatchChunk,
    Credential,
    CriterionMark,
    Endorsement,
    IssuingBatch,
    OwnPlan,
    Passport,
    QuizAttempt,
    Review,
    SigningKey,
)
from badges.selectors.catalogue import catalogue, content_folder, read_catalogue
from badges.selectors.passports import shown_awards
from badges.selectors.scaffolding import plan_of
from badges.selectors.start import start_items
from badges.services import demo
from badges.services.auditing import findings
from badges.services.content import load_content, picture_png
from guidance.services import demo as guidance_demo
from partners.enums import MessageState
from partners.models import AuditEvent, Membership, Organisation, OutgoingMessage
from partners.selectors.actors import actor_of
from partners.services import demo as partners_demo
from techvet.actor import Actor
from techvet.errors import NotAllowed, WrongState
from tests.factories.audit import unfenced
from tests.factories.badges import issued_award, queued_award

SYSTEM = Actor.system()


def test_all_badges_are_loaded_once(cast):
    made = load_content(by=SYSTEM)
    assert made == len(catalogue().achievements) == Achievement.objects.count()
    assert load_content(by=SYSTEM) == 0
    first = Achievement.objects.get(code="WGB-L1")
    version = first.versions.get()
    assert first.is_open
    assert version.criteria.count() == 6
    assert version.picture_svg.startswith("<svg")
    assert not Achievement.objects.get(code="WORKPLACE_INSTRUCTOR").is_open
    assert Achievement.objects.get(code="WGB-L3").is_open
    assert Achievement.objects.get(code="WBL_GUIDANCE_EXPERT").is_open


def test_every_family_has_its_star_and_every_rule_its_badges():
    content = catalogue()
    codes = {one["code"] for one in content.achievements}
    assert {star.family for star in content.stars} == set(content.families)
    assert {end for line in content.lines for end in line} <= set(content.families)
    for gives, rule in content.rules.items():
        assert gives in codes
        assert {code for part in rule["requires"] for code in part["of"]} <= codes


def test_changed_content_makes_a_new_version_and_keeps_the_old(cast, tmp_path):
    load_content(by=SYSTEM)
    folder = tmp_path / "content"
    shutil.copytree(content_folder(), folder)
    path = next(folder.glob("*wgb.toml"))
    path.write_text(path.read_text().replace("Prepares the workplace", "Gets the workplace ready"))
    before = AchievementVersion.objects.get(achievement__code="WGB-L1")
    assert load_content(by=SYSTEM, folder=folder) >= 1
    new = AchievementVersion.objects.get(achievement__code="WGB-L1", number=2)
    before.refresh_from_db()
    assert before.criteria.first().title.startswith("Prepares")
    assert new.criteria.first().title.startswith("Gets")


def test_a_badge_that_left_the_content_is_closed(cast, tmp_path):
    load_content(by=SYSTEM)
    folder = tmp_path / "content"
    shutil.copytree(content_folder(), folder)
    next(folder.glob("*wgb.toml")).unlink()
    load_content(by=SYSTEM, folder=folder)
    assert not Achievement.objects.get(code="WGB-L1").is_open


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "broken.toml").write_text("a =")
    with pytest.raises(ValueError, match=r"broken\.toml"):
        read_catalogue(tmp_path)


def test_without_an_institution_nothing_is_loaded(db):
    with pytest.raises(WrongState):
        load_content(by=SYSTEM)


def test_the_picture_is_rendered_once(cast):
    load_content(by=SYSTEM)
    version = AchievementVersion.objects.first()
    png = picture_png(version=version)
    assert png.startswith(b"\x89PNG")
    version.refresh_from_db()
    version.picture_svg = "not asked again"
    assert picture_png(version=version) == png


# ------------------------------------------------------------- the auditor
@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


def found():
    return [line[:2] for line in findings()]


def test_the_auditor_sees_what_waits_and_what_is_parked(cast, badge, issuers):
    from datetime import timedelta

    award = queued_award(cast.teacher, badge, cast.coordinator)
    assert found() == []
    award.issued_at -= timedelta(days=2)
    award.save()
    assert found() == ["K1"]
    Award.objects.update(state=AwardState.PARKED)
    assert found() == ["K3"]


def test_the_auditor_sees_changed_bytes(award):
    Credential.objects.update(body=award.credential.body.replace("level 1", "level 9"))
    assert found() == ["K5"]
    with pytest.raises(CommandError):
        call_command("audit_credentials")


def test_the_auditor_sees_other_facts_and_other_keys(award):
    Award.objects.update(unsigned_sha256="0" * 64)
    assert found() == ["K5"]


def test_the_auditor_sees_missing_rows(award):
    with unfenced():
        AuditEvent.objects.filter(verb="credential_issued").delete()
    Membership.objects.filter(user=award.decision.reviewer).delete()
    assert found() == ["K4", "K6"]
    Credential.objects.all().delete()
    assert "K2" in found()


def test_the_command_is_silent_when_all_is_well(award, capsys):
    call_command("audit_credentials")
    assert capsys.readouterr().out == ""


# ------------------------------------------------------------- the demo
@pytest.fixture
def told(db, quick_passwords):
    partners_demo.seed(by=SYSTEM)
    guidance_demo.seed(by=SYSTEM)
    demo.seed(by=SYSTEM)


def states():
    rows = Application.objects.values_list("applicant__email", "state")
    return {email.partition(".")[0]: state for email, state in rows}


def test_the_story_is_told_once_and_taken_away(told):
    expected = {
        "mikko": "approved",
        "pekka": "approved",
        "janis": "approved",
        "sari": "submitted",
        "jussi": "returned",
        "anna": "draft",
        "sanne": "in_review",
    }
    assert states() == expected
    assert len(demo.demo_awards()) == 3
    revoked = Award.objects.get(revoked_at__isnull=False)
    assert revoked.recipient.email.startswith("janis")
    assert demo.demo_awards()[-1] == f"/awards/{revoked.public_id}/"
    assert findings() == []
    before = counts()
    demo.seed(by=SYSTEM)
    assert states() == expected
    assert counts() == before
    demo.remove(by=SYSTEM)
    assert set(counts().values()) == {0}
    assert not Application.objects.exists()
    assert not Award.objects.exists()
    assert Achievement.objects.exists()
    guidance_demo.remove(by=SYSTEM)
    partners_demo.remove(by=SYSTEM)


TOLD = (
    Award,
    Credential,
    Endorsement,
    IssuingBatch,
    OwnPlan,
    Passport,
    QuizAttempt,
    Review,
    CriterionMark,
)


def counts():
    found = {model.__name__: model.objects.count() for model in TOLD}
    listed = OutgoingMessage.objects.filter(recipient__isnull=True).count()
    companies = SigningKey.objects.filter(issuer__is_demo=True).count()
    return {**found, "letters to the list": listed, "keys of companies": companies}


def test_everything_that_badges_can_do_is_in_the_story(told):
    waiting = Application.objects.get(applicant__email__startswith="sanne")
    assert plan_of(waiting) is not None
    reviewers = {one.reviewer.email.partition(".")[0] for one in waiting.reviews.all()}
    assert reviewers == {"leena", "riitta"}
    assert Award.objects.get(basis="quiz").state == AwardState.ISSUED
    endorsement = Endorsement.objects.get()
    assert endorsement.state == "issued"
    assert endorsement.given_by.email.startswith("riitta")
    batch = IssuingBatch.objects.get()
    assert batch.state == "done"
    assert Award.objects.filter(batch=batch, state=AwardState.ISSUED).count() == 3
    passport = Passport.objects.get(is_public=True)
    assert [one.version.achievement.code for one in shown_awards(passport.person_id)] == ["WGB-L1"]
    assert not OutgoingMessage.objects.filter(state=MessageState.QUEUED).exists()


def test_only_the_portal_seeds(told, cast):
    with pytest.raises(NotAllowed):
        demo.seed(by=cast.actor("admin"))
    with pytest.raises(NotAllowed):
        demo.remove(by=cast.actor("admin"))


def items_of(name):
    from partners.models import User

    user = User.objects.get(email=f"{name}.demo@example.org")
    return [(one.url, one.tone) for one in start_items(actor_of(user))]


def test_what_waits_on_the_start_page(told):
    assert items_of("leena") == [("/reviews/", "wait")]
    assert items_of("kadri") == [("/reviews/", "wait")]  # level 3 is judged in other houses
    assert items_of("mart") == []
    assert [tone for _url, tone in items_of("jussi")] == ["attention"]
    assert [tone for _url, tone in items_of("anna")] == ["info"]
    assert start_items(Actor()) == []
    Application.objects.update(answer_by="2020-01-01")
    parked = Award.objects.filter(issuer__slug="tavastia").update(state=AwardState.PARKED)
    BatchChunk.objects.update(state="parked")
    batch = IssuingBatch.objects.get()
    items = items_of("leena")
    assert [tone for _url, tone in items] == ["attention"] * (1 + parked + 1)
    assert items[-1][0] == f"/batches/{batch.public_id}/"


def test_without_demo_people_only_content_and_keys(cast):
    demo.seed(by=SYSTEM)
    assert not Application.objects.exists()
    assert Organisation.objects.filter(signing_keys__isnull=False).count() == 2

"""The demo story of the badges: earned, revoked, waiting, returned, begun, endorsed, listed."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from badges.enums import AwardState, EvidenceKind, Mark, Outcome, RevocationReason
from badges.models import (
    Achievement,
    Application,
    Award,
    Credential,
    Decision,
    Endorsement,
    IssuingBatch,
    KeyLogEntry,
    Passport,
    PilotReview,
    QuizAttempt,
    SigningKey,
    StatusList,
)
from badges.selectors.catalogue import catalogue
from badges.selectors.records import records_for
from badges.services import demo_texts as texts
from badges.services.applying import start_application, submit_application
from badges.services.batch_files import write_csv
from badges.services.batch_issuing import issue_due_chunks
from badges.services.batches import create_batch, start_batch
from badges.services.content import load_content
from badges.services.deciding import decide
from badges.services.endorsement_signing import sign_due_endorsements
from badges.services.endorsing import endorse
from badges.services.evidence import save_text, use_record
from badges.services.inviting_reviewers import invite_from_company
from badges.services.issuing import issue_due
from badges.services.keys import ensure_all_keys
from badges.services.passports import save_passport
from badges.services.quizzing import answer_quiz, open_quiz_badge
from badges.services.reviewing import set_mark
from badges.services.revoking import revoke_award
from badges.services.scaffolding import write_plan
from badges.services.status_lists import publish_due
from partners.enums import MessageState
from partners.models import OutgoingMessage, User
from partners.selectors.actors import actor_of
from techvet.actor import Actor
from techvet.errors import NotAllowed


@dataclass(frozen=True)
class Story:
    """Who applied for what with which words, and what the reviewer made of it."""

    applicant: str
    code: str
    words: dict[int, str]
    reviewer: str = ""
    outcome: str = ""  # of badges.enums.Outcome; empty while it waits
    notes: dict[int, str] | None = None
    note: str = ""
    is_sent: bool = True


STORIES = (
    Story("mikko", "WGB-L1", texts.MIKKO_WGB, "leena", Outcome.APPROVE),
    Story("pekka", "WGB-L1", texts.PEKKA_WGB, "leena", Outcome.APPROVE),
    Story("janis", "WGB-L1", texts.JANIS_WGB, "liga", Outcome.APPROVE),
    Story("sari", "GDE-L1", texts.SARI_GDE),
    Story(
        *("jussi", "CGW-L1", texts.JUSSI_CGW, "paivi", Outcome.RETURN, texts.JUSSI_NOTES),
        note="Five of six are there. One more sentence on your questions and it is complete.",
    ),
    Story("anna", "AWP-L1", texts.ANNA_AWP, is_sent=False),
)


def seed(*, by: Actor) -> None:
    """Content and keys always; the story for those demo people who exist. Safe to repeat.

    Needs MASTER_KEY. Works through the same services as people do, reviewers included.
    """
    _only_the_portal(by)
    load_content(by=by)
    ensure_all_keys(by=by)
    for story in STORIES:
        _tell(story)
    _two_reviewers()
    _quiz()
    issue_due()
    _revoke_one()
    _list_of_people()
    _endorsed()
    _own_page()
    publish_due()
    _letters().filter(state=MessageState.QUEUED).update(state=MessageState.CANCELLED)


@transaction.atomic
def remove(*, by: Actor) -> None:
    """Takes the demo's applications and badges away; content, keys and lists stay."""
    _only_the_portal(by)
    gone = Application.objects.filter(Q(is_demo=True) | Q(applicant__is_demo=True))
    batches = IssuingBatch.objects.filter(Q(is_demo=True) | Q(created_by__is_demo=True))
    awards = Award.objects.filter(
        Q(application__in=gone) | Q(recipient__is_demo=True) | Q(batch__in=batches)
    )
    Endorsement.objects.filter(
        Q(award__in=awards) | Q(person__is_demo=True) | Q(endorser__is_demo=True)
    ).delete()
    Application.objects.filter(renews__in=awards).update(renews=None)
    Award.objects.filter(renews__in=awards).update(renews=None)
    Credential.objects.filter(award__in=awards).delete()
    awards.delete()
    batches.delete()
    QuizAttempt.objects.filter(person__is_demo=True).delete()
    Passport.objects.filter(person__is_demo=True).delete()
    _letters().filter(recipient__isnull=True).delete()
    # Companies of the demo sign only endorsements; institutions keep their keys and lists.
    KeyLogEntry.objects.filter(issuer__is_demo=True).delete()
    lists = StatusList.objects.filter(issuer__is_demo=True)
    lists.filter(source__isnull=False).delete()
    lists.delete()
    SigningKey.objects.filter(issuer__is_demo=True).delete()
    PilotReview.objects.filter(reviewer__is_demo=True).delete()
    Decision.objects.filter(application__in=gone).delete()
    for application in gone:
        for item in application.evidence.exclude(file=""):
            item.file.delete(save=False)
        application.delete()


def demo_awards() -> list[str]:
    """Paths of the public pages of the demo's badges, the valid ones first."""
    awards = Award.objects.filter(application__is_demo=True, state=AwardState.ISSUED)
    valid_first = sorted(awards, key=lambda one: (one.revoked_at is not None, one.issued_at))
    return [reverse("award_show", kwargs={"public_id": one.public_id}) for one in valid_first]


def _tell(story: Story) -> None:
    """One application from begin to answer, unless the person has applied already."""
    applicant, achievement = _person(story.applicant), _badge(story.code)
    if applicant is None or achievement is None:
        return
    if Application.objects.filter(
        applicant=applicant.user, version__achievement=achievement
    ).exists():
        return
    application = start_application(by=applicant, achievement=achievement, is_demo=True)
    _write(applicant, application, story.words)
    if story.is_sent:
        application = submit_application(by=applicant, application=application)
    reviewer = _person(story.reviewer) if story.reviewer else None
    if reviewer is not None:
        _review(reviewer, application, story)


def _write(applicant: Actor, application: Application, words: dict[int, str]) -> None:
    assert applicant.user is not None
    weeks = [r for r in records_for(applicant.user) if r.kind == EvidenceKind.CONFIRMED_WEEKS]
    for criterion in application.version.criteria.all():
        text = words.get(criterion.number, "")
        if text:
            save_text(by=applicant, application=application, criterion=criterion, text=text)
        if text and weeks and EvidenceKind.CONFIRMED_WEEKS in criterion.evidence_kinds:
            use_record(
                by=applicant,
                application=application,
                criterion=criterion,
                record_id=weeks[0].record_id,
            )


def _review(reviewer: Actor, application: Application, story: Story) -> None:
    notes = story.notes or {}
    for criterion in application.version.criteria.all():
        note = notes.get(criterion.number, "")
        set_mark(
            by=reviewer,
            application=application,
            criterion=criterion,
            revision=application.revision,
            mark=Mark.UNCLEAR if note else Mark.MET,
            note=note,
        )
    decide(
        by=reviewer,
        application=application,
        outcome=story.outcome,
        revision=application.revision,
        note=story.note,
    )


def _two_reviewers() -> None:
    """Sanne’s level 3: two people have begun to judge it, one of them from a company."""
    applicant, achievement = _person("sanne"), _badge("WGB-L3")
    reviewer, coordinator, company = _person("leena"), _person("femke"), _person("riitta")
    if not (applicant and achievement and reviewer and coordinator and company):
        return
    if Application.objects.filter(applicant=applicant.user, is_demo=True).exists():
        return
    application = start_application(by=applicant, achievement=achievement, is_demo=True)
    write_plan(by=applicant, application=application, text=texts.SANNE_PLAN)
    _write(applicant, application, texts.SANNE_WGB)
    application = submit_application(by=applicant, application=application)
    assert company.user is not None and company.organisation is not None
    invite_from_company(
        by=coordinator,
        application=application,
        name=company.user.name,
        email=company.user.email or "",
        company=company.organisation,
    )
    for name, person in (("leena", reviewer), ("riitta", company)):
        set_mark(
            by=person,
            application=application,
            criterion=application.version.criteria.all()[0],
            revision=application.revision,
            mark=Mark.MET,
            note=texts.SANNE_MARKS[name],
        )


def _quiz() -> None:
    """Sari has passed the quiz of badge 0."""
    person = _person("sari")
    achievement = Achievement.objects.filter(code="BASICS").first()  # nobody applies for it
    if person is None or achievement is None:
        return
    if QuizAttempt.objects.filter(person=person.user).exists():
        return
    questions = catalogue().quizzes[achievement.code]["questions"]
    attempt = answer_quiz(
        by=person,
        achievement=achievement,
        answers={one["code"]: one["answer"] for one in questions},
    )
    open_quiz_badge(by=person, attempt=attempt)


def _list_of_people() -> None:
    """A course of three people, who have no account here."""
    coordinator, achievement = _person("leena"), _badge("WGB-L1")
    if coordinator is None or achievement is None or coordinator.organisation is None:
        return
    if IssuingBatch.objects.filter(created_by=coordinator.user, is_demo=True).exists():
        return
    batch = create_batch(
        by=coordinator,
        issuer=coordinator.organisation,
        version=achievement.versions.order_by("-number")[0],
        name=texts.BATCH_NAME,
        reason=texts.BATCH_REASON,
        content=write_csv(("Name", "E-mail"), texts.BATCH_PEOPLE),
        file_name="people.csv",
    )
    start_batch(by=coordinator, batch=batch)
    issue_due_chunks()


def _endorsed() -> None:
    """Pekka’s company stands behind his badge."""
    manager = _person("riitta")
    award = Award.objects.filter(
        recipient__email=_email("pekka"), application__is_demo=True, state=AwardState.ISSUED
    ).first()
    if manager is None or award is None or manager.organisation is None:
        return
    if not award.endorsements.exists():
        endorse(
            by=manager, subject=award, endorser=manager.organisation, comment=texts.PEKKA_ENDORSED
        )
    sign_due_endorsements()


def _own_page() -> None:
    """Mikko shows his badge on a page that everybody with its address may read."""
    person = _person("mikko")
    if person is None or Passport.objects.filter(person=person.user).exists():
        return
    awards = Award.objects.filter(recipient=person.user, state=AwardState.ISSUED)
    shown = list(awards.values_list("public_id", flat=True))
    save_passport(by=person, about=texts.MIKKO_ABOUT, is_public=True, shown=shown)


def _letters() -> QuerySet[OutgoingMessage]:
    """Nobody reads the mailboxes of demo people, nor of those on the demo's list."""
    listed = [email for _name, email in texts.BATCH_PEOPLE]
    return OutgoingMessage.objects.filter(Q(recipient__is_demo=True) | Q(address__in=listed))


def _revoke_one() -> None:
    """Jānis’s badge: an issuer finds out later that the evidence was not his own."""
    coordinator = _person("liga")
    award = Award.objects.filter(
        recipient__email=_email("janis"), state=AwardState.ISSUED, revoked_at__isnull=True
    ).first()
    if (
        coordinator is None
        or award is None
        or award.application is None
        or not award.application.is_demo
    ):
        return
    revoke_award(
        by=coordinator,
        award=award,
        reason=RevocationReason.EVIDENCE_NOT_GENUINE,
        note="The plan was written by a colleague. You can apply again with your own.",
    )


def _only_the_portal(by: Actor) -> None:
    if not by.is_system:
        raise NotAllowed("not_the_portal", _("Only the portal itself does this."))


def _email(name: str) -> str:
    return f"{name}.demo@example.org"


def _person(name: str) -> Actor | None:
    user = User.objects.filter(email=_email(name), is_demo=True).first()
    return actor_of(user) if user else None


def _badge(code: str) -> Achievement | None:
    return Achievement.objects.filter(code=code, is_open=True).first()

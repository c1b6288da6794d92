"""The demo story of the badges: earned, revoked, waiting, returned, begun."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from badges.enums import AwardState, EvidenceKind, Mark, Outcome, RevocationReason
from badges.models import Achievement, Application, Award, Credential, Decision
from badges.selectors.records import records_for
from badges.services import demo_texts as texts
from badges.services.applying import start_application, submit_application
from badges.services.content import load_content
from badges.services.deciding import decide
from badges.services.evidence import save_text, use_record
from badges.services.issuing import issue_due
from badges.services.keys import ensure_all_keys
from badges.services.reviewing import set_mark
from badges.services.revoking import revoke_award
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
    issue_due()
    _revoke_one()
    publish_due()
    # Nobody reads the mailboxes of demo people.
    OutgoingMessage.objects.filter(recipient__is_demo=True, state=MessageState.QUEUED).update(
        state=MessageState.CANCELLED
    )


@transaction.atomic
def remove(*, by: Actor) -> None:
    """Takes the demo's applications and badges away; content, keys and lists stay."""
    _only_the_portal(by)
    gone = Application.objects.filter(Q(is_demo=True) | Q(applicant__is_demo=True))
    Credential.objects.filter(application__in=gone).delete()
    Award.objects.filter(application__in=gone).delete()
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


def _revoke_one() -> None:
    """Jānis’s badge: an issuer finds out later that the evidence was not his own."""
    coordinator = _person("liga")
    award = Award.objects.filter(
        recipient__email=_email("janis"), state=AwardState.ISSUED, revoked_at__isnull=True
    ).first()
    if coordinator is None or award is None or not award.application.is_demo:
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

"""The applicant's side: begin, collect evidence elsewhere, send, withdraw."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from badges.enums import OPEN_STATES, ApplicationState, AwardBasis, VersionState
from badges.models import (
    Achievement,
    AchievementVersion,
    Application,
    ApplicationMove,
    Award,
    Criterion,
    SentRevision,
)
from badges.permissions import can_apply, can_edit_application, is_applicant
from badges.selectors.issuers import issuer_for
from badges.selectors.promise import answer_by
from badges.selectors.rules import rule_is_met
from badges.services import news
from badges.states import target_of
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.errors import InvalidInput, NotAllowed, WrongState


@transaction.atomic
def start_application(*, by: Actor, achievement: Achievement, is_demo: bool = False) -> Application:
    """The person's open application for this badge, begun now if there is none."""
    if not can_apply(by):
        raise NotAllowed("cannot_apply", _("Teachers and people at workplaces apply for badges."))
    assert by.user is not None
    version = newest_published(achievement)
    if version is None or not achievement.is_open:
        raise WrongState("not_open", _("This badge is not open for applications."))
    open_one = Application.objects.filter(
        applicant=by.user, version__achievement=achievement, state__in=OPEN_STATES
    ).first()
    if open_one is not None:
        return open_one
    if has_valid_award(by.user.pk, achievement):
        raise WrongState("has_badge", _("You already have this badge."))
    if not rule_is_met(by.user.pk, achievement):
        raise WrongState("rule_not_met", _("This badge opens when you hold all its parts."))
    return begin(by, version, is_demo=is_demo)


def begin(
    by: Actor, version: AchievementVersion, *, renews: Award | None = None, is_demo: bool = False
) -> Application:
    """A draft for this version; raises WrongState when no institution can review it."""
    assert by.user is not None
    issuer = issuer_for(by.user)
    if issuer is None:
        raise WrongState("no_issuer", _("No institution can review this application yet."))
    application, is_new = Application.objects.get_or_create(
        applicant=by.user,
        version=version,
        state=ApplicationState.DRAFT,
        defaults={"issuer": issuer, "renews": renews, "is_demo": is_demo or by.user.is_demo},
    )
    if is_new:
        record_move(by, application, "", ApplicationState.DRAFT)
    return application


def newest_published(achievement: Achievement) -> AchievementVersion | None:
    """What people apply for; drafts and withdrawn versions do not count."""
    published = achievement.versions.filter(state=VersionState.PUBLISHED)
    return published.order_by("-number").first()


def has_valid_award(person_id: int, achievement: Achievement) -> bool:
    return (
        Award.objects.filter(
            recipient_id=person_id, version__achievement=achievement, revoked_at__isnull=True
        )
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now()))
        .exclude(basis=AwardBasis.TEST)
        .exists()
    )


def criteria_without_evidence(application: Application) -> list[Criterion]:
    """Criteria for which nothing was handed in yet."""
    answered = set(application.evidence.values_list("criterion_id", flat=True))
    return [each for each in application.version.criteria.all() if each.pk not in answered]


@transaction.atomic
def submit_application(
    *, by: Actor, application: Application, send_unfinished: bool = False
) -> Application:
    """Sends the application; the answer is promised within ten working days.

    With criteria still empty it may be sent once, for early comments, when the applicant says so.
    """
    application = locked(application)
    require_edit(by, application)
    from_state = application.state
    target = target_of("submit", from_state)
    _check_complete(application, send_unfinished)
    application.state = target
    application.revision += 1
    application.submitted_at = application.updated_at = now()
    application.answer_by = answer_by(today())
    application.save()
    application.evidence.filter(since_revision__isnull=True).update(
        since_revision=application.revision
    )
    _keep_sent(application)
    record_move(by, application, from_state, target)
    audit.record(
        by=by,
        verb="application_sent",
        thing=application,
        organisation=application.issuer,
        revision=application.revision,
    )
    news.tell_reviewers(application)
    return application


@transaction.atomic
def withdraw_application(*, by: Actor, application: Application) -> Application:
    """Ends the application without a decision; the evidence stays with the applicant."""
    application = locked(application)
    if not is_applicant(by, application) or not can_apply(by):
        raise NotAllowed("not_yours", _("Only the applicant can withdraw an application."))
    from_state = application.state
    application.state = target_of("withdraw", from_state)
    application.updated_at = now()
    application.save(update_fields=["state", "updated_at"])
    record_move(by, application, from_state, application.state)
    audit.record(
        by=by, verb="application_withdrawn", thing=application, organisation=application.issuer
    )
    return application


def locked(application: Application) -> Application:
    """The row as it is now, held until the end of the transaction."""
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related("version__achievement", "version__creator", "issuer", "applicant")
        .get(pk=application.pk)
    )


def require_edit(by: Actor, application: Application) -> None:
    if by.is_read_only and is_applicant(by, application):
        raise NotAllowed("link_expired", _("This link has ended. Ask for a new one to go on."))
    if not is_applicant(by, application) or not can_apply(by):
        raise NotAllowed("not_yours", _("Only the applicant can change an application."))
    if not can_edit_application(by, application):
        target_of("submit", application.state)


def record_move(
    by: Actor, application: Application, from_state: str, to_state: str, note: str = ""
) -> None:
    ApplicationMove.objects.create(
        application=application, from_state=from_state, to_state=to_state, by=by.user, note=note
    )


def _keep_sent(application: Application) -> None:
    """What is sent is kept as it is, so that every round stays readable when the next changes."""
    evidence = [
        {
            "criterion": item.criterion.number,
            "kind": item.kind,
            "text": item.text,
            "url": item.url,
            "file_name": item.file_name,
            "snapshot": item.snapshot,
            "item": str(item.public_id),
            "is_new": item.since_revision == application.revision,
        }
        for item in application.evidence.select_related("criterion").order_by(
            "criterion__number", "added_at", "pk"
        )
    ]
    SentRevision.objects.update_or_create(
        application=application,
        number=application.revision,
        defaults={"sent_at": application.submitted_at or now(), "evidence": evidence},
    )


def _renews_with_proof(application: Application) -> bool:
    """One new proof is enough to renew a badge."""
    return application.renews_id is not None and application.evidence.exists()


def _check_complete(application: Application, send_unfinished: bool) -> None:
    missing = criteria_without_evidence(application)
    if not missing or _renews_with_proof(application):
        return
    answered = application.version.criteria.count() - len(missing)
    if answered == 0:
        raise InvalidInput("nothing", _("Add evidence for at least one criterion first."))
    if application.revision > 0:
        raise InvalidInput(
            "unfinished",
            _("Add evidence for “%(criterion)s” first.") % {"criterion": missing[0].title},
        )
    if not send_unfinished:
        raise InvalidInput(
            "confirm_unfinished",
            _("Tick the box to send it unfinished, or complete the criteria first."),
            field="send_unfinished",
        )

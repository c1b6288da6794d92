"""What people hear about applications and awards, in their own language."""

from collections.abc import Callable, Iterable

from django.db.models import Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from badges.models import Application, Award
from badges.permissions import REVIEWER_ROLES, applicant_organisation_ids, needs_other_house
from partners.models import Membership, User
from partners.services.messages import queue_message
from techvet.clock import today
from techvet.origin import address


def reviewers_of(application: Application) -> Iterable[User]:
    """Everybody who may review this application today."""
    present = Membership.objects.filter(starts_on__lte=today(), user__is_active=True).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=today())
    )
    rows = present.filter(role__in=REVIEWER_ROLES)
    if needs_other_house(application.version):
        colleagues = present.filter(organisation__in=applicant_organisation_ids(application))
        rows = rows.filter(organisation__is_issuer=True).exclude(user__in=colleagues.values("user"))
    else:
        rows = rows.filter(organisation=application.issuer)
    return User.objects.filter(pk__in=rows.exclude(user=application.applicant).values("user"))


def tell_reviewers(application: Application) -> None:
    for reviewer in reviewers_of(application):
        with translation.override(reviewer.language):
            queue_message(
                recipient=reviewer,
                kind="application_sent",
                subject=_("A badge application waits: %(badge)s")
                % {"badge": application.version.name},
                body=_(
                    "%(name)s has applied for “%(badge)s”. We promised an answer by %(day)s.\n\n"
                    "%(url)s"
                )
                % {
                    "name": application.applicant.name,
                    "badge": application.version.name,
                    "day": date_format(application.answer_by or today(), "DATE_FORMAT"),
                    "url": address("review_show", public_id=application.public_id),
                },
                unique_key=_key("application_sent", application, reviewer),
            )


def tell_returned(application: Application) -> None:
    _tell_applicant(
        application,
        "application_returned",
        lambda: _("Changes are asked for: %(badge)s"),
        lambda: _(
            "Your application for “%(badge)s” came back with notes. Nothing of your evidence is"
            " lost: read the notes, add what is missing and send it again.\n\n%(url)s"
        ),
    )


def tell_declined(application: Application) -> None:
    _tell_applicant(
        application,
        "application_declined",
        lambda: _("Your application was declined: %(badge)s"),
        lambda: _(
            "Your application for “%(badge)s” was declined. The reviewer wrote down why. You can"
            " apply again with other evidence.\n\n%(url)s"
        ),
    )


def tell_issued(award: Award) -> None:
    """Written with the issuing itself; the unique key keeps a repeat from writing it twice."""
    recipient = award.recipient
    with translation.override(recipient.language):
        words = {
            "badge": award.version.name,
            "url": address("award_show", public_id=award.public_id),
        }
        queue_message(
            recipient=recipient,
            kind="badge_issued",
            subject=_("Your badge is here: %(badge)s") % words,
            body=_("“%(badge)s” is yours. See it, download it and share it here:\n\n%(url)s")
            % words,
            unique_key=f"badge_issued:{award.public_id}",
        )


def tell_revoked(award: Award) -> None:
    recipient = award.recipient
    with translation.override(recipient.language):
        words = {
            "badge": award.version.name,
            "reason": award.get_revocation_reason_display(),
            "url": address("award_show", public_id=award.public_id),
        }
        queue_message(
            recipient=recipient,
            kind="badge_revoked",
            subject=_("Your badge was revoked: %(badge)s") % words,
            body=_("“%(badge)s” was revoked. Reason: %(reason)s.\n\n%(url)s") % words,
            unique_key=f"badge_revoked:{award.public_id}",
        )


def _tell_applicant(
    application: Application, kind: str, subject: Callable[[], str], body: Callable[[], str]
) -> None:
    """`subject` and `body` give the words once the recipient's language is set."""
    applicant = application.applicant
    with translation.override(applicant.language):
        words = {
            "badge": application.version.name,
            "url": address("application_show", public_id=application.public_id),
        }
        queue_message(
            recipient=applicant,
            kind=kind,
            subject=subject() % words,
            body=body() % words,
            unique_key=_key(kind, application, applicant),
        )


def _key(kind: str, application: Application, recipient: User) -> str:
    return f"{kind}:{application.public_id}:{application.revision}:{recipient.public_id}"

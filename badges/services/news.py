"""What people hear about applications and awards, in their own language."""

from collections.abc import Callable, Iterable

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from badges.models import Application, Award, PeerFeedback
from badges.selectors.reviews import eligible_reviewers
from partners.models import User
from partners.services.messages import queue_message
from techvet.clock import today
from techvet.origin import address


def reviewers_of(application: Application) -> Iterable[User]:
    """Everybody who may review this application today."""
    return eligible_reviewers(application)


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
    if recipient is None:
        return
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
    if recipient is None:
        return
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


def tell_peer(feedback: PeerFeedback) -> None:
    """A colleague is asked to read a draft."""
    peer, application = feedback.peer, feedback.application
    with translation.override(peer.language):
        queue_message(
            recipient=peer,
            kind="peer_asked",
            subject=_("A colleague asks for your feedback: %(badge)s")
            % {"badge": application.version.name},
            body=_(
                "%(name)s is writing an application for “%(badge)s” and would like to hear what"
                " would make it stronger. One or two comments are enough.\n\n%(url)s"
            )
            % {
                "name": application.applicant.name,
                "badge": application.version.name,
                "url": address("peer_feedback", public_id=feedback.public_id),
            },
            unique_key=f"peer_asked:{feedback.public_id}",
        )


def tell_peer_answered(feedback: PeerFeedback) -> None:
    applicant, application = feedback.application.applicant, feedback.application
    with translation.override(applicant.language):
        queue_message(
            recipient=applicant,
            kind="peer_answered",
            subject=_("Feedback on your draft: %(badge)s") % {"badge": application.version.name},
            body=_("%(name)s has read your draft and left comments.\n\n%(url)s")
            % {
                "name": feedback.peer.name,
                "url": address("application_show", public_id=application.public_id),
            },
            unique_key=f"peer_answered:{feedback.public_id}",
        )


def tell_ending(award: Award, unique_key: str) -> None:
    """90 days before the end; the badge itself stays readable for ever."""
    recipient = award.recipient
    if recipient is None or award.valid_until is None:
        return
    with translation.override(recipient.language):
        words = {
            "badge": award.version.name,
            "day": date_format(award.valid_until, "DATE_FORMAT"),
            "url": address("award_renew", public_id=award.public_id),
        }
        queue_message(
            recipient=recipient,
            kind="badge_ends",
            subject=_("Your badge ends on %(day)s: %(badge)s") % words,
            body=_(
                "“%(badge)s” is valid until %(day)s. One new proof renews it, or the weeks you"
                " confirmed in the portal do.\n\n%(url)s"
            )
            % words,
            unique_key=unique_key,
        )

"""What reviewers hear: a review given to them, an invitation, a third view that is needed."""

from collections.abc import Callable

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from badges.models import Application, Review
from badges.selectors.reviews import eligible_reviewers, panel_of
from partners.models import User
from partners.services.messages import queue_message
from techvet.clock import now, today
from techvet.origin import absolute, address


def tell_assigned(review: Review) -> None:
    """To a colleague who was named by a coordinator."""
    _tell(
        review.reviewer,
        review.application,
        kind="review_assigned",
        subject=lambda: _("A review is yours: %(badge)s"),
        body=lambda: _(
            "A coordinator has given you the application for “%(badge)s” to review. We promised an"
            " answer by %(day)s. If you cannot take it, give it back there.\n\n%(url)s"
        ),
    )


def tell_third(application: Application) -> None:
    """To everybody who may give the third view; nobody is told what the two thought."""
    taken = {one.reviewer_id for one in panel_of(application).reviews}
    for person in eligible_reviewers(application).exclude(pk__in=taken):
        _tell(
            person,
            application,
            kind="review_third",
            subject=lambda: _("A third reviewer is asked: %(badge)s"),
            body=lambda: _(
                "Two reviewers have judged an application for “%(badge)s” differently. A third"
                " view decides. We promised an answer by %(day)s.\n\n%(url)s"
            ),
        )


def tell_invited(review: Review, path: str, *, with_code: bool) -> None:
    """The invitation; `path` opens the one application, for workplace people by a link of theirs.

    Secret: the text is wiped once it is sent. Each sending has a link of its own.
    """
    person, application = review.reviewer, review.application
    with translation.override(person.language):
        words = {
            "badge": application.version.name,
            "issuer": application.issuer,
            "day": date_format(review.expires_at or today(), "DATE_FORMAT"),
            "url": absolute(path),
        }
        text = _(
            "%(issuer)s asks you to review one application for the badge “%(badge)s”: you read"
            " what was handed in, say for each criterion whether it is met, and what you think of"
            " the whole.\n\nOpen it here until %(day)s:\n\n%(url)s"
        )
        if with_code:
            text += "\n\n" + _(
                "You need no account. The page asks for a six-digit code, which we send you then."
                " The address is for you alone: do not pass it on."
            )
        queue_message(
            recipient=person,
            kind="review_invited",
            subject=_("You are asked to review a badge: %(badge)s") % words,
            body=text % words,
            unique_key=f"review_invited:{review.public_id}:{now().isoformat()}",
            is_secret=True,
        )


def tell_freed(review: Review) -> None:
    """To whoever invited somebody who cannot judge this application after all."""
    if review.invited_by is None:
        return
    _tell(
        review.invited_by,
        review.application,
        kind="review_freed",
        subject=lambda: _("An invited reviewer cannot take it: %(badge)s"),
        body=lambda: _(
            "Somebody whom you invited has said that they know the applicant too well. Ask"
            " somebody else to review “%(badge)s”. We promised an answer by %(day)s.\n\n%(url)s"
        ),
        page="review_people",
    )


def _tell(
    person: User,
    application: Application,
    *,
    kind: str,
    subject: Callable[[], str],
    body: Callable[[], str],
    page: str = "review_show",
) -> None:
    """`subject` and `body` give the words once the recipient's language is set."""
    with translation.override(person.language):
        words = {
            "badge": application.version.name,
            "day": date_format(application.answer_by or today(), "DATE_FORMAT"),
            "url": address(page, public_id=application.public_id),
        }
        queue_message(
            recipient=person,
            kind=kind,
            subject=subject() % words,
            body=body() % words,
            unique_key=(
                f"{kind}:{application.public_id}:{application.revision}:{person.public_id}"
            ),
        )

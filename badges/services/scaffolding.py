"""The applicant's plan, and a colleague's feedback on the draft."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from badges.models import Application, OwnPlan, PeerComment, PeerFeedback
from badges.permissions import can_apply
from badges.selectors.scaffolding import asks_peers, colleagues_of, needs_plan
from badges.services import news
from badges.services.applying import locked, require_edit
from badges.states import EDITABLE
from partners.models import User
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState

MOST_PEERS = 3


@transaction.atomic
def write_plan(*, by: Actor, application: Application, text: str) -> OwnPlan:
    """Level 3 begins with the plan; it may be changed as long as the application may."""
    application = locked(application)
    require_edit(by, application)
    if not needs_plan(application):
        raise WrongState("no_plan", _("This badge does not ask for a plan."))
    text = text.strip()
    if not text:
        raise InvalidInput("plan_empty", _("Write a few lines first."), field="text")
    plan, _is_new = OwnPlan.objects.update_or_create(
        application=application, defaults={"text": text, "written_at": now()}
    )
    return plan


@transaction.atomic
def ask_peer(*, by: Actor, application: Application, peer: User) -> PeerFeedback:
    """Shows the draft to one colleague of the same organisation. Asking twice is harmless."""
    application = locked(application)
    require_edit(by, application)
    if not asks_peers(application):
        raise WrongState("no_peers", _("Feedback by a colleague belongs to level 2."))
    assert by.user is not None
    if peer not in colleagues_of(by.user):
        raise InvalidInput(
            "not_colleague", _("Choose somebody of your own organisation."), field="peer"
        )
    known = application.peer_feedback.filter(peer=peer).first()
    if known is not None:
        return known
    if application.peer_feedback.count() >= MOST_PEERS:
        raise InvalidInput(
            "peers_many",
            _("Ask at most %(count)s colleagues.") % {"count": MOST_PEERS},
            field="peer",
        )
    feedback = PeerFeedback.objects.create(application=application, peer=peer)
    audit.record(by=by, verb="peer_asked", thing=application, organisation=application.issuer)
    news.tell_peer(feedback)
    return feedback


@transaction.atomic
def give_peer_feedback(
    *, by: Actor, feedback: PeerFeedback, comments: Mapping[int, str]
) -> PeerFeedback:
    """The colleague's words by criterion number; may be changed until the application is sent."""
    application = locked(feedback.application)
    if by.user is None or feedback.peer_id != by.user.pk or not can_apply(by):
        raise NotAllowed("not_asked", _("Only the colleague who was asked gives feedback here."))
    if application.state not in EDITABLE:
        raise WrongState("sent", _("The application has been sent meanwhile. Thank you anyway."))
    criteria = {one.number: one for one in application.version.criteria.all()}
    given = {number: text.strip() for number, text in comments.items() if text.strip()}
    if not given or not set(given) <= set(criteria):
        raise InvalidInput("no_comment", _("Write at least one comment."))
    feedback.comments.all().delete()
    PeerComment.objects.bulk_create(
        PeerComment(feedback=feedback, criterion=criteria[number], text=text)
        for number, text in given.items()
    )
    is_first = feedback.given_at is None
    feedback.given_at = now()
    feedback.save(update_fields=["given_at"])
    if is_first:
        news.tell_peer_answered(feedback)
    return feedback

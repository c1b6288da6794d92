"""Personal links: one address opens a workplace person's desk, without an account.

Several links of a person may be valid at once. Opening one changes nothing but the browser's
session, so that mail scanners and previews do no harm.
"""

import datetime as dt
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from partners.enums import Channel, LinkReason
from partners.models import AccessLink, OutgoingMessage, User
from partners.permissions import can_have_link, can_revoke_link
from partners.selectors.actors import CODE_SESSION_KEY, LINK_SESSION_KEY, memberships_today
from partners.selectors.links import link_of_hash, own_links, people_at
from partners.services import audit
from partners.services.letters import channel_to, write_letter
from partners.services.tokens import hash_of, new_token
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import Gone, NotAllowed
from techvet.origin import absolute

LINK_DAYS = 90
LINK_LETTER = "desk_link"
MOST_RESENT_IN_AN_HOUR = 3


@transaction.atomic
def make_link(*, person: User, by: Actor, days: int = LINK_DAYS) -> tuple[AccessLink, str]:
    """A further link for `person`, and its token, which is known only now.

    Earlier links stay valid. Raises NotAllowed for people who have to sign in instead.
    """
    if by.is_read_only or not can_have_link(person, memberships_today(person)):
        raise NotAllowed("no_link", _("Personal links are for people at a workplace."))
    token, token_hash = new_token()
    link = AccessLink.objects.create(
        person=person,
        token_hash=token_hash,
        created_by=by.user,
        expires_at=_expiry(person, by, days),
    )
    audit.record(by=by, verb="link_made", thing=link, person=str(person.public_id), days=days)
    return link, token


def link_address(token: str) -> str:
    """The public address that opens the desk."""
    return absolute(reverse("link_open", args=[token]))


@transaction.atomic
def send_link(
    *, person: User, by: Actor, reason: str, channel: str | None = None, days: int = LINK_DAYS
) -> OutgoingMessage:
    """Makes a further link and queues a letter with it; `reason` is one of LinkReason."""
    link, token = make_link(person=person, by=by, days=days)
    return write_letter(
        recipient=person,
        kind=LINK_LETTER,
        context={
            "reason": LinkReason(reason),
            "address": link_address(token),
            "expires_on": link.expires_at,
        },
        unique_key=f"{LINK_LETTER}:{link.public_id}",
        channel=channel or channel_to(person),
        is_secret=True,
    )


def resend_links(*, channel: Channel, address: str) -> int:
    """Sends new links to everybody whom this e-mail address or phone number reaches.

    The answer to the visitor must not depend on what this returns (the number of letters). At
    most three an hour for one person.
    """
    sent = 0
    for person in people_at(channel, address):
        with transaction.atomic():
            locked = User.objects.select_for_update().get(pk=person.pk)
            if _resent_lately(locked) < MOST_RESENT_IN_AN_HOUR:
                send_link(
                    person=locked, by=Actor.system(), reason=LinkReason.RESENT, channel=channel
                )
                sent += 1
    return sent


def renew_own_link(*, by: Actor) -> None:
    """Sends a new link to the person of the link that is open here, expired or not."""
    if by.link is None or by.user is None:
        raise NotAllowed("no_link", _("Open your personal link first."))
    channel = channel_to(by.user)
    address = by.user.email if channel == Channel.EMAIL else by.user.phone
    resend_links(channel=channel, address=address or "")


def open_link(session: Any, token: str) -> AccessLink:
    """Lets this browser work from the link; an expired one opens, too, and is read-only.

    Raises Gone for an unknown, cut-off or revoked link.
    """
    link = link_of_hash(hash_of(token))
    if link is None:
        raise Gone("link_unknown", _("This personal link does not work any more."))
    if session.get(LINK_SESSION_KEY) != link.pk:
        session.pop(CODE_SESSION_KEY, None)
        session.cycle_key()  # nobody who knew the session before comes along
        session[LINK_SESSION_KEY] = link.pk
    return link


def leave_link(session: Any) -> None:
    """Ends working from a link in this browser; the link itself stays valid."""
    session.pop(LINK_SESSION_KEY, None)
    session.pop(CODE_SESSION_KEY, None)
    session.cycle_key()


@transaction.atomic
def revoke_other_links(*, by: Actor) -> int:
    """Closes all links of the person but the one that is open here; returns how many."""
    if by.link is None or not can_revoke_link(by, by.link):
        raise NotAllowed("no_link", _("Open your personal link first."))
    others = own_links(by.link.person).exclude(pk=by.link.pk)
    closed = others.update(revoked_at=now())
    audit.record(by=by, verb="other_links_revoked", thing=by.link, count=closed)
    return closed


@transaction.atomic
def revoke_link(*, link: AccessLink, by: Actor) -> None:
    """Closes one link for good, for instance that of a lost phone."""
    if not can_revoke_link(by, link):
        raise NotAllowed("not_your_link", _("This is not your link."))
    locked = AccessLink.objects.select_for_update().get(pk=link.pk)
    if locked.revoked_at is None:
        locked.revoked_at = now()
        locked.save(update_fields=["revoked_at"])
        audit.record(by=by, verb="link_revoked", thing=locked)


def _expiry(person: User, by: Actor, days: int) -> dt.datetime:
    """A link that was made from a link ends with it; only the mailbox prolongs."""
    if by.link is not None and by.link.person_id == person.pk:
        return by.link.expires_at
    return now() + timedelta(days=days)


def _resent_lately(person: User) -> int:
    return OutgoingMessage.objects.filter(
        recipient=person, kind=LINK_LETTER, created_at__gt=now() - timedelta(hours=1)
    ).count()

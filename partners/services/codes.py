"""Six-digit codes: they raise a personal link for pages with assessments or concerns.

A code is bound to the browser that asked for it (OWASP ASVS 5.0, 6.6.2), lives ten minutes and
allows five tries. The counting of a try is committed before its answer is known.
"""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from partners.models import AccessLink, OneTimeCode
from partners.permissions import can_ask_code
from partners.selectors.actors import CODE_SESSION_KEY
from partners.selectors.links import newest_code
from partners.services import audit
from partners.services.letters import write_letter
from partners.services.tokens import hash_of
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState

CODE_LETTER = "desk_code"
CODE_LIFE = timedelta(minutes=10)
CODE_COUNTS_FOR = timedelta(hours=12)
MOST_TRIES = 5
MOST_CODES_IN_AN_HOUR = 6


@transaction.atomic
def ask_code(session: Any, *, by: Actor) -> str:
    """Sends a fresh code to the person of the open link; earlier ones stop working.

    Returns the code for the letter's sake; pages must not show it to real people.
    """
    link = _open_link_of(by)
    link = (
        AccessLink.objects.select_for_update(of=("self",)).select_related("person").get(pk=link.pk)
    )
    lately = link.codes.filter(created_at__gt=now() - timedelta(hours=1)).count()
    if lately >= MOST_CODES_IN_AN_HOUR:
        message = _("You have asked for many codes. Wait an hour, then ask again.")
        raise WrongState("too_many_codes", message)
    if session.session_key is None:
        session.create()
    code = f"{secrets.randbelow(10**6):06d}"
    session_hash = hash_of(session.session_key)
    row = OneTimeCode.objects.create(
        link=link,
        session_key_hash=session_hash,
        code_hash=_hash(code, link, session_hash),
        expires_at=now() + CODE_LIFE,
    )
    audit.record(by=by, verb="code_sent", thing=link)
    write_letter(
        recipient=link.person,
        kind=CODE_LETTER,
        context={"code": code},
        unique_key=f"{CODE_LETTER}:{row.pk}:{link.public_id}",
        is_secret=True,
    )
    return code


def check_code(session: Any, code: str, *, by: Actor) -> None:
    """Raises the browser's assurance for twelve hours, or raises InvalidInput."""
    link = _open_link_of(by)
    digits = "".join(c for c in code if c.isdigit())
    if not _try_code(link, hash_of(session.session_key or ""), digits):
        message = _("This code is not right or no longer valid. Check it or ask for a new one.")
        raise InvalidInput("code_wrong", message, "code")
    session.cycle_key()
    session[CODE_SESSION_KEY] = (now() + CODE_COUNTS_FOR).timestamp()
    audit.record(by=by, verb="code_accepted", thing=link)


def has_live_code(session: Any, *, by: Actor) -> bool:
    """Whether this browser has asked for a code that can still be entered."""
    if by.link is None:
        return False
    row = newest_code(by.link, hash_of(session.session_key or ""))
    return row is not None and row.used_at is None and row.expires_at > now()


@transaction.atomic
def _try_code(link: AccessLink, session_hash: str, code: str) -> bool:
    row = newest_code(link, session_hash)
    if row is None:
        return False
    row = OneTimeCode.objects.select_for_update().get(pk=row.pk)
    if row.used_at or row.expires_at <= now() or row.attempts >= MOST_TRIES:
        return False
    row.attempts += 1
    if constant_time_compare(row.code_hash, _hash(code, link, session_hash)):
        row.used_at = now()
    row.save(update_fields=["attempts", "used_at"])
    return row.used_at is not None


def _open_link_of(by: Actor) -> AccessLink:
    if by.link is None or not can_ask_code(by):
        message = _("Your personal link has expired. Ask for a new one first.")
        raise NotAllowed("link_expired", message)
    return by.link


def _hash(code: str, link: AccessLink, session_hash: str) -> str:
    """Keyed: a million codes are quickly tried, so a plain hash would hide nothing."""
    value = f"{link.pk}:{session_hash}:{code}"
    return salted_hmac("partners.codes", value, algorithm="sha256").hexdigest()

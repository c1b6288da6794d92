"""The second factor: set up, asked for, and remembered for the session."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.cache import cache

from partners.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(person: User) -> bool:
    return Authenticator.objects.filter(user=person, type__in=FACTORS).exists()


def remember_new_factor(
    sender: Any, request: Any, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Setting a factor up proves that one has it, so it is not asked again in this session."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, method="mfa", type=authenticator.type)


def demo_code(person: User) -> str | None:
    """The code that the authenticator of a demo account shows now; never on a real site.

    A code that was used a moment ago is refused, so the next one that still counts is given.
    """
    if settings.PRODUCTION or not person.is_demo:
        return None
    row = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    if row is None:
        return None
    secret = decrypt(row.data["secret"])
    before, present, after = (
        format_hotp_value(hotp_value(secret, counter))
        for counter in yield_hotp_counters_from_time()
    )
    totp = TOTP(row)
    unused = (c for c in (present, after, before) if not cache.get(totp._get_used_cache_key(c)))
    return next(unused, present)

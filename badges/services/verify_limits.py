"""How often, and how many at a time, anybody may have badges verified.

Counters are kept in PostgreSQL (docs/decisions/0006), by the minute of the clock, so they hold for
all processes of the portal.
Asking other people's servers is limited much more, so that the portal cannot be used against them.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from allauth.core.internal.ratelimit import get_ip
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from techvet.errors import Refused

# In a minute, from one address (of IPv6, from one network):
MOST_ANY, MOST_FOREIGN = 60, 10
MOST_HOST = 60  # requests in a minute to one server of somebody else, whoever asks
MOST_AT_ONCE = 5  # in the whole portal
# In one process of the portal, so that the others of its threads go on answering.
MOST_HERE = 1
_LOCK_FAMILY = 0x0B3F  # the first number of our PostgreSQL advisory locks
_here = threading.BoundedSemaphore(MOST_HERE)


class TooMany(Refused):
    """Not now; `seconds` later it may work."""

    status = 429

    def __init__(self, code: str, message: str, seconds: int) -> None:
        super().__init__(code, message)
        self.seconds = seconds


class VerifyLimits:
    """The limits for one request; without a request (on the command line) there are none."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        self.request = request

    def admit(self) -> None:
        """Counts one verification; raises TooMany."""
        self._count("any", MOST_ANY)

    def admit_host(self, host: str) -> bool:
        """Whether this server may be asked once more."""
        return self.request is None or _next(f"host:{host}") <= MOST_HOST

    @contextmanager
    def foreign(self) -> Iterator[None]:
        """A place among those who verify badges of other issuers; raises TooMany."""
        self._count("foreign", MOST_FOREIGN)
        if self.request is None:
            yield
            return
        if not _here.acquire(blocking=False):
            raise _busy()
        try:
            place = _take_place()
            if place is None:
                raise _busy()
            try:
                yield
            finally:
                _leave_place(place)
        finally:
            _here.release()

    def _count(self, action: str, most: int) -> None:
        if self.request is None or _next(f"{action}:{get_ip(self.request)}") <= most:
            return
        raise TooMany(
            "too_many",
            _("You have checked many badges in a short time. Wait a minute, then try again."),
            60 - int(time.time()) % 60,
        )


def _next(name: str) -> int:
    """Counts within the running minute."""
    key = f"verify:{int(time.time()) // 60}:{sha256(name.encode()).hexdigest()}"
    if cache.add(key, 1, 90):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it fell out of the cache just now
        return 1


def _busy() -> TooMany:
    return TooMany(
        "busy",
        _("Several badges of other issuers are being checked now. Try again in a few seconds."),
        5,
    )


def _take_place() -> int | None:
    """A lock of the database session: it falls away by itself when this process dies."""
    with connection.cursor() as cursor:
        for place in range(MOST_AT_ONCE):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK_FAMILY, place])
            if cursor.fetchone()[0]:
                return place
    return None


def _leave_place(place: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK_FAMILY, place])

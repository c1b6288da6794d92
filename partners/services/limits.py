"""How often something may be asked for. Generous per network address: schools share one."""

import time

from django.core.cache import cache

from partners.services.tokens import hash_of


def within_limit(*, what: str, who: str, most: int, seconds: int) -> bool:
    """Counts one try in a fixed window and tells whether it is still within `most`.

    Tries at the very same moment may count as one; use it where a little more does no harm.
    """
    window = int(time.time()) // seconds
    key = f"limit:{what}:{window}:{hash_of(who)}"
    tries = int(cache.get(key, 0)) + 1
    cache.set(key, tries, seconds)
    return tries <= most

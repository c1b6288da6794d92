"""Rings a worker. Losing the ring is harmless: the sweeper finds the row."""

import logging
import time
from typing import Any

from celery import Task

logger = logging.getLogger("portal.doorbell")
# After a failed ring this process does not try again for a while: nobody waits twice.
QUIET_SECONDS = 10.0
_silent_until = 0.0


def ring(task: Task, *args: Any) -> bool:
    """Queues a task within about a second or gives up quietly; tells whether it rang."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return False
    try:
        task.apply_async(args=args, retry=False, expires=60)
    except Exception as error:  # a broker may fail in any way; the click must not
        _silent_until = time.monotonic() + QUIET_SECONDS
        logger.warning("nobody heard the doorbell", extra={"error": type(error).__name__})
        return False
    return True

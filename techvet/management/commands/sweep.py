"""`manage.py sweep`: does what the doorbell lost. A plain process that needs no queue."""

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from badges.services.batch_issuing import issue_due_chunks
from badges.services.endorsement_signing import sign_due_endorsements
from badges.services.issuing import issue_due
from badges.services.keys import ensure_all_keys, overdue_keys, rotate_due
from badges.services.renewing import tell_ending
from badges.services.rules import award_due
from badges.services.status_lists import publish_due
from badges.services.tokens import sign_due_tokens
from guidance.services.decisions import advance_due
from guidance.services.weeks import remind_instructors
from partners.services.audit_seal import seal_due
from partners.services.messages import deliver_due
from techvet.actor import Actor
from techvet.clock import database_now, now
from techvet.heartbeat import beat, complaint

logger = logging.getLogger("portal.sweep")
HEARTBEAT_SECONDS = 60.0
MOST_SKEW_SECONDS = 5.0


def make_missing_keys() -> int:
    """A new issuer can sign within seconds; nothing without MASTER_KEY."""
    return ensure_all_keys(by=Actor.system()) if settings.MASTER_KEY else 0


def rotate_old_keys() -> int:
    """Keys in use for a year: rotated where KEY_ROTATION says so, else only told of."""
    if not settings.MASTER_KEY:
        return 0
    if settings.KEY_ROTATION == "rotate":
        return len(rotate_due(by=Actor.system()))
    for key in overdue_keys():
        logger.warning("a signing key is due for rotation", extra={"key": str(key)})
    return 0


def watch_clock() -> int:
    """The database's clock counts; one of ours that differs much confuses people and logs."""
    seconds = (database_now() - now()).total_seconds()
    if abs(seconds) <= MOST_SKEW_SECONDS:
        return 0
    logger.error("the clock differs from the database's", extra={"seconds": round(seconds)})
    return 1


# In the order of what people wait for.
STEPS: dict[str, Callable[[], int]] = {
    "keys": make_missing_keys,
    "issued": issue_due,
    "batches": issue_due_chunks,
    "endorsed": sign_due_endorsements,
    "published": publish_due,
    "jwts": sign_due_tokens,
    "by_rule": award_due,
    "ending": tell_ending,
    "advanced": advance_due,
    "reminded": remind_instructors,
    "delivered": deliver_due,
    "sealed": seal_due,
    "rotated": rotate_old_keys,
    "clock": watch_clock,
}


class Command(BaseCommand):
    help = "Issues, publishes, delivers and moves on whatever is due; with --loop for ever."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stopped = threading.Event()

    def add_arguments(self, parser: ArgumentParser) -> None:
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--loop", action="store_true", help="go on until asked to stop")
        mode.add_argument(
            "--check", action="store_true", help="only tell whether a sweeper with --loop lives"
        )
        parser.add_argument("--seconds", type=float, default=5.0, help="pause between rounds")

    def handle(self, *, loop: bool, check: bool, seconds: float, **options: Any) -> None:
        if check:
            if sentence := complaint("sweeper"):
                raise CommandError(sentence)
            return
        if not loop:
            done = sweep_once()
            self.stdout.write(", ".join(f"{name}: {count}" for name, count in done.items()))
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopped.set())
        self._go_round(seconds)

    def _go_round(self, seconds: float) -> None:
        """A line in the log each minute says that the sweeper lives, also when nothing is due."""
        told = 0.0
        while not self.stopped.is_set():
            close_old_connections()  # one that the database ended is not used again
            done = sweep_once()
            beat("sweeper")
            if any(done.values()) or time.monotonic() - told > HEARTBEAT_SECONDS:
                logger.info("swept", extra=done)
                told = time.monotonic()
            self.stopped.wait(seconds)


def sweep_once() -> dict[str, int]:
    """One round; a step that fails does not hold up the others."""
    done = {}
    for name, step in STEPS.items():
        try:
            done[name] = step()
        except Exception:  # the next round tries again
            logger.exception("a step of the sweep failed", extra={"step": name})
            done[name] = 0
    return done

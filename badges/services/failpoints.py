"""Named steps of issuing at which a test can kill the process; nothing unless switched on.

`TESTING_FAILPOINTS=1 FAILPOINT=after_sign` kills at every pass, `after_sign:1` only at the first
of this process, `after_sign@<public id>` only for that award; `after_sign!stop` stops it until
somebody sends SIGCONT. With `TESTING_FAILPOINTS=1` leases
may be short, too: `TESTING_LEASE_SECONDS=2`.
"""

import os
import signal
from datetime import timedelta

from django.conf import settings

BEFORE_CLAIM = "before_claim"
AFTER_CLAIM = "after_claim"
AFTER_SIGN = "after_sign"
AFTER_INSERT = "after_insert"
AFTER_COMMIT = "after_commit"
STEPS = (BEFORE_CLAIM, AFTER_CLAIM, AFTER_SIGN, AFTER_INSERT, AFTER_COMMIT)
_passes = 0


def failpoint(step: str, public_id: object = "") -> None:
    """Kills this process without any clean-up when the test asked for this step."""
    global _passes
    if not settings.TESTING_FAILPOINTS or not settings.FAILPOINT:
        return
    wanted, _, only = settings.FAILPOINT.partition("@")
    wanted, _, deed = wanted.partition("!")
    name, _, at = wanted.partition(":")
    if name != step or (only and only != str(public_id)):
        return
    _passes += 1
    if not at or _passes == int(at):
        os.kill(os.getpid(), signal.SIGSTOP if deed == "stop" else signal.SIGKILL)


def lease_of(lease: timedelta) -> timedelta:
    """The lease of the product, unless a test asked for a shorter one."""
    seconds = os.environ.get("TESTING_LEASE_SECONDS") if settings.TESTING_FAILPOINTS else None
    return timedelta(seconds=float(seconds)) if seconds else lease

"""Named steps of issuing at which a test can kill the process; nothing unless switched on.

`TESTING_FAILPOINTS=1 FAILPOINT=after_sign` kills at every pass, `after_sign:1` only at the first
of this process.
"""

import os
import signal

from django.conf import settings

BEFORE_CLAIM = "before_claim"
AFTER_CLAIM = "after_claim"
AFTER_SIGN = "after_sign"
AFTER_INSERT = "after_insert"
AFTER_COMMIT = "after_commit"
STEPS = (BEFORE_CLAIM, AFTER_CLAIM, AFTER_SIGN, AFTER_INSERT, AFTER_COMMIT)
_passes = 0


def failpoint(step: str) -> None:
    """Kills this process without any clean-up when the test asked for this step."""
    global _passes
    if not settings.TESTING_FAILPOINTS or not settings.FAILPOINT:
        return
    name, _, at = settings.FAILPOINT.partition(":")
    if name != step:
        return
    _passes += 1
    if not at or _passes == int(at):
        os.kill(os.getpid(), signal.SIGKILL)

"""The inside of the verifying process: hostile bytes are read here and nowhere else.

It is started without Django, database or secrets, limits its own memory and processor time, and
talks only through its standard input and output: messages of JSON, each after its length in four
bytes. What it needs to know of the world it asks the process that started it, which alone may use
the network (see verify_process.py).
"""

import base64
import json
import resource
import struct
import sys
from datetime import datetime
from typing import Any

from badges.openbadges.foreign import verify_any
from badges.openbadges.keys import KeyState
from badges.openbadges.lookups import Fetched, Standing
from badges.openbadges.verdict import Verdict
from badges.openbadges.verify import KeyRecord

MEMORY_BYTES = 384 * 1024 * 1024  # of address space; about 90 MB are mapped before any work
PROCESSOR_SECONDS = 8  # for one job; the clock on the wall is watched from outside
LARGEST_MESSAGE = 8 * 1024 * 1024
_LENGTH = struct.Struct(">I")


def main() -> None:
    """Answers jobs until the other side closes the pipe."""
    _limit_for_good()
    while True:
        job = _receive()
        if job is None:
            return
        _limit_processor_time()
        _send(answer(job))


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """The verdict on a job as plain JSON, or the name of the fault that prevented one."""
    try:
        verdict = verify_any(
            base64.b64decode(job["data"]),
            lookups=_Asking(),
            now=datetime.fromisoformat(job["now"]),
            email=job["email"] or None,
        )
    except (_Closed, BrokenPipeError):
        raise SystemExit(0) from None
    except BaseException as error:  # whatever it is, the other side must be told
        return {"fault": type(error).__name__}
    return {"verdict": encode_verdict(verdict)}


def encode_verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "outcome": verdict.outcome.value,
        "kind": verdict.kind,
        "standing": verdict.standing,
        "shown": dict(verdict.shown),
        "checks": [
            {
                "name": one.name,
                "outcome": one.outcome.value,
                "code": one.code,
                "facts": {name: _plain(value) for name, value in one.facts.items()},
            }
            for one in verdict.checks
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:2_000].encode("utf-8", "replace").decode()


class _Closed(Exception):
    """The other side is gone."""


class _Stopped(Exception):
    """The other side does not want to know any more."""


class _Asking:
    """`Lookups` that are answered by the process outside."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, ...], Any] = {}

    def standing(self, issuer: str) -> Standing:
        return Standing(self._ask("standing", issuer))

    def in_log(self, credential_id: str, proof_value: str) -> bool:
        return bool(self._ask("in_log", credential_id, proof_value))

    def document(self, url: str) -> Fetched | None:
        found = self._ask("document", url)
        return Fetched(found["status"], base64.b64decode(found["content"])) if found else None

    def key(self, method: str) -> KeyRecord | None:
        found = self._ask("key", method)
        if not found:
            return None
        return KeyRecord(
            public_key=base64.b64decode(found["public_key"]),
            controller=found["controller"],
            state=KeyState(found["state"]),
            active_from=_moment(found["active_from"]),
            retired_at=_moment(found["retired_at"]),
            jwk=found["jwk"],
        )

    def _ask(self, name: str, *arguments: str) -> Any:
        """Each question once; the answers cannot change within one job."""
        asked = (name, *arguments)
        if asked not in self.known:
            _send({"ask": name, "arguments": [_plain(one) for one in arguments]})
            reply = _receive()
            if reply is None:
                raise _Closed
            if "stop" in reply:
                raise _Stopped
            self.known[asked] = reply["answer"]
        return self.known[asked]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _receive() -> dict[str, Any] | None:
    head = sys.stdin.buffer.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    body = sys.stdin.buffer.read(_LENGTH.unpack(head)[0])
    message: dict[str, Any] = json.loads(body)
    return message


def _send(message: dict[str, Any]) -> None:
    body = json.dumps(message).encode()
    sys.stdout.buffer.write(_LENGTH.pack(len(body)) + body)
    sys.stdout.buffer.flush()


def _limit_for_good() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # writes no file
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


def _limit_processor_time() -> None:
    """Counted from the start of the process, so it is moved on for each job."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + PROCESSOR_SECONDS
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if __name__ == "__main__":
    main()

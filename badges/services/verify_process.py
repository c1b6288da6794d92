"""Processes of their own for verifying: few, kept alive, killed and replaced when they overrun.

A badge of somebody else can be made to keep a reader busy for hours or to fill its memory. So it is
read in a process that holds no secrets, may use little memory, and is killed after some seconds,
while the portal goes on answering. See verify_child.py for the inside.
"""

import atexit
import json
import logging
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings

from techvet.errors import Refused

log = logging.getLogger(__name__)

MOST_PROCESSES = 2  # for each process of the portal
WORKING_SECONDS = 5.0  # of the child's own work, without the time that answers take
WAITING_SECONDS = 5.0  # for a free process
STARTING_SECONDS = 20.0  # longer, once: the libraries are loaded
JOBS_EACH = 500  # then a fresh one, so that no cache grows for ever
LARGEST_MESSAGE = 8 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_MODULE = "badges.services.verify_child"
Answers = Mapping[str, Callable[..., Any]]


class Unverifiable(Exception):
    """No verdict; `code` says why: time, memory, fault, busy."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class VerifyProcess:
    """One child and the pipes to it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (our own module, nothing from outside)
            [sys.executable, "-s", "-m", _MODULE],
            cwd=settings.BASE_DIR,
            env={"LANG": "C.UTF-8", "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin and self.process.stdout
        self._in, self._out = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self._in, False)
        self.jobs = 0
        self.is_sound = True

    def verdict(self, job: dict[str, Any], answers: Answers) -> dict[str, Any]:
        """The child's verdict; its questions are answered on the way. Raises Unverifiable, and
        what an answer raises.
        """
        self.is_sound = False
        left = WORKING_SECONDS if self.jobs else STARTING_SECONDS
        self.jobs += 1
        try:
            message = self._converse(job, answers, left)
        except (ValueError, KeyError, TypeError, OSError):  # not what our own child would say
            raise Unverifiable("fault") from None
        self.is_sound = True
        if "fault" in message:
            log.warning("verifying ended in a fault", extra={"fault": message["fault"]})
            raise Unverifiable("memory" if message["fault"] == "MemoryError" else "fault")
        found: dict[str, Any] = message["verdict"]
        return found

    def _converse(self, job: dict[str, Any], answers: Answers, left: float) -> dict[str, Any]:
        self._send(job, left)
        while True:
            began = time.monotonic()
            message = self._receive(left)
            left -= time.monotonic() - began
            if "ask" not in message:
                return message
            try:
                answer = answers[message["ask"]](*message["arguments"])
            except Refused:
                self._send({"stop": True}, 1.0)
                self._receive(1.0)
                self.is_sound = True
                raise
            self._send({"answer": answer}, max(left, 1.0))

    def stop(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()

    def _send(self, message: dict[str, Any], seconds: float) -> None:
        body = json.dumps(message).encode()
        rest = memoryview(_LENGTH.pack(len(body)) + body)
        deadline = time.monotonic() + seconds
        while rest:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([], [self._in], [], left)[1]:
                raise Unverifiable("time")
            try:
                rest = rest[os.write(self._in, rest) :]
            except OSError:
                raise Unverifiable("fault") from None

    def _receive(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        (size,) = _LENGTH.unpack(self._read(_LENGTH.size, deadline))
        if size > LARGEST_MESSAGE:
            raise Unverifiable("fault")
        message: dict[str, Any] = json.loads(self._read(size, deadline))
        return message

    def _read(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._out], [], [], left)[0]:
                raise Unverifiable("time")
            chunk = os.read(self._out, size - len(data))
            if not chunk:  # it was killed by a limit of its own, or by the system
                raise Unverifiable("memory")
            data += chunk
        return bytes(data)


class _Pool:
    def __init__(self) -> None:
        self.idle: list[VerifyProcess] = []
        self.lock = threading.Lock()
        self.room = threading.BoundedSemaphore(MOST_PROCESSES)

    def verdict(self, job: dict[str, Any], answers: Answers) -> dict[str, Any]:
        if not self.room.acquire(timeout=WAITING_SECONDS):
            raise Unverifiable("busy")
        try:
            with self.lock:
                one = self.idle.pop() if self.idle else None
            one = one or VerifyProcess()
            try:
                return one.verdict(job, answers)
            finally:
                if one.is_sound and one.jobs < JOBS_EACH:
                    with self.lock:
                        self.idle.append(one)
                else:
                    one.stop()
        finally:
            self.room.release()

    def close(self) -> None:
        with self.lock:
            while self.idle:
                self.idle.pop().stop()


_pool = _Pool()


def verdict_on(job: dict[str, Any], answers: Answers) -> dict[str, Any]:
    """The verdict on a job (data in base64, now in ISO 8601, email); raises Unverifiable.

    `answers` are the functions that the child may ask by name; they take and give plain values.
    """
    return _pool.verdict(job, answers)


def close() -> None:
    """Ends all children of this process."""
    _pool.close()


def _forget() -> None:
    """After a fork the children are the parent's, not ours."""
    global _pool
    _pool = _Pool()


atexit.register(close)
os.register_at_fork(after_in_child=_forget)

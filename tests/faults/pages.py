"""Somebody reads public pages five times a second while things go wrong."""

import http.client
import math
import threading
import time
from urllib.parse import urlsplit

PAUSE = 0.2
WORDED = b"resting for a moment"
Answer = tuple[str, int, float, bytes]  # page, status, seconds, the beginning of the body


class Reader(threading.Thread):
    """Asks one page after the other; what was answered is judged at the end."""

    def __init__(self, server: str, paths: list[str], *, may_rest: bool = False) -> None:
        super().__init__(daemon=True)
        self.where = urlsplit(server).netloc
        self.paths = paths
        self.may_rest = may_rest  # a worded 503 is allowed
        self.stopped = threading.Event()
        self.answers: list[Answer] = []

    def run(self) -> None:
        number = 0
        while not self.stopped.is_set():
            self._read(self.paths[number % len(self.paths)])
            number += 1
            self.stopped.wait(PAUSE)

    def _read(self, path: str) -> None:
        begun = time.monotonic()
        line = http.client.HTTPConnection(self.where, timeout=20)
        try:
            line.request("GET", path, headers={"Connection": "close"})
            answer = line.getresponse()
            status, body = answer.status, answer.read()
        except OSError as error:
            status, body = 599, repr(error).encode()
        finally:
            line.close()
        self.answers.append((path, status, time.monotonic() - begun, body[:4000]))

    def judge(self) -> None:
        """Every answer was a page; a missing database may say so in words."""
        self.stopped.set()
        self.join(timeout=30)
        assert self.answers
        for path, status, _seconds, body in self.answers:
            rested = self.may_rest and status == 503 and WORDED in body
            assert status < 500 or rested, (path, status, body[:300])
        assert any(status == 200 for _path, status, _seconds, _body in self.answers)


def slowest_of_95_percent(answers: list[Answer]) -> float:
    """Seconds; the nearest rank."""
    seconds = sorted(one[2] for one in answers)
    return seconds[math.ceil(len(seconds) * 0.95) - 1]

"""Text messages: one small interface, so that any provider fits.

`ConsoleSms` prints the message on the worker's standard output; set SMS_BACKEND to the dotted
path of a class with the same `send` for a real provider.
"""

import sys
from typing import Protocol


class SmsBackend(Protocol):
    def send(self, phone: str, text: str) -> None:
        """Hands one text message over; raises when the provider did not take it."""


class ConsoleSms:
    def send(self, phone: str, text: str) -> None:
        sys.stdout.write(f"SMS to {phone}: {text}\n")
        sys.stdout.flush()

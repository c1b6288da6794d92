"""F23: the mail server is down, refuses, drops or dawdles. Badges are issued all the same."""

import contextlib
import socket
import threading
import time

import pytest

from partners.enums import MessageState
from partners.models import OutgoingMessage
from partners.services.messages import deliver_due
from techvet.clock import database_now
from tests.faults.conftest import all_issued, check_all_is_well, many_awards, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


class MailServer(threading.Thread):
    """As much SMTP (RFC 5321) as a client needs, and `mood` decides what becomes of a mail."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.mood = "well"
        self.received = []

    def run(self):
        while True:
            try:
                line, _address = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line):
        """A client that goes away in the middle ends its own connection and no other."""
        with line, contextlib.suppress(OSError, ValueError):
            self._talk(line)

    def _talk(self, line):
        stream = line.makefile("rwb")

        def say(text):
            stream.write(f"{text}\r\n".encode())
            stream.flush()

        say("220 here")
        for raw in stream:
            word = raw.decode().strip().upper()
            if word.startswith("RCPT") and self.mood == "refuses":
                say("451 later, please")
            elif word == "DATA":
                say("354 go on")
                if not self._take(stream):
                    return
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 well")

    def _take(self, stream):
        lines = []
        for raw in stream:
            if raw == b".\r\n":
                break
            lines.append(raw.decode())
        if self.mood == "drops":
            return False
        if self.mood == "dawdles":
            time.sleep(0.5)
        self.received.append("".join(lines))
        return True


@pytest.fixture
def mail(settings):
    server = MailServer()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_USE_TLS = False
    yield server
    server.listener.close()


@pytest.mark.parametrize("mood", ["down", "refuses", "drops", "dawdles"])
def test_f23_the_mail_server_fails(scene, reader, mail, settings, start_sweeper, mood):
    """The sweeper issues and delivers; later every mail comes once."""
    awards = many_awards(scene, 4)
    mail.mood = mood
    port = 1 if mood == "down" else mail.port
    place = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port), "EMAIL_USE_TLS": "0"}
    sweeper = start_sweeper(**place)
    wait_for(all_issued)
    wait_for(lambda: OutgoingMessage.objects.filter(attempts__gt=0).count() >= len(awards))
    if mood == "dawdles":
        # It does take them. Ending the sweeper between its taking and our noting would send again.
        wait_for(lambda: not OutgoingMessage.objects.exclude(state=MessageState.SENT).exists())
    sweeper.end()
    mail.mood = "well"
    OutgoingMessage.objects.filter(state=MessageState.QUEUED).update(next_at=database_now())
    deliver_due()
    assert not OutgoingMessage.objects.exclude(state=MessageState.SENT).exists()
    sent = OutgoingMessage.objects.filter(channel="email")
    for message in sent:
        copies = [one for one in mail.received if f"<{message.public_id}@" in one]
        assert len(copies) == 1
    check_all_is_well()

"""Messages: rows first, delivered once, tried again, parked, wiped."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from partners.enums import Channel, MessageState
from partners.models import OutgoingMessage
from partners.services import messages
from partners.services.letters import write_letter, write_letter_to_mailbox
from techvet.clock import now


@pytest.fixture
def queued(cast):
    return messages.queue_message(
        recipient=cast.teacher, kind="news", subject="Two\nlines", body="Text", unique_key="k1"
    )


class BrokenMail:
    def __init__(self, *args, **kwargs):
        pass

    def send_messages(self, emails):
        raise ConnectionRefusedError("no mail today")


@pytest.fixture
def broken(settings):
    settings.EMAIL_BACKEND = "tests.partners.services.test_messages.BrokenMail"


def due_now():
    OutgoingMessage.objects.update(next_at=now() - timedelta(seconds=1))


def test_a_message_is_delivered_once(queued, mailoutbox, settings):
    assert messages.deliver(queued.pk)
    assert not messages.deliver(queued.pk)
    (sent,) = mailoutbox
    assert sent.to == [queued.address] and sent.body == "Text" and sent.subject == "Two lines"
    assert sent.extra_headers["Message-ID"] == f"<{queued.public_id}@{settings.PORTAL_HOST}>"
    queued.refresh_from_db()
    assert queued.state == MessageState.SENT and queued.sent_at and queued.body == "Text"


def test_the_same_key_makes_one_message(queued, cast):
    again = messages.queue_message(
        recipient=cast.student, kind="other", subject="s", body="b", unique_key="k1"
    )
    assert again.pk == queued.pk and OutgoingMessage.objects.count() == 1


def test_a_failure_is_tried_again_later(queued, broken):
    assert not messages.deliver(queued.pk)
    queued.refresh_from_db()
    assert queued.state == MessageState.QUEUED
    assert (queued.attempts, queued.last_error) == (1, "ConnectionRefusedError")
    assert queued.next_at > now()
    assert not messages.deliver(queued.pk)  # not due yet
    queued.refresh_from_db()
    assert queued.attempts == 1


def test_it_arrives_when_mail_is_back(queued, broken, settings):
    messages.deliver(queued.pk)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    due_now()
    assert messages.deliver_due() == 1
    assert len(mail.outbox) == 1


def test_parked_after_eight_failures(queued, broken):
    for _ in range(10):
        due_now()
        messages.deliver(queued.pk)
    queued.refresh_from_db()
    assert queued.state == MessageState.PARKED and queued.attempts == 8
    due_now()
    assert messages.deliver_due() == 0


def test_one_bad_message_does_not_stop_the_others(queued, cast, monkeypatch, mailoutbox):
    good = messages.queue_message(
        recipient=cast.student, kind="news", subject="s", body="good", unique_key="k2"
    )
    send = messages._send

    def only_good(message):
        if message.pk == queued.pk:
            raise ValueError("bad row")
        send(message)

    monkeypatch.setattr(messages, "_send", only_good)
    due_now()
    assert messages.deliver_due() == 1
    good.refresh_from_db()
    assert good.state == MessageState.SENT and [m.body for m in mailoutbox] == ["good"]


def test_secrets_are_wiped(cast, mailoutbox):
    secret = messages.queue_secret_message(
        address="new@example.org", kind="code", subject="s", body="424242", language="en"
    )
    assert secret.recipient is None and secret.is_secret
    messages.deliver(secret.pk)
    secret.refresh_from_db()
    assert secret.body == "" and mailoutbox[0].body == "424242"


def test_text_messages_go_to_the_phone(cast, capsys):
    cast.instructor.email, cast.instructor.phone = None, "+358401234567"
    cast.instructor.save()
    text = messages.queue_message(
        recipient=cast.instructor, kind="k", subject="", body="Hello", unique_key="k3"
    )
    assert text.channel == Channel.SMS
    assert messages.deliver(text.pk)
    assert capsys.readouterr().out == "SMS to +358401234567: Hello\n"


@pytest.mark.django_db(transaction=True)
def test_the_doorbell_rings_after_commit_only(monkeypatch):
    from tests.cast import person

    rung = []
    monkeypatch.setattr("techvet.doorbell.ring", lambda task, pk: rung.append(pk))
    someone = person("Rita Ring")
    fields = {"recipient": someone, "kind": "k", "subject": "s", "body": "b"}
    with pytest.raises(RuntimeError), transaction.atomic():
        messages.queue_message(**fields, unique_key="lost")
        raise RuntimeError("rolled back")
    assert rung == [] and not OutgoingMessage.objects.exists()
    kept = messages.queue_message(**fields, unique_key="kept")
    assert rung == [kept.pk]


def test_letters_are_in_the_language_of_the_recipient(cast, monkeypatch):
    from django.utils import translation

    seen = []
    monkeypatch.setattr(
        "partners.services.letters.render_to_string",
        lambda name, context: seen.append((name, translation.get_language())) or "x",
    )
    cast.instructor.language = "fi"
    write_letter(recipient=cast.instructor, kind="desk_code", context={}, unique_key="f")
    write_letter_to_mailbox(
        address="a@b.org", name="", language="et", kind="invitation", context={}
    )
    assert {language for _name, language in seen[:2]} == {"fi"}
    assert {language for _name, language in seen[2:]} == {"et"}
    assert translation.get_language() == "en"

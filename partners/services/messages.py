"""Messages are written as rows in the transaction that causes them, and delivered afterwards."""

import logging
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from partners.enums import Channel, MessageState
from partners.models import OutgoingMessage, User
from techvet.clock import database_now

logger = logging.getLogger("portal.messages")
MAX_ATTEMPTS = 8
LEASE = timedelta(seconds=60)


def queue_message(
    *,
    recipient: User,
    kind: str,
    subject: str,
    body: str,
    unique_key: str,
    channel: str | None = None,
    is_secret: bool = False,
) -> OutgoingMessage:
    """Writes one message in words already translated for the recipient.

    Without `channel` it goes by e-mail, or by text message to people without an address. The
    same `unique_key` never makes a second message.
    """
    channel = channel or (Channel.EMAIL if recipient.email else Channel.SMS)
    message, created = OutgoingMessage.objects.get_or_create(
        unique_key=unique_key,
        defaults={
            "kind": kind,
            "channel": channel,
            "recipient": recipient,
            "address": (recipient.email or "") if channel == Channel.EMAIL else recipient.phone,
            "language": recipient.language,
            "subject": _one_line(subject),
            "body": body,
            "is_secret": is_secret,
        },
    )
    if created:
        transaction.on_commit(_ring_for(message.pk), robust=True)
    return message


def queue_secret_message(
    *, address: str, kind: str, subject: str, body: str, language: str
) -> OutgoingMessage:
    """An e-mail with a code or a link for signing in; its text is wiped once it is sent."""
    message = OutgoingMessage.objects.create(
        unique_key=f"{kind}:{uuid.uuid4()}",
        kind=kind,
        channel=Channel.EMAIL,
        recipient=User.objects.filter(email__iexact=address).first(),
        address=address,
        language=language,
        subject=_one_line(subject),
        body=body,
        is_secret=True,
    )
    transaction.on_commit(_ring_for(message.pk), robust=True)
    return message


def deliver(message_id: int) -> bool:
    """Delivers one message if it is due and nobody else is at it; tells whether it was sent."""
    message = _claim(message_id)
    if message is None:
        return False
    try:
        _send(message)
    except Exception as error:  # whatever the mail server does, the row must survive it
        logger.warning("delivery failed", extra={"message_id": str(message.public_id)})
        _fail(message, error)
        return False
    message.state = MessageState.SENT
    message.sent_at = database_now()
    if message.is_secret:
        message.body = ""
    message.save(update_fields=["state", "sent_at", "body"])
    return True


def deliver_due(limit: int = 100) -> int:
    """Delivers what the doorbell lost; returns how many were sent."""
    due = OutgoingMessage.objects.filter(
        state=MessageState.QUEUED, next_at__lte=database_now()
    ).order_by("next_at")
    return sum(deliver(pk) for pk in list(due.values_list("pk", flat=True)[:limit]))


def _claim(message_id: int) -> OutgoingMessage | None:
    with transaction.atomic():
        message = (
            OutgoingMessage.objects.select_for_update(skip_locked=True)
            .filter(Q(pk=message_id, state=MessageState.QUEUED, next_at__lte=database_now()))
            .first()
        )
        if message is None:
            return None
        message.attempts += 1
        message.next_at = database_now() + LEASE
        message.save(update_fields=["attempts", "next_at"])
        return message


def _send(message: OutgoingMessage) -> None:
    if message.channel == Channel.SMS:
        import_string(settings.SMS_BACKEND)().send(message.address, message.body)
        return
    email = EmailMessage(message.subject, message.body, to=[message.address])
    email.extra_headers["Message-ID"] = f"<{message.public_id}@{settings.PORTAL_HOST}>"
    email.send()


def _fail(message: OutgoingMessage, error: Exception) -> None:
    message.last_error = type(error).__name__
    if message.attempts >= MAX_ATTEMPTS:
        message.state = MessageState.PARKED
    else:
        wait = min(2**message.attempts * 10, 3600)
        message.next_at = database_now() + timedelta(seconds=wait)
    message.save(update_fields=["last_error", "state", "next_at"])


def _ring_for(message_id: int):  # type: ignore[no-untyped-def]
    def ring() -> None:
        from partners.tasks import deliver_message
        from techvet.doorbell import ring as ring_task

        ring_task(deliver_message, message_id)

    return ring


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]

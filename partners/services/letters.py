"""Letters: messages from templates, in the recipient's language.

A letter of kind `x` is `mail/x_subject.txt` with `mail/x_message.txt`, or `mail/x_sms.txt` as a
text message. Templates hold whole sentences and name nobody but the recipient.
"""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from partners.enums import Channel
from partners.models import OutgoingMessage, User
from partners.services.messages import queue_message, queue_secret_message


def channel_to(person: User) -> Channel:
    """E-mail where there is an address, a text message otherwise."""
    return Channel.EMAIL if person.email else Channel.SMS


def write_letter(
    *,
    recipient: User,
    kind: str,
    context: dict[str, Any],
    unique_key: str,
    channel: str | None = None,
    is_secret: bool = False,
) -> OutgoingMessage:
    """Queues one letter; a secret one is wiped once it is sent."""
    channel = channel or channel_to(recipient)
    subject, body = _render(kind, channel, recipient.language, {"person": recipient, **context})
    return queue_message(
        recipient=recipient,
        kind=kind,
        subject=subject,
        body=body,
        channel=channel,
        unique_key=unique_key,
        is_secret=is_secret,
    )


def write_letter_to_mailbox(
    *, address: str, name: str, language: str, kind: str, context: dict[str, Any]
) -> OutgoingMessage:
    """A letter to somebody who may not be known yet; always wiped once it is sent."""
    subject, body = _render(kind, Channel.EMAIL, language, {"name": name, **context})
    return queue_secret_message(
        address=address, kind=kind, subject=subject, body=body, language=language
    )


def _render(kind: str, channel: str, language: str, context: dict[str, Any]) -> tuple[str, str]:
    with translation.override(language):
        if channel == Channel.SMS:
            return "", render_to_string(f"mail/{kind}_sms.txt", context).strip()
        subject = render_to_string(f"mail/{kind}_subject.txt", context).strip()
        return subject, render_to_string(f"mail/{kind}_message.txt", context).strip() + "\n"

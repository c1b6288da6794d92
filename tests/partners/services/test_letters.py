"""Every letter of the app: complete, plain text, nobody named but the recipient."""

import re

import pytest
from django.conf import settings

from partners.enums import Channel, LinkReason
from partners.services.letters import channel_to, write_letter, write_letter_to_mailbox
from tests.factories.partners import invitation_into, link_for

LANGUAGES = [code for code, _name in settings.LANGUAGES]


def letters_to(cast, language):
    """One of each kind, as (kind, subject, body)."""
    person = cast.instructor
    person.language, person.name = language, "Ines O'Neill & Co"
    link, token = link_for(person)
    cast.school.display_name = 'Koulu "Häme" & <co>'
    cast.school.save()
    invitation, _token = invitation_into(cast.school, by=cast.actor("coordinator"))
    membership = person.memberships.select_related("organisation").get()
    contexts = {
        "desk_code": {"code": "123456"},
        "membership_ended": {"membership": membership},
    }
    for reason in LinkReason:
        address = f"https://portal.example/d/{token}/"
        contexts[f"desk_link {reason.value}"] = {
            "reason": reason,
            "address": address,
            "expires_on": link.expires_at,
        }
    for name, context in contexts.items():
        for channel in Channel:
            key = f"{name}{channel}"
            yield write_letter(
                recipient=person,
                kind=name.split()[0],
                context=context,
                unique_key=key,
                channel=channel,
            )
    yield write_letter_to_mailbox(
        address="new@example.org",
        name="",
        language=language,
        kind="invitation",
        context={"invitation": invitation, "address": "https://portal.example/invitations/x/"},
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_whole_and_plain(cast, language):
    letters = list(letters_to(cast, language))
    assert len(letters) == 13
    for letter in letters:
        text = f"{letter.subject}\n{letter.body}"
        assert letter.language == language
        assert not re.search(r"&(amp|quot|lt|gt|#\d+|#x27);", text), text
        assert "{{" not in text and "{%" not in text and "%(" not in text
        assert letter.body.strip() and "\n\n\n" not in letter.body
        if letter.channel == Channel.SMS:
            assert letter.subject == "" and len(letter.body) <= 306, len(letter.body)
        else:
            assert letter.subject and "\n" not in letter.subject


def test_nobody_else_is_named(cast):
    names = [p.name for p in (cast.student, cast.teacher, cast.coordinator, cast.manager)]
    for letter in letters_to(cast, "en"):
        assert not any(name in letter.body + letter.subject for name in names)


def test_the_way_to_a_person(cast):
    assert channel_to(cast.instructor) == Channel.EMAIL
    cast.instructor.email = None
    assert channel_to(cast.instructor) == Channel.SMS


def test_invitations_greet_by_name_if_there_is_one(cast):
    invitation, _token = invitation_into(cast.school, by=cast.actor("coordinator"))
    fields = {
        "address": "new@example.org",
        "language": "en",
        "kind": "invitation",
        "context": {"invitation": invitation, "address": "https://portal.example/i/"},
    }
    assert "Hello Nina," in write_letter_to_mailbox(name="Nina", **fields).body
    assert write_letter_to_mailbox(name="", **fields).body.startswith("Hello,\n")

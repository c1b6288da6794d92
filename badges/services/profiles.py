"""What a program may change of a person's profile, when the person has allowed it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from badges.models import Passport
from badges.openbadges.documents import parse_json
from badges.openbadges.errors import OpenBadgesError
from partners.services import audit
from techvet.actor import Actor
from techvet.errors import InvalidInput
from techvet.text import clean_text

_LENGTHS = {"name": 120, "description": 600}


@transaction.atomic
def update_profile(*, by: Actor, body: bytes) -> None:
    """Takes the name and the description; an address is changed on our own pages only."""
    assert by.user is not None
    try:
        profile = parse_json(body)
    except OpenBadgesError:
        raise InvalidInput("unreadable", _("This profile cannot be read.")) from None
    texts = {name: _text(profile, name) for name in _LENGTHS}
    if texts["name"] == "":
        raise InvalidInput("name", _("A profile needs a name."))
    if texts["name"] is not None:
        by.user.name = texts["name"]
        by.user.save(update_fields=["name"])
    if texts["description"] is not None:
        Passport.objects.update_or_create(person=by.user, defaults={"about": texts["description"]})
    changed = sorted(name for name, text in texts.items() if text is not None)
    audit.record(by=by, verb="profile_changed", thing=by.user, fields=changed)


def _text(profile: dict[str, Any], name: str) -> str | None:
    """The clean text, empty when it was sent empty, None when it was not sent."""
    value = profile.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LENGTHS[name]:
        raise InvalidInput(name, _("This profile cannot be read."))
    return clean_text(value)

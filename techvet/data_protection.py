"""Tags that say of each field whose data it is, how long it is kept, and what erasing means.

Each app lists its fields in `data_protection.py`. Numbers, dates, flags, public ids and fixed
choices that say nothing of a person by themselves need no tag; texts, files, addresses and
references to people always do.
"""

import enum
from dataclasses import dataclass

from django.db import models


class Whose(enum.StrEnum):
    NOBODY = "nobody"  # organisations, texts of the portal, technical values
    PERSON = "person"  # identifies or describes somebody
    AUTHOR = "author"  # somebody's words or work, or who did something
    SECRET = "secret"  # noqa: S105 - opens something: only as a hash or encrypted


class OnErasure(enum.StrEnum):
    KEEP = "keep"
    REMOVE = "remove"
    PSEUDONYM = "pseudonym"  # the row stays, the person is replaced


@dataclass(frozen=True)
class Tag:
    whose: Whose
    kept: str  # how long, in words
    on_erasure: OnErasure


PORTAL = Tag(Whose.NOBODY, "as long as the portal", OnErasure.KEEP)
IDENTITY = Tag(Whose.PERSON, "until the person leaves, then 24 months", OnErasure.PSEUDONYM)
PLACEMENT = Tag(Whose.PERSON, "5 years after the end of the placement", OnErasure.PSEUDONYM)
DIARY = Tag(Whose.PERSON, "12 months after the end of the placement", OnErasure.REMOVE)
EVIDENCE = Tag(Whose.AUTHOR, "6 months after the decision", OnErasure.REMOVE)
DECISION = Tag(Whose.AUTHOR, "as long as the badge is valid, then 10 years", OnErasure.PSEUDONYM)
AWARD = Tag(Whose.PERSON, "as long as the badge is valid, then 10 years", OnErasure.PSEUDONYM)
WORK = Tag(Whose.AUTHOR, "as long as it is published", OnErasure.PSEUDONYM)
DEED = Tag(Whose.AUTHOR, "24 months", OnErasure.PSEUDONYM)
KEY = Tag(Whose.SECRET, "until it ends, then 30 days", OnErasure.REMOVE)


def needs_tag(field: models.Field) -> bool:
    """Whether a field can hold something about a person."""
    if isinstance(field, models.ForeignKey):
        return field.related_model._meta.label == "partners.User"
    if isinstance(field, (models.UUIDField, models.SlugField)):
        return False
    texts = (models.CharField, models.TextField, models.FileField, models.JSONField)
    binary_or_list = (models.BinaryField,)
    is_list = field.__class__.__name__ == "ArrayField"
    return (isinstance(field, (*texts, *binary_or_list)) or is_list) and not field.choices

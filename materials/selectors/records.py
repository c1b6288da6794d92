"""Published entries as evidence for badges."""

from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from materials.selectors.entries import published_entries
from partners.models import User
from techvet.origin import address
from techvet.records import Record

KIND = "published_material"


def published_material_records(person: User) -> list[Record]:
    """What this person has published and what can be read today, newest first."""
    entries = published_entries().filter(material__author=person).order_by("-published_at", "-pk")
    return [
        Record(
            record_id=entry.material.public_id,
            kind=KIND,
            title=_("Published: %(title)s, %(day)s")
            % {"title": entry.title, "day": date_format(localdate(entry.published_at))},
            facts={
                "title": entry.title,
                "published_on": localdate(entry.published_at).isoformat(),
                "version": entry.number,
                "url": address("material_show", entry.material.slug),
            },
        )
        for entry in entries
    ]

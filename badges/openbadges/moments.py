"""Points in time as credentials write them: UTC, whole seconds, a Z at the end."""

import re
from datetime import UTC, datetime

from badges.openbadges.errors import BadValue

# XML Schema dateTimeStamp without the rare forms: four digits of year, a zone always.
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)", re.ASCII
)


def format_moment(moment: datetime) -> str:
    """ "2026-11-20T09:30:00Z"; parts of a second are left out. Raises BadValue without a zone."""
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise BadValue("moment_without_zone", "a moment needs its time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def parse_moment(text: object) -> datetime:
    """An aware datetime in UTC, whole seconds; raises BadValue."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise BadValue("bad_moment", value=text)
    zone = "+00:00" if found[2] == "Z" else found[2]
    try:
        return datetime.fromisoformat(found[1] + zone).astimezone(UTC)
    except (ValueError, OverflowError):  # the 31st of February, a leap second, the year 0
        raise BadValue("bad_moment", value=text) from None

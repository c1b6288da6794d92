"""Moments are written in one way and read in any zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from badges.openbadges.errors import BadValue
from badges.openbadges.moments import format_moment, parse_moment

MOMENT = datetime(2026, 11, 20, 9, 30, 15, 987_654, tzinfo=UTC)


def test_written_in_utc_with_whole_seconds() -> None:
    helsinki = timezone(timedelta(hours=2))
    assert format_moment(MOMENT) == "2026-11-20T09:30:15Z"
    assert format_moment(MOMENT.astimezone(helsinki)) == "2026-11-20T09:30:15Z"
    assert format_moment(datetime(987, 1, 2, tzinfo=UTC)) == "0987-01-02T00:00:00Z"


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1), "2026-01-01T00:00:00Z", None])
def test_a_moment_needs_a_zone(moment: object) -> None:
    with pytest.raises(BadValue) as refused:
        format_moment(moment)  # type: ignore[arg-type]
    assert refused.value.code == "moment_without_zone"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T09:30:15Z",
        "2026-11-20T11:30:15+02:00",
        "2026-11-20T09:30:15.987654321Z",
        "2026-11-20T00:30:15-09:00",
        "2026-11-20T09:30:15-00:00",
    ],
)
def test_read_in_any_zone(text: str) -> None:
    assert parse_moment(text) == MOMENT.replace(microsecond=0)
    assert format_moment(parse_moment(text)) == "2026-11-20T09:30:15Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-20",
        "2026-11-20T09:30:15",
        "2026-11-20 09:30:15Z",
        "2026-11-20T09:30Z",
        None,
        5,
        "2026-02-31T00:00:00Z",
        "2026-11-20T24:00:00Z",
        "2026-12-31T23:59:60Z",
        ["2026"],
        "0000-01-01T00:00:00Z",
        "12026-01-01T00:00:00Z",
        "-026-01-01T00:00:00Z",
        "2026-11-20T09:30:15z",
        "2026-11-20T09:30:15+15:00",
        "2026-11-20T09:30:15+0200",
        "٢٠٢٦-11-20T09:30:15Z",
        "2026-11-20T09:30:15Z\n",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_not_a_moment(text: object) -> None:
    with pytest.raises(BadValue) as refused:
        parse_moment(text)
    assert refused.value.code == "bad_moment"

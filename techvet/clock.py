"""Now. Issuing uses the database's clock, so that two machines cannot disagree."""

import datetime as dt

from django.db import connection
from django.utils import timezone


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    return timezone.localdate()


def database_now() -> dt.datetime:
    """Wall-clock time of the database server, in UTC, whole seconds are not implied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]

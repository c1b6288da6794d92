"""COPY writes what Django would have written."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from django.db import DataError, connection, transaction

from badges.services.copying import Copier, at_the_same_time, cell, escaped
from partners.models import AuditEvent, OutgoingMessage

HOSTILE = 'a\tb\nc\rd\\e\\N "q" \\. %s %b Ä 👷'


def message(**fields) -> OutgoingMessage:
    return OutgoingMessage(kind="x", channel="email", language="en", **fields)


def write(copier, rows):
    with connection.connection.cursor() as cursor:
        copier.write(copier.lines(rows), cursor)


def test_text_comes_back_as_it_was(db):
    connection.ensure_connection()
    copier = Copier(message(subject=HOSTILE, body=""), ("unique_key", "address", "public_id"))
    rows = [(b"one", cell(HOSTILE)), (b"two", cell(""))]
    write(copier, [(*row, str(uuid.uuid4()).encode()) for row in rows])
    one, two = OutgoingMessage.objects.order_by("unique_key")
    assert (one.subject, one.address, one.body) == (HOSTILE, HOSTILE, "")
    assert (two.address, two.recipient, two.attempts, two.is_secret) == ("", None, 0, False)
    assert one.created_at == two.created_at


def test_varying_columns_may_come_in_any_order(db):
    connection.ensure_connection()
    copier = Copier(message(subject="s"), ("body", "unique_key", "address"))
    write(copier, [(b"the body", b"key", b"who")])
    row = OutgoingMessage.objects.get()
    assert (row.body, row.unique_key, row.address) == ("the body", "key", "who")


def test_cells():
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    found = [cell(one) for one in (None, True, False, 7, at, json.dumps({"a": "\n"}))]
    assert found == [b"\\N", b"t", b"f", b"7", b"2026-11-24T12:00:00+00:00", b'{"a": "\\\\n"}']
    assert escaped(b'{"a":"\\n"}') == b'{"a":"\\\\n"}'


def test_both_sides_end_and_either_trouble_is_raised(db):
    connection.ensure_connection()
    done = []
    with at_the_same_time(lambda cursor: cursor.execute("SELECT 1")):
        done.append(1)
    assert done == [1]
    with (
        pytest.raises(DataError),
        transaction.atomic(),
        at_the_same_time(lambda cursor: cursor.execute("SELECT 1/0")),
    ):
        done.append(2)
    with pytest.raises(KeyError), at_the_same_time(lambda cursor: cursor.execute("SELECT 1")):
        raise KeyError
    assert AuditEvent.objects.count() == 0

"""COPY: the way into Postgres for a thousand rows at once."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model


@contextmanager
def at_the_same_time(work: Callable[[Any], None]) -> Iterator[None]:
    """Does database work in a thread while the block computes; both end before it is left.

    `work` gets a cursor of the driver on this very connection, so it belongs to the transaction
    under way; the block itself must not touch the database. What goes wrong in either is raised,
    the block's trouble first.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        with ThreadPoolExecutor(max_workers=1) as pool:
            done = pool.submit(work, cursor)
            yield
        done.result()


def use_quick_compression() -> None:
    """LZ4 for what this transaction stores, where the server has it: a tenth of the time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('default_toast_compression', 'lz4', true) FROM pg_settings"
            " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
        )


_ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}


class Copier:
    """Writes rows of one model that are like `prototype` but for the `varying` columns.

    Columns are those of the model, so that a new field is filled as `Model()` would fill it. The
    key is left to the database unless it varies. Constraints hold as for any other row.
    """

    def __init__(self, prototype: Model, varying: Sequence[str]) -> None:
        meta = prototype._meta
        fields = [
            field
            for field in meta.concrete_fields
            if not field.primary_key or field.attname in varying
        ]
        quote = connection.ops.quote_name
        names = ", ".join(quote(str(field.column)) for field in fields)
        self._statement = f"COPY {quote(meta.db_table)} ({names}) FROM STDIN"
        cells = [
            b"%b"
            if field.attname in varying
            else cell(_as_stored(field, prototype)).replace(b"%", b"%%")
            for field in fields
        ]
        self._line = b"\t".join(cells) + b"\n"
        order = [field.attname for field in fields if field.attname in varying]
        self._places = [order.index(name) for name in varying]
        assert len(order) == len(varying)
        self._pick: Callable[[Sequence[bytes]], tuple[bytes, ...]] = _reordered(varying, order)

    def lines(self, rows: Iterable[Sequence[bytes]]) -> bytes:
        """Rows as cells in the order of `varying`."""
        line, pick = self._line, self._pick
        return b"".join([line % pick(row) for row in rows])

    def write(self, lines: bytes, cursor: Any) -> None:
        """Through a cursor of the database's own driver; raises the driver's errors."""
        cursor.copy_expert(self._statement, io.BytesIO(lines), size=1 << 18)


def _reordered(
    varying: Sequence[str], order: Sequence[str]
) -> Callable[[Sequence[bytes]], tuple[bytes, ...]]:
    places = [list(varying).index(name) for name in order]
    if places == list(range(len(places))):
        return tuple
    return lambda row: tuple(row[place] for place in places)


def _as_stored(field: Any, row: Model) -> Any:
    value = field.value_from_object(row)
    return json.dumps(value) if isinstance(field, JSONField) else value


def cell(value: Any) -> bytes:
    """A value in the text format of COPY."""
    if value is None:
        return b"\\N"
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, (datetime, date)):
        return value.isoformat().encode()
    return text_cell(str(value))


def text_cell(text: str) -> bytes:
    return text.translate(_ESCAPES).encode() if not text.isalnum() else text.encode()


def escaped(content: bytes) -> bytes:
    """Bytes of JSON, which hold no raw control characters: only backslashes are escaped."""
    return content.replace(b"\\", b"\\\\")

"""Lists of people for tests, made through the services themselves."""

import io

from openpyxl import Workbook

from badges.models import Achievement, BatchChunk, IssuingBatch
from badges.services.batch_issuing import issue_chunk
from badges.services.batches import create_batch, start_batch
from partners.models import Organisation
from techvet.actor import Actor


def people_csv(count: int, *, start: int = 1) -> bytes:
    lines = ["Name;E-mail"]
    lines += [f"Person {n};person{n}@list.example" for n in range(start, start + count)]
    return "\n".join(lines).encode()


def people_xlsx(*rows: list[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_batch(
    by: Actor,
    achievement: Achievement,
    issuer: Organisation,
    *,
    content: bytes | None = None,
    count: int = 3,
    name: str = "Spring course",
) -> IssuingBatch:
    return create_batch(
        by=by,
        issuer=issuer,
        version=achievement.versions.get(),
        name=name,
        reason="All of them passed the practical day of 12 May.",
        content=people_csv(count) if content is None else content,
        file_name="people.csv",
    )


def started_batch(by: Actor, achievement: Achievement, issuer: Organisation, **how) -> IssuingBatch:
    return start_batch(by=by, batch=make_batch(by, achievement, issuer, **how))


def issued_batch(by: Actor, achievement: Achievement, issuer: Organisation, **how) -> IssuingBatch:
    batch = started_batch(by, achievement, issuer, **how)
    for pk in BatchChunk.objects.filter(batch=batch).values_list("pk", flat=True):
        assert issue_chunk(pk)
    batch.refresh_from_db()
    return batch

"""From the lines of a list to rows that can be issued, or that say what to put right."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models.functions import Lower

from badges.enums import AwardState
from badges.models import Award, BatchRow, IssuingBatch
from badges.models.batches import RowProblem
from badges.openbadges.credential import normal_email
from badges.services.batch_files import Table, is_formula
from partners.models import Organisation, User

NAME_MAX = 120
EMAIL_MAX = 254
NOWHERE = -1
PARTS = ("name", "surname", "email", "language")
# How heads of columns are called in the languages of the portal, as beginnings of words.
_WORDS = {
    "email": r"e?-?mail|e-?post|e-?past|sähköposti|meil",
    "surname": r"last name|surname|family name|sukunimi|perekonnanimi|perenimi|uzvārds|achternaam",
    "name": r"(full|first|given)?[ _]?name|.*nimi|vārds|(voor)?naam|person|student",
    "language": r"language|kieli|keel|valoda|taal",
}
# A plain address needs no slow check: 10,000 are looked at in one request.
_PLAIN_EMAIL = re.compile(r"[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}")


@dataclass(frozen=True)
class Columns:
    """Where a list has what: places counted from 0, or NOWHERE."""

    name: int
    surname: int
    email: int
    language: int

    @property
    def is_usable(self) -> bool:
        return self.name != NOWHERE and self.email != NOWHERE

    def as_facts(self, table: Table) -> dict[str, Any]:
        """What is remembered with a batch."""
        return {"heads": list(table.heads), **{part: getattr(self, part) for part in PARTS}}


def columns_of(facts: dict[str, Any]) -> Columns:
    return Columns(**{part: int(facts.get(part, NOWHERE)) for part in PARTS})


def guess_columns(table: Table, issuer: Organisation) -> Columns:
    """As in the institution's last list with the same heads, else by the words and the cells."""
    if table.heads:
        last = (
            IssuingBatch.objects.filter(issuer=issuer, columns__heads=list(table.heads))
            .order_by("-created_at")
            .first()
        )
        if last is not None and columns_of(last.columns).is_usable:
            return columns_of(last.columns)
    found = _by_words(table.heads)
    if "email" not in found:
        found["email"] = _place_of_addresses(table)
    if "name" not in found and not table.heads:
        found["name"] = next(
            (place for place in range(table.width) if place != found["email"]), NOWHERE
        )
    return Columns(**{part: found.get(part, NOWHERE) for part in PARTS})


def _by_words(heads: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, head in enumerate(heads):
        for part, words in _WORDS.items():
            if part not in found and re.match(words, head.casefold()):
                found[part] = place
                break
    return found


def _place_of_addresses(table: Table) -> int:
    counts = [0] * table.width
    for row in table.rows[:200]:
        for place, cell in enumerate(row.cells):
            counts[place] += "@" in cell
    most = max(counts, default=0)
    return counts.index(most) if most else NOWHERE


def rows_of(table: Table, columns: Columns, batch: IssuingBatch) -> list[BatchRow]:
    """A row for each person, unsaved, with its problem if it has one."""
    rows = [
        BatchRow(
            batch=batch,
            number=line.number,
            name=_name(line.cells, columns),
            email=normal_email(_cell(line.cells, columns.email)),
            language=_language(_cell(line.cells, columns.language)),
        )
        for line in table.rows
    ]
    own = own_addresses(batch.created_by)
    seen: set[str] = set()
    for row in rows:
        row.error = problem_of(row.name, row.email, own)
        if not row.error and row.email in seen:
            row.error = RowProblem.TWICE
        seen.add(row.email)
        # Kept short enough to be stored; the problem has been said.
        row.name, row.email = row.name[:NAME_MAX], row.email[:EMAIL_MAX]
    mark_holders(batch, rows)
    return rows


def _name(cells: tuple[str, ...], columns: Columns) -> str:
    parts = (_cell(cells, columns.name), _cell(cells, columns.surname))
    return " ".join(part for part in parts if part)


def _cell(cells: tuple[str, ...], place: int) -> str:
    return cells[place] if 0 <= place < len(cells) else ""


def _language(text: str) -> str:
    """A language of the portal by its code; anything else counts as not given."""
    code = text.casefold()[:2]
    return code if code in dict(settings.LANGUAGES) else ""


def own_addresses(person: User) -> set[str]:
    return {normal_email(person.email)} if person.email else set()


def problem_of(name: str, email: str, own: set[str]) -> str:
    """The first thing that keeps a row from being issued, or an empty text."""
    checks = (
        (RowProblem.NO_NAME, not name),
        (RowProblem.NO_EMAIL, not email),
        (RowProblem.FORMULA, is_formula(name) or is_formula(email)),
        (RowProblem.LONG_NAME, len(name) > NAME_MAX),
        (RowProblem.LONG_EMAIL, len(email) > EMAIL_MAX),
        (RowProblem.BAD_EMAIL, not _is_email(email)),
        (RowProblem.OWN_ADDRESS, email in own),
    )
    return next((str(problem.value) for problem, holds in checks if holds), "")


def _is_email(email: str) -> bool:
    if _PLAIN_EMAIL.fullmatch(email):
        return True
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def mark_holders(batch: IssuingBatch, rows: list[BatchRow]) -> None:
    """Warns where the person holds a valid award of this badge already."""
    addresses = [row.email for row in rows if not row.error]
    awards = Award.objects.filter(
        version__achievement=batch.version.achievement_id,
        state=AwardState.ISSUED,
        revoked_at__isnull=True,
    )
    holders = set(
        awards.filter(recipient_email__in=addresses).values_list("recipient_email", flat=True)
    )
    held = awards.annotate(address=Lower("recipient__email")).filter(address__in=addresses)
    holders.update(held.values_list("address", flat=True))
    for row in rows:
        row.holds_already = not row.error and row.email in holders

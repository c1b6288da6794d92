"""Many credentials of one batch: one document with slots, filled for each person.

Runs in workers: it opens the keystore.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from badges.enums import AwardBasis
from badges.models import Award, IssuingBatch, StatusList
from badges.openbadges.credential import hash_email
from badges.openbadges.documents import parse_json, serialise
from badges.openbadges.proof import Signer, add_proof
from badges.openbadges.template.known import TEMPLATES
from badges.openbadges.template.signing import AuditFailed
from badges.openbadges.template.slots import NeedFull, Path, with_values
from badges.services.documents import unsigned_credential
from partners.models import User

logger = logging.getLogger("portal.issuing")
SAMPLE_EMAIL = "sample@portal.example"
SAMPLE_INDEX = 77_777


class Planned(NamedTuple):
    """One person of a chunk with everything that is drawn for their credential."""

    row_id: int
    name: str
    email: str
    language: str
    public_id: str
    salt: str
    list_id: int
    place: int


@dataclass(frozen=True)
class Form:
    """The document that all people of a batch share, and how its slots are filled."""

    document: dict[str, Any]
    slots: dict[str, Path]
    # name of the slot, what stands before and after the value, which value it is
    fills: tuple[tuple[str, str, str, str], ...]

    def values(self, one: Planned) -> dict[str, str]:
        of = {
            "award": one.public_id,
            "index": str(one.place),
            "salt": one.salt,
            "hash": hash_email(one.email, one.salt),
        }
        return {name: f"{before}{of[which]}{after}" for name, before, after, which in self.fills}


def sample_of(batch: IssuingBatch, status_list: StatusList) -> Award:
    """An award of this batch that is never stored."""
    assert batch.issued_at is not None
    return Award(
        basis=AwardBasis.BATCH,
        batch=batch,
        recipient=User(email=SAMPLE_EMAIL, name="Sample"),
        recipient_email=SAMPLE_EMAIL,
        recipient_name="Sample",
        version=batch.version,
        issuer=batch.issuer,
        key=batch.key,
        status_list=status_list,
        status_index=SAMPLE_INDEX,
        issued_at=batch.issued_at,
        valid_until=batch.valid_until,
    )


def form_of(batch: IssuingBatch, status_list: StatusList) -> Form:
    """Built from what a single award would freeze, so that both kinds stay the same."""
    sample = sample_of(batch, status_list)
    document = parse_json(unsigned_credential(sample).encode())
    slots: dict[str, Path] = {}
    fills = []
    for path, text in _texts(document, ()):
        found = _value_in(path, text, str(sample.public_id))
        if found is None:
            continue
        which, value = found
        before, _, after = text.rpartition(value)
        name = f"{which}-{len(slots)}"
        slots[name] = path
        fills.append((name, before, after, which))
    return Form(document, slots, tuple(fills))


def _value_in(path: Path, text: str, public_id: str) -> tuple[str, str] | None:
    """Which of a person's values stands in this text."""
    index = str(SAMPLE_INDEX)
    if public_id in text:
        return "award", public_id
    if path[0] == "credentialStatus" and (text == index or text.endswith(f"#{index}")):
        return "index", index
    if path[:2] == ("credentialSubject", "identifier"):
        if path[-1] == "identityHash":
            return "hash", text
        if path[-1] == "salt":
            return "salt", text
    return None


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict):
        for key, member in node.items():
            yield from _texts(member, (*path, key))
    elif isinstance(node, list):
        for place, member in enumerate(node):
            yield from _texts(member, (*path, place))


def sign_rows(
    batch: IssuingBatch, people: Sequence[Planned], forms: Mapping[int, Form]
) -> list[bytes]:
    """The signed credentials in the order of the people, by the form of each one's status list.

    Touches no database but what `batch` holds already; raises what signing raises.
    """
    from badges.keystore import signer_for

    assert batch.key is not None
    assert batch.issued_at is not None
    signer = signer_for(batch.key)
    signed: list[bytes] = []
    for list_id, group in groupby(people, key=lambda one: one.list_id):
        form = forms[list_id]
        signed += _signed(form, [form.values(one) for one in group], signer, batch.issued_at)
    return signed


def _signed(
    form: Form,
    rows: list[dict[str, str]],
    signer: Signer,
    created: datetime,
    template_of: Callable[..., Any] = TEMPLATES.template,
) -> list[bytes]:
    """By the compiled template; the whole chunk by the full path when that cannot be believed."""
    try:
        return list(template_of(form.document, form.slots).sign_many(rows, signer, created))
    except NeedFull as refusal:
        logger.warning("no template for a batch", extra={"reason": refusal.reason})
    except AuditFailed:
        logger.exception("the audit of a template failed: the chunk takes the full path")
    paths = tuple(form.slots.values())
    return [
        serialise(
            add_proof(
                with_values(form.document, paths, [row[name] for name in form.slots]),
                signer,
                created,
            )
        )
        for row in rows
    ]

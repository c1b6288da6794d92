"""A stage for drills: an issuer that exists only until the end of a transaction."""

import contextlib
import secrets
from collections.abc import Iterator

from django.db import transaction

from partners.enums import OrganisationKind
from partners.models import Organisation


class _TakenBack(Exception):
    """Ends the transaction of a drill."""


@contextlib.contextmanager
def nothing_stays() -> Iterator[None]:
    """Whatever happens inside is rolled back, and nobody is rung."""
    with contextlib.suppress(_TakenBack), transaction.atomic():
        yield
        raise _TakenBack


def temporary_issuer() -> Organisation:
    slug = f"drill-{secrets.token_hex(4)}"
    return Organisation.objects.create(
        slug=slug,
        kind=OrganisationKind.INSTITUTION,
        name=slug,
        display_name=slug,
        country="FI",
        town="Hämeenlinna",
        is_issuer=True,
    )

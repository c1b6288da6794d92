"""A person's badges for programs: those issued here, and those kept from elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from allauth.idp.oidc.models import Token
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from badges.enums import AwardBasis, AwardState, CredentialForm
from badges.models import BackpackCredential, Credential
from partners.models import User
from techvet.actor import Actor


@dataclass(frozen=True)
class Held:
    """One credential of a person: newest first."""

    at: datetime
    form: str
    body: str


def held_by(person: User, since: datetime | None = None) -> list[Held]:
    """All of a person's credentials, newest first; revoked ones too, their status tells it."""
    issued = Credential.objects.filter(
        award__recipient=person, award__state=AwardState.ISSUED
    ).exclude(award__basis=AwardBasis.TEST)
    kept = BackpackCredential.objects.filter(person=person)
    if since is not None:
        issued = issued.filter(award__issued_at__gt=since)
        kept = kept.filter(received_at__gt=since)
    return list(merge(_issued(issued), _kept(kept), key=lambda one: one.at, reverse=True))


def _issued(rows: QuerySet[Credential]) -> Iterator[Held]:
    for at, body in rows.order_by("-award__issued_at", "-pk").values_list(
        "award__issued_at", "body"
    ):
        yield Held(at, CredentialForm.JSON, body)


def _kept(rows: QuerySet[BackpackCredential]) -> Iterator[Held]:
    for at, form, body in rows.order_by("-received_at", "-pk").values_list(
        "received_at", "form", "body"
    ):
        yield Held(at, form, body)


def kept_by(actor: Actor) -> QuerySet[BackpackCredential]:
    if actor.user is None:
        return BackpackCredential.objects.none()
    return BackpackCredential.objects.filter(person=actor.user)


@dataclass(frozen=True)
class App:
    """A program that may act for a person now."""

    client_id: str
    name: str
    scopes: tuple[str, ...]
    since: datetime


def apps_of(actor: Actor) -> list[App]:
    """One for each program, with all it may do."""
    if actor.user is None:
        return []
    tokens = _live(actor.user)
    scopes: dict[str, set[str]] = {}
    for token in tokens:
        scopes.setdefault(token.client_id, set()).update(token.get_scopes())
    named = tokens.values("client_id", "client__name").annotate(since=Max("created_at"))
    return [
        App(
            client_id=one["client_id"],
            name=one["client__name"],
            scopes=tuple(sorted(scopes[one["client_id"]])),
            since=one["since"],
        )
        for one in named.order_by("client__name", "client_id")
    ]


def _live(person: User) -> QuerySet[Token]:
    return Token.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
        user=person,
        client__isnull=False,
        type__in=[Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN],
    )

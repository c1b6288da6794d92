"""Institutions and companies. Their cards are public, the people behind them are not."""

from django.db.models import Case, F, QuerySet, Sum, Value, When

from partners.enums import OrganisationKind, Role
from partners.models import Organisation
from partners.permissions import MAY_INVITE, may_act_as
from techvet.actor import Actor


def institutions() -> QuerySet[Organisation]:
    return Organisation.objects.filter(kind=OrganisationKind.INSTITUTION)


def companies() -> QuerySet[Organisation]:
    return Organisation.objects.filter(kind=OrganisationKind.COMPANY)


def organisations(*, country: str = "", kind: str = "", field: str = "") -> QuerySet[Organisation]:
    """The public directory: institutions first, then companies by name and number."""
    rows = Organisation.objects.annotate(places=Sum("sites__capacity"))
    if country:
        rows = rows.filter(country=country)
    if kind:
        rows = rows.filter(kind=kind)
    if field:
        rows = rows.filter(fields_of_study__contains=[field])
    # Demo companies have numbers for names; the order of their making is that of the numbers.
    number = Case(When(is_demo=True, then=F("pk")), default=Value(0))
    return rows.order_by("-kind", "is_demo", number, "display_name", "pk")


def organisations_to_invite_into(actor: Actor) -> QuerySet[Organisation]:
    """Where this person may invite somebody; all of them for project administrators."""
    if actor.has_role(Role.PROJECT_ADMIN) and may_act_as(actor, Role.PROJECT_ADMIN):
        return Organisation.objects.all()
    if actor.link is not None:
        return Organisation.objects.none()
    own = [role for role in MAY_INVITE if may_act_as(actor, role)]
    return Organisation.objects.filter(pk__in=actor.organisation_ids(*own) if own else ())

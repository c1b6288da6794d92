"""Seeds and removes the demo: institutions, companies, people who may be tried out."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from partners.enums import SECOND_FACTOR_ROLES, OrganisationKind, Role
from partners.models import Invitation, Membership, Organisation, Site, User
from partners.services import audit
from partners.services import demo_facts as facts
from techvet.actor import Actor
from techvet.clock import today
from techvet.errors import NotAllowed

# People who have been there a while may have placements and decisions in the past.
DAYS_AS_MEMBER = 400


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to try the portal as; without a password they come by a personal link."""

    email: str
    password: str | None
    role: str
    organisation: str
    name: str
    totp_secret: str | None


def people() -> list[DemoPerson]:
    """The demo people in the order of their organisations."""
    return [
        DemoPerson(
            email=one.address,
            password=facts.PASSWORD if one.has_password else None,
            role=one.role.value,
            organisation=one.organisation,
            name=one.name,
            totp_secret=facts.TOTP_SECRET if one.role in SECOND_FACTOR_ROLES else None,
        )
        for one in facts.PEOPLE
    ]


@transaction.atomic
def seed(*, by: Actor) -> None:
    """Brings institutions, the editors, demo companies and demo people; repeatable."""
    _only_the_portal(by)
    was_here = User.objects.filter(is_demo=True).exists()
    seed_institutions(by=by)
    for company in facts.COMPANIES:
        _seed_company(company)
    password = make_password(facts.PASSWORD)  # slow by design, so only once
    for one in facts.PEOPLE:
        _seed_person(one, password)
    if not was_here:
        audit.record(by=by, verb="demo_seeded", thing=Organisation.objects.get(slug="hamk"))


@transaction.atomic
def seed_institutions(*, by: Actor) -> None:
    """The six partner institutions and the editors; these are no demo and stay."""
    _only_the_portal(by)
    for one in facts.INSTITUTIONS:
        organisation, _created = Organisation.objects.get_or_create(
            slug=one.slug,
            defaults={
                "kind": OrganisationKind.INSTITUTION,
                "name": one.name,
                "display_name": one.display_name,
                "english_name": one.english_name,
                "country": one.country,
                "town": one.town,
                "website": one.website,
                "fields_of_study": list(one.fields),
                "is_issuer": one.is_issuer,
            },
        )
        for place in one.places:
            _seed_place(organisation, place, [one.language])
    _seed_editors()


@transaction.atomic
def remove(*, by: Actor) -> None:
    """Takes away demo people and companies; institutions and the editors stay."""
    _only_the_portal(by)
    demo_people = User.objects.filter(is_demo=True)
    demo_companies = Organisation.objects.filter(is_demo=True)
    Invitation.objects.filter(
        Q(invited_by__in=demo_people) | Q(organisation__in=demo_companies)
    ).delete()
    demo_people.delete()
    demo_companies.delete()


def editors() -> User:
    """The author of the materials that come with the portal."""
    return User.objects.get(email=facts.EDITORS_EMAIL)


def _only_the_portal(by: Actor) -> None:
    if not by.is_system:
        raise NotAllowed("only_commands", _("Only the portal's own commands do this."))


def _seed_place(
    organisation: Organisation,
    place: facts.PlaceFacts,
    languages: list[str],
    capacity: int | None = None,
) -> None:
    Site.objects.get_or_create(
        organisation=organisation,
        name=place.name,
        defaults={
            "address": place.address,
            "town": place.town,
            "latitude": Decimal(place.latitude) if place.latitude else None,
            "longitude": Decimal(place.longitude) if place.longitude else None,
            "languages": languages,
            "capacity": capacity,
        },
    )


def _seed_company(company: facts.CompanyFacts) -> None:
    organisation, _created = Organisation.objects.get_or_create(
        slug=company.slug,
        defaults={
            "kind": OrganisationKind.COMPANY,
            "name": company.name,
            "display_name": company.name,
            "country": company.country,
            "town": company.town,
            "registry_number": f"DEMO-{company.country}-{company.number:04d}",
            "fields_of_study": list(company.fields),
            "staff_count": company.staff,
            "is_demo": True,
        },
    )
    place = facts.PlaceFacts(company.town, company.town)
    _seed_place(organisation, place, list(company.languages), company.capacity)


def _seed_person(one: facts.PersonFacts, password: str) -> None:
    person, _created = User.objects.get_or_create(
        email=one.address,
        defaults={
            "name": one.name,
            "is_demo": True,
            "password": password if one.has_password else make_password(None),
        },
    )
    EmailAddress.objects.get_or_create(
        user=person, email=one.address, defaults={"verified": True, "primary": True}
    )
    _seed_membership(person, one.organisation, one.role)
    if one.role in SECOND_FACTOR_ROLES:
        _seed_authenticator(person)


def _seed_membership(person: User, slug: str, role: Role) -> None:
    Membership.objects.get_or_create(
        user=person,
        organisation=Organisation.objects.get(slug=slug),
        role=role,
        ends_on=None,
        defaults={"starts_on": today() - timedelta(days=DAYS_AS_MEMBER)},
    )


def _seed_authenticator(person: User) -> None:
    """The open secret would be no second factor on a real site, so it stays away from there."""
    if settings.PRODUCTION:
        return
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
        TOTP.activate(person, facts.TOTP_SECRET)
        RecoveryCodes.activate(person)


def _seed_editors() -> None:
    person, _created = User.objects.get_or_create(
        email=facts.EDITORS_EMAIL,
        defaults={"name": facts.EDITORS_NAME, "password": make_password(None)},
    )
    _seed_membership(person, facts.EDITORS_ORGANISATION, Role.TEACHER)

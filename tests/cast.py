"""The cast: the people whom the tests speak of by name.

Two schools and two companies with the same roles, and somebody who left last month.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from partners.enums import Country, OrganisationKind, Role
from partners.models import Membership, Organisation, User
from partners.selectors.actors import actor_of
from techvet.actor import Actor, Assurance
from techvet.clock import today

PASSWORD = "a long walk to the workshop"


@dataclass(frozen=True)
class Cast:
    school: Organisation
    other_school: Organisation
    company: Organisation
    other_company: Organisation
    coordinator: User
    teacher: User
    second_teacher: User
    student: User
    other_student: User
    instructor: User  # works from a personal link, has no password
    second_instructor: User
    manager: User
    reviewer: User  # a second coordinator of the same school
    admin: User
    far_coordinator: User
    far_teacher: User
    far_student: User
    far_instructor: User
    leaver: User  # taught here until last month

    def actor(self, name: str, assurance: Assurance = Assurance.SECOND_FACTOR) -> Actor:
        return actor_of(getattr(self, name), assurance)


def organisation(slug: str, kind: str, country: str = Country.FI, **more: object) -> Organisation:
    place = _place(slug, kind, country, **more)
    place.save()
    return place


def _place(slug: str, kind: str, country: str = Country.FI, **more: object) -> Organisation:
    fields = {
        "slug": slug,
        "kind": kind,
        "name": slug.replace("-", " ").title(),
        "display_name": slug.replace("-", " ").title(),
        "country": country,
        "town": "Hämeenlinna",
        "is_issuer": kind == OrganisationKind.INSTITUTION,
        **more,
    }
    return Organisation(**fields)


def person(name: str, *, password: bool = True, **more: object) -> User:
    """Somebody with a checked mailbox; without a password they come by a personal link."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    user = User.objects.create_user(email, PASSWORD if password else None, name=name, **more)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def join(user: User, where: Organisation, role: str, **more: object) -> Membership:
    start = today() - timedelta(days=400)
    return Membership.objects.create(
        user=user, organisation=where, role=role, **{"starts_on": start, **more}
    )


def assemble() -> Cast:
    """Everybody in a handful of statements, since nearly every test wants them."""
    places = _places()
    school, far, company, far_company = Organisation.objects.bulk_create(places)
    parts = {
        "coordinator": ("Clara Coordinator", school, Role.COORDINATOR),
        "teacher": ("Tiina Teacher", school, Role.TEACHER),
        "second_teacher": ("Toivo Teacher", school, Role.TEACHER),
        "student": ("Saara Student", school, Role.STUDENT),
        "other_student": ("Otso Student", school, Role.STUDENT),
        "instructor": ("Ines Instructor", company, Role.INSTRUCTOR),
        "second_instructor": ("Ivo Instructor", company, Role.INSTRUCTOR),
        "manager": ("Maija Manager", company, Role.MANAGER),
        "reviewer": ("Riku Reviewer", school, Role.COORDINATOR),
        "admin": ("Aada Admin", school, Role.PROJECT_ADMIN),
        "far_coordinator": ("Faye Coordinator", far, Role.COORDINATOR),
        "far_teacher": ("Felix Teacher", far, Role.TEACHER),
        "far_student": ("Fiona Student", far, Role.STUDENT),
        "far_instructor": ("Finn Instructor", far_company, Role.INSTRUCTOR),
        "leaver": ("Lauri Leaver", school, Role.TEACHER),
    }
    known, none = make_password(PASSWORD), make_password(None)
    people = User.objects.bulk_create(
        User(
            name=name,
            email=f"{name.lower().replace(' ', '.')}@example.org",
            password=none if "instructor" in key else known,
        )
        for key, (name, _where, _role) in parts.items()
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people
    )
    start = today() - timedelta(days=400)
    Membership.objects.bulk_create(
        Membership(
            user=user,
            organisation=where,
            role=role,
            starts_on=start,
            ends_on=today() - timedelta(days=30) if key == "leaver" else None,
        )
        for user, (key, (_name, where, role)) in zip(people, parts.items(), strict=True)
    )
    return Cast(
        school=school,
        other_school=far,
        company=company,
        other_company=far_company,
        **dict(zip(parts, people, strict=True)),
    )


def _places() -> list[Organisation]:
    institution, company = OrganisationKind.INSTITUTION, OrganisationKind.COMPANY
    return [
        _place("near-school", institution),
        _place("far-school", institution, Country.EE),
        _place("near-company", company),
        _place("far-company", company, Country.EE),
    ]

"""The cast: the people whom the tests speak of by name.

Two schools and two companies with the same roles, and somebody who left last month.
"""

from dataclasses import dataclass
from datetime import timedelta

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
    return Organisation.objects.create(**fields)


def person(name: str, *, password: bool = True, **more: object) -> User:
    """Somebody with a checked mailbox; without a password they come by a personal link."""
    from allauth.account.models import EmailAddress

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
    school = organisation("near-school", OrganisationKind.INSTITUTION)
    far = organisation("far-school", OrganisationKind.INSTITUTION, Country.EE)
    company = organisation("near-company", OrganisationKind.COMPANY)
    far_company = organisation("far-company", OrganisationKind.COMPANY, Country.EE)
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
    }
    people = {}
    for key, (name, where, role) in parts.items():
        people[key] = person(name, password="instructor" not in key)
        join(people[key], where, role)
    leaver = person("Lauri Leaver")
    join(leaver, school, Role.TEACHER, ends_on=today() - timedelta(days=30))
    return Cast(
        school=school,
        other_school=far,
        company=company,
        other_company=far_company,
        leaver=leaver,
        **people,
    )

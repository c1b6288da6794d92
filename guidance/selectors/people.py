"""Students, school contacts and workplaces that a form may offer to a person."""

import datetime as dt

from django.core import signing
from django.db.models import Max, Q, QuerySet

from guidance.models import Placement
from partners.enums import OrganisationKind, Role
from partners.models import Membership, Organisation, User
from techvet.actor import Actor
from techvet.clock import today

CODE_SALT = "guidance.student-code"
CODE_LIFE = dt.timedelta(days=7)


def members(organisation: Organisation, *roles: str) -> QuerySet[User]:
    """People who have one of the roles there today, by name."""
    return User.objects.filter(
        pk__in=_today().filter(organisation=organisation, role__in=roles).values("user"),
        is_active=True,
    ).order_by("name", "pk")


def _today() -> QuerySet[Membership]:
    day = today()
    return Membership.objects.filter(starts_on__lte=day).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    )


def student_with_email(email: str) -> User | None:
    """A student of some institution today, by address."""
    students = _today().filter(role=Role.STUDENT, user__email__iexact=email.strip())
    membership = students.filter(user__is_active=True).select_related("user").first()
    return membership.user if membership else None


def institution_of(student: User) -> Organisation | None:
    """Where the person studies today; the newest, when there are several."""
    membership = (
        _today()
        .filter(user=student, role=Role.STUDENT, organisation__kind=OrganisationKind.INSTITUTION)
        .select_related("organisation")
        .order_by("-starts_on", "-pk")
        .first()
    )
    return membership.organisation if membership else None


def student_code(student: User) -> str:
    """What the student's QR carries: signed, readable for a week, no name in it."""
    return signing.dumps(str(student.public_id), salt=CODE_SALT)


def student_by_code(code: str) -> User | None:
    """The student of a code, or None when it is broken, expired or of somebody who left."""
    try:
        public_id = signing.loads(code, salt=CODE_SALT, max_age=CODE_LIFE)
    except signing.BadSignature:
        return None
    student = User.objects.filter(public_id=public_id, is_active=True).first()
    return student if student and institution_of(student) else None


def school_contacts(institutions: QuerySet[Organisation] | list[Organisation]) -> list[User]:
    """Teachers of the schools, by name."""
    rows = _today().filter(role=Role.TEACHER, organisation__in=institutions)
    return list(
        User.objects.filter(pk__in=rows.values("user"), is_active=True).order_by("name", "pk")
    )


def contacts_for_workplace(company: Organisation, student: User | None) -> list[User]:
    """Teachers of the student's school; with no student yet, of the schools known to the
    workplace."""
    if student is not None:
        institution = institution_of(student)
        return school_contacts([institution] if institution else [])
    schools = Placement.objects.filter(company=company).values("institution")
    return school_contacts(Organisation.objects.filter(pk__in=schools))


def usual_contact(student: User) -> User | None:
    """The teacher of the student's last placement, who is likely to be the one again."""
    last = student.placements.filter(teacher__isnull=False).order_by("-starts_on").first()
    return last.teacher if last else None


def companies_found(words: str) -> QuerySet[Organisation]:
    """Workplaces by words of their name or town; nothing for no words."""
    companies = Organisation.objects.filter(kind=OrganisationKind.COMPANY)
    if not words.split():
        return companies.none()
    for word in words.split()[:5]:
        companies = companies.filter(
            Q(name__icontains=word) | Q(display_name__icontains=word) | Q(town__icontains=word)
        )
    return companies.order_by("display_name", "pk")


def companies_known_to(institution: Organisation) -> QuerySet[Organisation]:
    """Workplaces where this school's students have been, the latest first."""
    return (
        Organisation.objects.filter(
            pk__in=Placement.objects.filter(institution=institution).values("company")
        )
        .annotate(last=Max("placements_here__starts_on"))
        .order_by("-last", "display_name")
    )


def students_of(actor: Actor) -> list[User]:
    """Students for whom a teacher or coordinator may propose a placement."""
    schools = actor.organisation_ids(Role.TEACHER, Role.COORDINATOR)
    rows = _today().filter(role=Role.STUDENT, organisation__in=schools)
    return list(
        User.objects.filter(pk__in=rows.values("user"), is_active=True).order_by("name", "pk")
    )

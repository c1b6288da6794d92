"""One's own data, and naming workplace people."""

import pytest

from partners.enums import Role
from partners.models import AuditEvent, Membership, User
from partners.selectors.actors import LINK_SESSION_KEY, actor_for
from partners.services.acting import act_as
from partners.services.people import change_profile, find_or_create_person, set_language
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed
from tests.cast import join
from tests.factories.partners import link_for

PROFILE = {"name": " Tiina T ", "language": "fi", "time_zone": "Europe/Riga", "phone": ""}


def test_set_language(cast):
    set_language(by=cast.actor("teacher"), language="lv")
    cast.teacher.refresh_from_db()
    assert cast.teacher.language == "lv"


def test_change_profile(cast):
    change_profile(by=cast.actor("teacher"), **{**PROFILE, "phone": "040 123 4567"})
    cast.teacher.refresh_from_db()
    assert (cast.teacher.name, cast.teacher.language) == ("Tiina T", "fi")
    assert (cast.teacher.time_zone, cast.teacher.phone) == ("Europe/Riga", "+358401234567")
    assert AuditEvent.objects.filter(verb="profile_changed").exists()


@pytest.mark.parametrize(("field", "value"), [("phone", "12"), ("name", "  ")])
def test_bad_profile(cast, field, value):
    with pytest.raises(InvalidInput) as refusal:
        change_profile(by=cast.actor("teacher"), **{**PROFILE, field: value})
    assert refusal.value.field == field
    cast.teacher.refresh_from_db()
    assert cast.teacher.name == "Tiina Teacher"


def test_somebody_must_stay_reachable(cast):
    cast.manager.email, cast.manager.phone = None, "+358401234567"
    cast.manager.save()
    with pytest.raises(InvalidInput) as refusal:
        change_profile(by=cast.actor("manager"), **PROFILE)
    assert refusal.value.code == "unreachable"


def test_an_expired_link_changes_nothing(cast):
    link, _token = link_for(cast.instructor, days=-1)
    actor = actor_for(cast.instructor, {LINK_SESSION_KEY: link.pk})
    for by in (actor, Actor()):
        with pytest.raises(NotAllowed):
            change_profile(by=by, **PROFILE)


# ---------------------------------------------------------------- naming workplace people
def name_person(cast, by="instructor", where=None, role=Role.INSTRUCTOR, **more):
    fields = {"name": "Kalle Colleague", "email_or_phone": "kalle@example.org", **more}
    return find_or_create_person(
        by=cast.actor(by), organisation=where or cast.company, role=role, **fields
    )


def test_a_colleague_is_named(cast):
    person = name_person(cast)
    assert (person.name, person.email) == ("Kalle Colleague", "kalle@example.org")
    assert not person.has_usable_password()
    assert person.language == "fi"
    membership = Membership.objects.get(user=person)
    assert (membership.organisation, membership.role) == (cast.company, Role.INSTRUCTOR)
    verbs = list(AuditEvent.objects.values_list("verb", flat=True))
    assert {"person_created", "membership_started"} <= set(verbs)


def test_naming_twice_makes_one_person(cast):
    first = name_person(cast)
    second = name_person(cast, name="Other", email_or_phone="KALLE@example.org")
    assert first == second and second.name == "Kalle Colleague"
    assert Membership.objects.filter(user=first).count() == 1


def test_by_phone_of_the_companys_country(cast):
    person = name_person(cast, email_or_phone="040 1234567")
    assert (person.email, person.phone) == (None, "+358401234567")
    assert name_person(cast, email_or_phone="+358 40 1234567") == person


def test_a_known_teacher_becomes_instructor_too(cast):
    person = name_person(cast, email_or_phone=cast.teacher.email)
    assert person == cast.teacher
    assert set(person.memberships.values_list("role", flat=True)) == {"teacher", "instructor"}


@pytest.mark.parametrize("by", ["instructor", "manager", "teacher", "coordinator", "far_teacher"])
def test_who_may_name_a_colleague(cast, by):
    assert name_person(cast, by=by)


@pytest.mark.parametrize("by", ["student", "far_instructor", "leaver"])
def test_who_may_not(cast, by):
    count = User.objects.count()
    with pytest.raises(NotAllowed):
        name_person(cast, by=by)
    assert User.objects.count() == count


def test_nobody_is_named_into_a_school_or_above(cast):
    with pytest.raises(NotAllowed):
        name_person(cast, by="coordinator", where=cast.school)
    with pytest.raises(NotAllowed):
        name_person(cast, by="instructor", role=Role.MANAGER)
    assert name_person(cast, by="manager", role=Role.MANAGER)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"email_or_phone": "nothing"}, "email_or_phone"),
        ({"email_or_phone": "a\0@"}, "email_or_phone"),
    ],
)
def test_bad_input_names_its_field(cast, fields, field):
    with pytest.raises(InvalidInput) as refusal:
        name_person(cast, **fields)
    assert refusal.value.field == field


def test_closed_accounts_are_not_named(cast):
    cast.second_instructor.is_active = False
    cast.second_instructor.save()
    with pytest.raises(InvalidInput) as refusal:
        name_person(cast, email_or_phone=cast.second_instructor.email)
    assert refusal.value.code == "person_inactive"


def test_demo_companies_write_english(cast):
    cast.company.is_demo = True
    assert name_person(cast).language == "en"


# ---------------------------------------------------------------- the acting role
class Session(dict):
    def cycle_key(self):
        self["cycled"] = True


def test_acting_role(cast):
    second = join(cast.teacher, cast.other_school, Role.TEACHER)
    session = Session()
    assert act_as(session, str(second.public_id), by=cast.actor("teacher")) == second
    assert session["cycled"]
    assert actor_for(cast.teacher, session).organisation == cast.other_school


@pytest.mark.parametrize("whose", ["coordinator", "leaver"])
def test_not_the_role_of_others_nor_an_ended_one(cast, whose):
    row = Membership.objects.get(user=getattr(cast, whose))
    for value in (str(row.public_id), "", "x\0"):
        with pytest.raises(NotAllowed):
            act_as(Session(), value, by=cast.actor("teacher"))

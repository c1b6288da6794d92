"""Every permission of the app, as a table: who may, and who may not."""

import pytest

from partners import permissions as may
from partners.enums import COMPANY_ROLES, SCHOOL_ROLES, Role
from partners.models import Membership
from partners.selectors.actors import LINK_SESSION_KEY, actor_for
from partners.selectors.invitations import invitations_visible_to, open_invitations_visible_to
from partners.selectors.links import people_at, workplace_people
from partners.selectors.organisations import (
    companies,
    institutions,
    organisations,
    organisations_to_invite_into,
)
from partners.selectors.people import memberships_visible_to, people_visible_to
from techvet.actor import Actor, Assurance
from tests.cast import join
from tests.factories.partners import invitation_into, link_for

EVERYBODY = (
    "coordinator",
    "teacher",
    "second_teacher",
    "student",
    "instructor",
    "manager",
    "reviewer",
    "admin",
    "far_coordinator",
    "far_teacher",
    "far_student",
    "far_instructor",
    "leaver",
)


def on_link(user, days=90):
    link, _token = link_for(user, days=days)
    return actor_for(user, {LINK_SESSION_KEY: link.pk})


def those(cast, rule):
    """The names of those in the cast for whom the rule says yes."""
    return {name for name in EVERYBODY if rule(cast.actor(name))}


def test_roles_to_invite(cast):
    table = {
        "coordinator": {"school": SCHOOL_ROLES},
        "reviewer": {"school": SCHOOL_ROLES},
        "far_coordinator": {"other_school": SCHOOL_ROLES},
        "manager": {"company": COMPANY_ROLES},
        "admin": {
            "school": (*SCHOOL_ROLES, Role.PROJECT_ADMIN),
            "other_school": (*SCHOOL_ROLES, Role.PROJECT_ADMIN),
            "company": COMPANY_ROLES,
            "other_company": COMPANY_ROLES,
        },
    }
    for name in EVERYBODY:
        for place in ("school", "other_school", "company", "other_company"):
            roles = may.roles_to_invite(cast.actor(name), getattr(cast, place))
            assert roles == table.get(name, {}).get(place, ()), (name, place)


def test_no_invitations_from_a_link(cast):
    assert may.roles_to_invite(on_link(cast.manager), cast.company) == ()
    assert not organisations_to_invite_into(on_link(cast.manager)).exists()


def test_where_one_may_invite(cast):
    assert list(organisations_to_invite_into(cast.actor("manager"))) == [cast.company]
    assert organisations_to_invite_into(cast.actor("admin")).count() == 4
    assert not organisations_to_invite_into(cast.actor("teacher")).exists()
    without = cast.actor("coordinator", Assurance.PASSWORD)
    assert not organisations_to_invite_into(without).exists()


def test_may_act_as(cast):
    weak, strong = cast.actor("coordinator", Assurance.PASSWORD), cast.actor("coordinator")
    assert not may.may_act_as(weak, Role.COORDINATOR) and may.may_act_as(strong, Role.COORDINATOR)
    assert may.may_act_as(weak, Role.TEACHER)
    assert not may.may_act_as(on_link(cast.instructor, days=-1), Role.INSTRUCTOR)
    assert may.needs_second_factor(weak) and not may.needs_second_factor(strong)
    assert not may.needs_second_factor(cast.actor("teacher", Assurance.PASSWORD))


def test_who_sees_people(cast):
    staff = {"coordinator", "teacher", "second_teacher", "reviewer", "admin"}
    assert those(cast, lambda a: may.can_see_people(a, cast.school)) == staff
    far = {"far_coordinator", "far_teacher"}
    company = staff | far | {"instructor", "manager"}
    assert those(cast, lambda a: may.can_see_people(a, cast.company)) == company
    assert those(cast, lambda a: may.can_see_people(a, cast.other_school)) == {"admin"} | far
    assert not may.can_see_people(Actor(), cast.company)
    assert not may.can_see_people(cast.actor("admin", Assurance.PASSWORD), cast.other_school)


def test_people_lists_follow(cast):
    for name in EVERYBODY:
        actor = cast.actor(name)
        for place in (cast.school, cast.company, cast.other_school):
            sees = may.can_see_people(actor, place)
            assert people_visible_to(actor, place).exists() == sees, (name, place)
    names = {m.user for m in people_visible_to(cast.actor("teacher"), cast.school)}
    assert cast.student in names and cast.leaver not in names


def test_single_memberships_follow(cast):
    row = Membership.objects.get(user=cast.student)
    seen = those(cast, lambda a: memberships_visible_to(a).filter(pk=row.pk).exists())
    assert seen == {"coordinator", "teacher", "second_teacher", "reviewer", "admin", "student"}
    row = Membership.objects.get(user=cast.far_instructor)
    seen = those(cast, lambda a: memberships_visible_to(a).filter(pk=row.pk).exists())
    assert "student" not in seen and "instructor" not in seen and "teacher" in seen
    assert not memberships_visible_to(Actor()).exists()


def test_who_ends_a_membership(cast):
    def ends(user):
        row = Membership.objects.select_related("organisation").get(user=user)
        return those(cast, lambda a: may.can_end_membership(a, row))

    school = {"coordinator", "reviewer", "admin"}
    assert ends(cast.teacher) == school | {"teacher"}
    assert ends(cast.student) == school | {"student"}
    assert ends(cast.instructor) == {"manager", "admin", "instructor"}
    assert ends(cast.admin) == {"admin"}
    row = Membership.objects.select_related("organisation").get(user=cast.instructor)
    assert not may.can_end_membership(on_link(cast.instructor), row)
    assert not may.can_end_membership(Actor(), row)


def test_who_names_workplace_people(cast):
    named = those(cast, lambda a: may.can_add_workplace_person(a, cast.company, Role.INSTRUCTOR))
    assert named == set(EVERYBODY) - {"student", "far_student", "far_instructor", "leaver"}
    assert may.can_add_workplace_person(Actor.system(), cast.company, Role.INSTRUCTOR)
    expired = on_link(cast.instructor, days=-1)
    assert not may.can_add_workplace_person(expired, cast.company, Role.INSTRUCTOR)
    assert not may.can_add_workplace_person(cast.actor("admin"), cast.school, Role.INSTRUCTOR)


def test_who_sees_invitations(cast):
    invitation, _token = invitation_into(cast.school, by=cast.actor("coordinator"))
    able = {"coordinator", "reviewer", "admin"}
    assert those(cast, lambda a: may.can_change_invitation(a, invitation)) == able
    assert those(cast, lambda a: invitations_visible_to(a).exists()) == able
    assert those(cast, lambda a: open_invitations_visible_to(a, cast.school).exists()) == able


def test_links_and_codes(cast):
    actor, expired = on_link(cast.instructor), on_link(cast.instructor, days=-1)
    assert may.can_ask_code(actor) and not may.can_ask_code(expired)
    assert not may.can_ask_code(cast.actor("manager"))
    assert may.can_revoke_link(actor, expired.link)
    assert not may.can_revoke_link(expired, actor.link)
    assert not may.can_revoke_link(Actor(), actor.link)
    assert may.can_revoke_link(Actor.system(), actor.link)


@pytest.mark.parametrize("role", COMPANY_ROLES)
def test_workplace_people(cast, role):
    join(cast.leaver, cast.company, role)
    assert cast.leaver in workplace_people()
    assert list(people_at("email", cast.leaver.email)) == [cast.leaver]
    assert cast.teacher not in workplace_people()
    assert not people_at("email", "")


def test_the_directory(cast):
    assert set(institutions()) == {cast.school, cast.other_school}
    assert set(companies()) == {cast.company, cast.other_company}
    cast.company.fields_of_study = ["0716", "0715"]
    cast.company.save()
    assert list(organisations(field="0716")) == [cast.company]
    assert list(organisations(country="EE", kind="institution")) == [cast.other_school]
    assert [o.kind for o in organisations()] == ["institution"] * 2 + ["company"] * 2
    cast.company.sites.create(name="a", town="b", capacity=2)
    cast.company.sites.create(name="c", town="d", capacity=3)
    assert organisations(field="0716").get().places == 5

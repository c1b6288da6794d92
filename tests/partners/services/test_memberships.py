"""Ending memberships: at once, never the last coordinator, history stays."""

import threading

import pytest
from django.db import connection

from partners.enums import Role
from partners.models import AccessLink, AuditEvent, Membership
from partners.selectors.actors import actor_of
from partners.services.memberships import end_membership
from techvet.actor import Assurance
from techvet.clock import today
from techvet.errors import NotAllowed, WrongState
from tests.cast import assemble, join
from tests.factories.partners import link_for, newest_letter


def row(user, role=None):
    rows = Membership.objects.filter(user=user)
    return rows.get(role=role) if role else rows.get()


def test_a_role_ends_at_once(cast):
    end_membership(by=cast.actor("coordinator"), membership=row(cast.teacher))
    assert row(cast.teacher).ends_on == today()
    assert actor_of(cast.teacher).memberships == ()
    event = AuditEvent.objects.get(verb="membership_ended")
    assert event.data == {"person": str(cast.teacher.public_id), "role": "teacher"}
    letter = newest_letter("membership_ended")
    assert letter.recipient == cast.teacher and "Near School" in letter.subject


def test_a_role_that_began_today_ends_today(cast):
    new = join(cast.teacher, cast.school, Role.COORDINATOR, starts_on=today())
    end_membership(by=cast.actor("coordinator"), membership=new)
    assert not actor_of(cast.teacher).has_role(Role.COORDINATOR)


@pytest.mark.parametrize("name", ["teacher", "student", "manager"])
def test_everybody_may_leave(cast, name):
    user = getattr(cast, name)
    end_membership(by=cast.actor(name), membership=row(user))
    assert actor_of(user).memberships == ()


@pytest.mark.parametrize(
    ("by", "whose"),
    [
        ("teacher", "student"),
        ("student", "other_student"),
        ("far_coordinator", "teacher"),
        ("coordinator", "manager"),
        ("manager", "teacher"),
        ("manager", "far_instructor"),
        ("coordinator", "admin"),
        ("second_instructor", "instructor"),
    ],
)
def test_who_may_not_end(cast, by, whose):
    with pytest.raises(NotAllowed):
        end_membership(by=cast.actor(by), membership=row(getattr(cast, whose)))
    assert row(getattr(cast, whose)).ends_on is None


def test_without_second_factor_nothing_ends(cast):
    with pytest.raises(NotAllowed):
        end_membership(
            by=cast.actor("coordinator", Assurance.PASSWORD), membership=row(cast.teacher)
        )


def test_the_last_coordinator_stays(cast):
    end_membership(by=cast.actor("coordinator"), membership=row(cast.reviewer))
    with pytest.raises(WrongState) as refusal:
        end_membership(by=cast.actor("coordinator"), membership=row(cast.coordinator))
    assert refusal.value.code == "last_coordinator"
    with pytest.raises(WrongState):
        end_membership(by=cast.actor("admin"), membership=row(cast.coordinator))
    assert actor_of(cast.coordinator).has_role(Role.COORDINATOR)


def test_the_last_project_administrator_stays(cast):
    with pytest.raises(WrongState) as refusal:
        end_membership(by=cast.actor("admin"), membership=row(cast.admin))
    assert refusal.value.code == "last_admin"
    join(cast.far_teacher, cast.other_school, Role.PROJECT_ADMIN)
    end_membership(by=cast.actor("admin"), membership=row(cast.admin))
    assert not actor_of(cast.admin).memberships


def test_an_ended_role_does_not_end_again(cast):
    with pytest.raises(WrongState):
        end_membership(by=cast.actor("coordinator"), membership=row(cast.leaver))


def test_the_desk_closes_with_the_last_workplace_role(cast):
    link, _token = link_for(cast.instructor)
    second = join(cast.instructor, cast.other_company, Role.INSTRUCTOR)
    end_membership(by=cast.actor("admin"), membership=second)
    link.refresh_from_db()
    assert link.revoked_at is None
    last = Membership.objects.get(user=cast.instructor, organisation=cast.company)
    end_membership(by=cast.actor("manager"), membership=last)
    assert not AccessLink.objects.filter(revoked_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_two_coordinators_cannot_both_leave_at_once():
    cast = assemble()
    barrier, outcomes = threading.Barrier(2), []

    def leave(name):
        actor = cast.actor(name)
        barrier.wait()
        try:
            end_membership(by=actor, membership=row(getattr(cast, name)))
            outcomes.append("left")
        except WrongState as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=(name,)) for name in ("coordinator", "reviewer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["last_coordinator", "left"]

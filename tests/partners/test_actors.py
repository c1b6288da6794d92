"""From a session to the actor: read anew each time, so that rights begin and end at once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from partners.enums import Role
from partners.models import Membership
from partners.selectors.actors import (
    ACTING_SESSION_KEY,
    CODE_SESSION_KEY,
    LINK_SESSION_KEY,
    actor_for,
    actor_of,
    current_memberships,
    memberships_today,
)
from techvet.actor import Actor, Assurance
from techvet.clock import now, today
from tests.cast import join
from tests.factories.partners import link_for

METHODS = "account_authentication_methods"


def test_nobody(db):
    actor = actor_for(AnonymousUser(), {})
    assert actor == Actor() and actor.is_anonymous and not actor.is_read_only


@pytest.mark.parametrize(
    ("methods", "assurance"),
    [
        ([], Assurance.PASSWORD),
        ([{"method": "password"}], Assurance.PASSWORD),
        ([{"method": "code"}], Assurance.PASSWORD),
        ([{"method": "password"}, {"method": "mfa", "type": "totp"}], Assurance.SECOND_FACTOR),
        ([{"method": "mfa", "type": "webauthn", "passwordless": True}], Assurance.SECOND_FACTOR),
    ],
)
def test_how_surely_we_know(cast, methods, assurance):
    actor = actor_for(cast.teacher, {METHODS: methods})
    assert actor.assurance == assurance and actor.user == cast.teacher


def test_a_closed_account_is_nobody(cast):
    cast.teacher.is_active = False
    assert actor_for(cast.teacher, {}).is_anonymous


def test_a_link_comes_before_a_sign_in(cast):
    link, _token = link_for(cast.instructor)
    actor = actor_for(cast.coordinator, {LINK_SESSION_KEY: link.pk, METHODS: [{"method": "mfa"}]})
    assert actor.user == cast.instructor and actor.assurance == Assurance.LINK
    assert not actor.has_role(Role.COORDINATOR)


@pytest.mark.parametrize(
    ("minutes", "assurance"), [(1, Assurance.CODE), (-1, Assurance.LINK), (0, Assurance.LINK)]
)
def test_a_code_counts_until_its_time(cast, minutes, assurance):
    link, _token = link_for(cast.instructor)
    until = (now() + timedelta(minutes=minutes)).timestamp()
    session = {LINK_SESSION_KEY: link.pk, CODE_SESSION_KEY: until}
    assert actor_for(AnonymousUser(), session).assurance == assurance


def test_a_code_without_a_link_is_nothing(db):
    assert actor_for(AnonymousUser(), {CODE_SESSION_KEY: 9e12}).is_anonymous


@pytest.mark.parametrize("pk", [0, -1, 10**12])
def test_a_link_that_is_not_there(db, pk):
    assert actor_for(AnonymousUser(), {LINK_SESSION_KEY: pk}).is_anonymous


def test_the_link_of_a_closed_account(cast):
    link, _token = link_for(cast.instructor)
    cast.instructor.is_active = False
    cast.instructor.save()
    assert actor_for(AnonymousUser(), {LINK_SESSION_KEY: link.pk}).is_anonymous


# ---------------------------------------------------------------- memberships
@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [
        (-10, None, True),
        (0, None, True),
        (1, None, False),
        (-10, 1, True),
        (-10, 0, False),
        (-10, -1, False),
        (0, 0, False),
    ],
)
def test_which_days_count(cast, starts, ends, counts):
    row = join(
        cast.leaver,
        cast.other_school,
        Role.TEACHER,
        starts_on=today() + timedelta(days=starts),
        ends_on=None if ends is None else today() + timedelta(days=ends),
    )
    assert (row in memberships_today(cast.leaver)) == counts
    assert current_memberships().filter(pk=row.pk).exists() == counts


def test_the_first_role_is_the_acting_one(cast):
    later = join(cast.teacher, cast.other_school, Role.COORDINATOR, starts_on=today())
    actor = actor_of(cast.teacher)
    assert actor.organisation == cast.school
    chosen = actor_for(cast.teacher, {ACTING_SESSION_KEY: str(later.public_id)})
    assert chosen.organisation == cast.other_school
    assert chosen.has_role(Role.TEACHER, organisation=cast.school)  # the others still count


@pytest.mark.parametrize("value", ["", "nonsense", None, "0" * 36])
def test_a_foreign_acting_role_is_ignored(cast, value):
    foreign = Membership.objects.get(user=cast.coordinator).public_id
    for wrong in (value, str(foreign)):
        actor = actor_for(cast.teacher, {ACTING_SESSION_KEY: wrong})
        assert actor.membership.user == cast.teacher


def test_roles_by_organisation(cast):
    join(cast.teacher, cast.other_school, Role.COORDINATOR)
    actor = actor_of(cast.teacher)
    assert set(actor.organisation_ids()) == {cast.school.pk, cast.other_school.pk}
    assert actor.organisation_ids(Role.COORDINATOR) == (cast.other_school.pk,)
    assert not actor.has_role(Role.COORDINATOR, organisation=cast.school)
    assert actor.has_role(Role.COORDINATOR, organisation=cast.other_school.pk)


def test_one_query_for_a_signed_in_person(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        actor = actor_for(cast.teacher, {})
        assert actor.organisation.display_name


def test_two_queries_on_a_link(cast, django_assert_num_queries):
    link, _token = link_for(cast.instructor)
    with django_assert_num_queries(2):
        assert actor_for(AnonymousUser(), {LINK_SESSION_KEY: link.pk}).organisation.display_name

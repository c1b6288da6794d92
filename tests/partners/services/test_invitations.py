"""Invitations: one mailbox, one role, once, within a week."""

import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from partners.enums import Role
from partners.models import AccessLink, AuditEvent, Invitation, Membership, User
from partners.selectors.actors import actor_of
from partners.services.invitations import (
    MOST_IN_A_DAY,
    accept_invitation,
    invite_person,
    resend_invitation,
    usable_invitation,
    withdraw_invitation,
)
from techvet.actor import Actor, Assurance
from techvet.clock import now
from techvet.errors import Gone, InvalidInput, NotAllowed, WrongState
from tests.cast import assemble, person
from tests.factories.partners import invitation_into, link_for, newest_letter, token_in

NEW = {"name": "Nina New", "password": "a good long sentence"}


@pytest.fixture
def invited(cast):
    return invitation_into(cast.school, by=cast.actor("coordinator"))


def expire(invitation):
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=now() - timedelta(seconds=1))


# ---------------------------------------------------------------- inviting
def test_an_invitation_and_its_letter(cast, invited):
    invitation, token = invited
    assert invitation.token_hash != token and token not in str(Invitation.objects.values())
    assert timedelta(days=6) < invitation.expires_at - now() <= timedelta(days=7)
    letter = newest_letter("invitation")
    assert letter.address == "new.person@example.org" and letter.is_secret
    assert "Near School" in letter.subject and "Clara" not in letter.body
    assert AuditEvent.objects.get(verb="invited").data == {"role": "teacher"}


@pytest.mark.parametrize(
    ("by", "where", "role"),
    [
        ("teacher", "school", Role.TEACHER),
        ("student", "school", Role.STUDENT),
        ("instructor", "company", Role.INSTRUCTOR),
        ("coordinator", "other_school", Role.TEACHER),
        ("coordinator", "company", Role.INSTRUCTOR),
        ("coordinator", "school", Role.PROJECT_ADMIN),
        ("coordinator", "school", Role.INSTRUCTOR),
        ("manager", "school", Role.STUDENT),
        ("manager", "other_company", Role.INSTRUCTOR),
        ("manager", "company", Role.COORDINATOR),
        ("admin", "company", Role.TEACHER),
        ("leaver", "school", Role.TEACHER),
    ],
)
def test_roles_that_one_may_not_give(cast, by, where, role):
    with pytest.raises(NotAllowed):
        invitation_into(getattr(cast, where), by=cast.actor(by), role=role)
    assert not Invitation.objects.exists()


def test_a_coordinator_without_second_factor_invites_nobody(cast):
    with pytest.raises(NotAllowed):
        invitation_into(cast.school, by=cast.actor("coordinator", Assurance.PASSWORD))


def test_who_is_here_or_invited_is_not_invited_again(cast, invited):
    by = cast.actor("coordinator")
    for email in (cast.teacher.email.upper(), "NEW.person@example.org"):
        with pytest.raises(InvalidInput) as refusal:
            invite_person(by=by, organisation=cast.school, email=email, role=Role.TEACHER)
        assert refusal.value.field == "email"
    assert invitation_into(cast.school, by=by, role=Role.STUDENT)
    assert invitation_into(cast.school, by=by, email=cast.leaver.email)


@pytest.mark.parametrize("email", ["", "no", "a\0b@c", "a@" + "b" * 300 + ".org"])
def test_bad_addresses(cast, email):
    with pytest.raises(InvalidInput):
        invite_person(
            by=cast.actor("coordinator"), organisation=cast.school, email=email, role=Role.TEACHER
        )


def test_fifty_a_day(cast, invited):
    Invitation.objects.bulk_create(
        Invitation(
            organisation=cast.school,
            email=f"p{n}@example.org",
            role=Role.STUDENT,
            token_hash=str(n).rjust(64, "0"),
            invited_by=cast.coordinator,
            expires_at=now(),
        )
        for n in range(MOST_IN_A_DAY)
    )
    with pytest.raises(WrongState):
        invitation_into(cast.school, by=cast.actor("coordinator"), email="more@example.org")


# ---------------------------------------------------------------- accepting as somebody new
def test_somebody_new_accepts(cast, invited):
    _invitation, token = invited
    accepted = accept_invitation(by=Actor(), token=token, **NEW)
    user = User.objects.get(email="new.person@example.org")
    assert accepted.person == user and accepted.is_new and accepted.link_token is None
    assert user.name == "Nina New" and user.check_password(NEW["password"])
    assert EmailAddress.objects.get(user=user).verified
    assert actor_of(user).has_role(Role.TEACHER, organisation=cast.school)
    row = Invitation.objects.get()
    assert row.accepted_by == user and row.accepted_at
    assert AuditEvent.objects.get(verb="invitation_accepted").by == user


def test_the_role_is_that_of_the_invitation(cast, invited):
    _invitation, token = invited
    with pytest.raises(TypeError):
        accept_invitation(by=Actor(), token=token, role="coordinator", **NEW)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"name": " ", "password": NEW["password"]}, "name"),
        ({"name": "Nina", "password": "short"}, "password"),
        ({"name": "Nina", "password": ""}, "password"),
        ({"name": "Nina", "password": "password1234"}, "password"),
    ],
)
def test_name_and_password_are_checked(invited, answers, field):
    _invitation, token = invited
    with pytest.raises(InvalidInput) as refusal:
        accept_invitation(by=Actor(), token=token, **answers)
    assert refusal.value.field == field
    assert usable_invitation(token) and not User.objects.filter(name="Nina").exists()


def test_a_new_instructor_gets_a_link_and_no_password(cast):
    _invitation, token = invitation_into(
        cast.company, by=cast.actor("manager"), role=Role.INSTRUCTOR
    )
    accepted = accept_invitation(by=Actor(), token=token, name="Ilmari")
    assert not accepted.person.has_usable_password()
    assert accepted.link_token and "/d/" in newest_letter("desk_link").body
    assert AccessLink.objects.filter(person=accepted.person).count() == 2


def test_a_new_manager_signs_in(cast):
    _invitation, token = invitation_into(cast.company, by=cast.actor("manager"), role=Role.MANAGER)
    accepted = accept_invitation(by=Actor(), token=token, **NEW)
    assert accepted.link_token is None and accepted.person.has_usable_password()


# ---------------------------------------------------------------- accepting with an account
def test_the_owner_signs_in_first(cast):
    _invitation, token = invitation_into(
        cast.school, by=cast.actor("coordinator"), email=cast.far_teacher.email
    )
    for by in (Actor(), _on_link_of(cast.instructor)):
        with pytest.raises(NotAllowed) as refusal:
            accept_invitation(by=by, token=token, **NEW)
        assert refusal.value.code == "sign_in_first"
    accepted = accept_invitation(by=cast.actor("far_teacher", Assurance.PASSWORD), token=token)
    assert not accepted.is_new and accepted.person == cast.far_teacher
    cast.far_teacher.refresh_from_db()
    assert cast.far_teacher.name == "Felix Teacher"


def _on_link_of(user):
    link, _token = link_for(user)
    from partners.selectors.actors import LINK_SESSION_KEY, actor_for

    return actor_for(user, {LINK_SESSION_KEY: link.pk})


def test_another_mailbox_is_refused(cast, invited):
    """A forwarded invitation never attaches itself to whoever opens it."""
    _invitation, token = invited
    with pytest.raises(NotAllowed) as refusal:
        accept_invitation(by=cast.actor("far_teacher"), token=token)
    assert refusal.value.code == "other_mailbox"
    assert "new.person@example.org" in refusal.value.message
    assert not Membership.objects.filter(user=cast.far_teacher, organisation=cast.school).exists()


def test_a_known_instructor_joins_another_company_without_signing_in(cast):
    _invitation, token = invitation_into(
        cast.company,
        by=cast.actor("manager"),
        email=cast.far_instructor.email,
        role=Role.INSTRUCTOR,
    )
    accepted = accept_invitation(by=Actor(), token=token)
    assert not accepted.is_new and accepted.link_token
    assert cast.far_instructor.memberships.count() == 2


def test_an_instructor_invited_to_a_school_role_signs_in(cast):
    _invitation, token = invitation_into(
        cast.school, by=cast.actor("coordinator"), email=cast.instructor.email
    )
    with pytest.raises(NotAllowed) as refusal:
        accept_invitation(by=_on_link_of(cast.instructor), token=token, **NEW)
    assert refusal.value.code == "sign_in_first"


def test_closed_accounts_accept_nothing(cast):
    cast.far_instructor.is_active = False
    cast.far_instructor.save()
    _invitation, token = invitation_into(
        cast.company,
        by=cast.actor("manager"),
        email=cast.far_instructor.email,
        role=Role.INSTRUCTOR,
    )
    with pytest.raises(NotAllowed):
        accept_invitation(by=Actor(), token=token)


def test_an_unchecked_mailbox_becomes_checked(cast):
    EmailAddress.objects.filter(user=cast.far_instructor).update(verified=False)
    _invitation, token = invitation_into(
        cast.company,
        by=cast.actor("manager"),
        email=cast.far_instructor.email,
        role=Role.INSTRUCTOR,
    )
    accept_invitation(by=Actor(), token=token)
    assert EmailAddress.objects.get(user=cast.far_instructor).verified


# ---------------------------------------------------------------- what cannot be used
def gone(token):
    with pytest.raises(Gone) as refusal:
        accept_invitation(by=Actor(), token=token, **NEW)
    with pytest.raises(Gone):
        usable_invitation(token)
    return refusal.value.code


def test_replay(invited):
    _invitation, token = invited
    accept_invitation(by=Actor(), token=token, **NEW)
    assert gone(token) == "invitation_used"
    assert Membership.objects.filter(user__email="new.person@example.org").count() == 1


def test_after_a_week(invited):
    invitation, token = invited
    expire(invitation)
    assert gone(token) == "invitation_expired"


def test_after_withdrawal(cast, invited):
    invitation, token = invited
    withdraw_invitation(by=cast.actor("coordinator"), invitation=invitation)
    assert gone(token) == "invitation_withdrawn"


@pytest.mark.parametrize("token", ["", "x", "a\0", "y" * 3000])
def test_unknown_tokens(db, token):
    assert gone(token) == "invitation_unknown"


def test_a_token_for_a_desk_is_no_invitation(cast):
    assert gone(link_for(cast.instructor)[1]) == "invitation_unknown"


# ---------------------------------------------------------------- changing
def test_sending_again_replaces_the_token(cast, invited):
    invitation, old = invited
    expire(invitation)
    resend_invitation(by=cast.actor("reviewer"), invitation=invitation)
    new = token_in(newest_letter("invitation"))
    assert gone(old) == "invitation_unknown"
    assert accept_invitation(by=Actor(), token=new, **NEW).is_new


@pytest.mark.parametrize("deed", [resend_invitation, withdraw_invitation])
@pytest.mark.parametrize("by", ["teacher", "manager", "far_coordinator", "student"])
def test_strangers_change_nothing(cast, invited, deed, by):
    invitation, token = invited
    with pytest.raises(NotAllowed):
        deed(by=cast.actor(by), invitation=invitation)
    assert usable_invitation(token)


@pytest.mark.parametrize("deed", [resend_invitation, withdraw_invitation])
def test_closed_invitations_stay_closed(cast, invited, deed):
    invitation, token = invited
    accept_invitation(by=Actor(), token=token, **NEW)
    with pytest.raises(WrongState):
        deed(by=cast.actor("coordinator"), invitation=invitation)


def test_an_admin_may_invite_the_next_admin(cast):
    _invitation, token = invitation_into(
        cast.other_school, by=cast.actor("admin"), role=Role.PROJECT_ADMIN
    )
    assert accept_invitation(by=Actor(), token=token, **NEW).membership.role == "project_admin"


# ---------------------------------------------------------------- at the same time
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("known", [True, False])
def test_two_at_once_make_one_membership(known):
    cast = assemble()
    if known:
        person("Nina New", password=False)
    email = "nina.new@example.org"
    _invitation, token = invitation_into(
        cast.company, by=cast.actor("manager"), email=email, role=Role.INSTRUCTOR
    )
    barrier, outcomes = threading.Barrier(4), []

    def accept():
        barrier.wait()
        try:
            accept_invitation(by=Actor(), token=token, name="Nina")
            outcomes.append("joined")
        except Gone as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["invitation_used"] * 3 + ["joined"]
    assert Membership.objects.filter(user__email=email).count() == 1
    assert User.objects.filter(email=email).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_invitations_at_once_make_one_account():
    cast = assemble()
    tokens = [
        invitation_into(where, by=cast.actor("admin"), email="nina@example.org")[1]
        for where in (cast.school, cast.other_school)
    ]
    barrier, outcomes = threading.Barrier(2), []

    def accept(token):
        barrier.wait()
        try:
            accept_invitation(by=Actor(), token=token, **NEW)
            outcomes.append("joined")
        except NotAllowed as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["joined", "sign_in_first"]
    assert User.objects.filter(email="nina@example.org").count() == 1

"""Personal links: made, sent, opened, left, closed."""

from datetime import timedelta

import pytest
from django.test import Client

from partners.enums import Channel, LinkReason, Role
from partners.models import AccessLink, AuditEvent, Membership, OutgoingMessage
from partners.selectors.actors import CODE_SESSION_KEY, LINK_SESSION_KEY, actor_for
from partners.services import links
from partners.services.tokens import hash_of
from techvet.actor import Actor, Assurance
from techvet.clock import now, today
from techvet.errors import Gone, NotAllowed
from tests.cast import join
from tests.factories.partners import link_for, newest_letter, token_in


@pytest.fixture
def session(db):
    return Client().session


def link_actor(user, **more):
    link, _token = link_for(user, **more)
    return actor_for(user, {LINK_SESSION_KEY: link.pk})


# ---------------------------------------------------------------- making
def test_only_the_hash_of_a_token_is_kept(cast):
    link, token = link_for(cast.instructor)
    assert len(token) >= 43
    assert link.token_hash == hash_of(token) != token
    assert not AccessLink.objects.filter(token_hash=token).exists()
    assert timedelta(days=89) < link.expires_at - now() <= timedelta(days=90)
    event = AuditEvent.objects.get(verb="link_made")
    assert event.thing_id == str(link.public_id) and token not in str(event.data)


def test_several_links_are_valid_at_once(cast, session):
    first, second = link_for(cast.instructor), link_for(cast.instructor)
    assert links.open_link(session, first[1]).person == cast.instructor
    assert links.open_link(session, second[1]).person == cast.instructor


@pytest.mark.parametrize("name", ["teacher", "student", "coordinator", "admin", "leaver"])
def test_people_who_sign_in_get_no_link(cast, name):
    with pytest.raises(NotAllowed):
        links.make_link(person=getattr(cast, name), by=Actor.system())
    assert not AccessLink.objects.exists()


def test_closed_accounts_get_no_link(cast):
    cast.instructor.is_active = False
    cast.instructor.save()
    with pytest.raises(NotAllowed):
        links.make_link(person=cast.instructor, by=Actor.system())


def test_an_expired_link_makes_no_other(cast):
    actor = link_actor(cast.instructor, days=-1)
    with pytest.raises(NotAllowed):
        links.make_link(person=cast.second_instructor, by=actor)


def test_a_link_from_a_link_ends_with_it(cast):
    actor = link_actor(cast.instructor, days=5)
    further, _token = links.make_link(person=cast.instructor, by=actor)
    assert further.expires_at == actor.link.expires_at
    colleagues, _token = links.make_link(person=cast.second_instructor, by=actor)
    assert colleagues.expires_at > actor.link.expires_at


def test_the_address_is_the_public_one(settings):
    settings.PORTAL_ORIGIN = "https://portal.example"
    assert links.link_address("abc") == "https://portal.example/d/abc/"


# ---------------------------------------------------------------- sending
def test_the_letter_carries_the_link(cast, session):
    message = links.send_link(
        person=cast.instructor, by=Actor.system(), reason=LinkReason.HAND_OVER
    )
    assert message.channel == Channel.EMAIL and message.address == cast.instructor.email
    assert message.is_secret
    assert "handed the guiding" in message.body
    assert links.open_link(session, token_in(message)).person == cast.instructor


def test_people_without_address_get_a_text_message(cast):
    cast.instructor.email, cast.instructor.phone = None, "+358401234567"
    cast.instructor.save()
    message = links.send_link(person=cast.instructor, by=Actor.system(), reason="welcome")
    assert (message.channel, message.address) == (Channel.SMS, "+358401234567")
    assert "/d/" in message.body and message.subject == ""


def test_every_reason_has_its_sentence(cast):
    bodies = {
        links.send_link(person=cast.instructor, by=Actor.system(), reason=reason).body.split("\n")[
            2
        ]
        for reason in LinkReason
    }
    assert len(bodies) == len(LinkReason)


def test_the_letter_names_nobody_else(cast):
    message = links.send_link(person=cast.instructor, by=cast.actor("teacher"), reason="student")
    assert "Hello Ines Instructor" in message.body
    assert "Saara" not in message.body and "Tiina" not in message.body


# ---------------------------------------------------------------- sending again
def test_resend_reaches_by_mail_and_phone(cast):
    cast.instructor.phone = "+358401234567"
    cast.instructor.save()
    assert links.resend_links(channel=Channel.EMAIL, address=cast.instructor.email.upper()) == 1
    assert newest_letter("desk_link").channel == Channel.EMAIL
    assert links.resend_links(channel=Channel.SMS, address="+358401234567") == 1
    assert newest_letter("desk_link").channel == Channel.SMS


def test_a_shared_phone_gets_a_link_for_each(cast):
    for person in (cast.instructor, cast.second_instructor):
        person.phone = "+358401234567"
        person.save()
    assert links.resend_links(channel=Channel.SMS, address="+358401234567") == 2


@pytest.mark.parametrize("address", ["nobody@example.org", "", "tiina.teacher@example.org"])
def test_resend_sends_nothing_to_others(cast, address):
    assert links.resend_links(channel=Channel.EMAIL, address=address) == 0
    assert not OutgoingMessage.objects.exists()


def test_resend_at_most_three_an_hour(cast):
    sent = [
        links.resend_links(channel=Channel.EMAIL, address=cast.instructor.email) for _ in range(5)
    ]
    assert sent == [1, 1, 1, 0, 0]
    OutgoingMessage.objects.update(created_at=now() - timedelta(minutes=61))
    assert links.resend_links(channel=Channel.EMAIL, address=cast.instructor.email) == 1


def test_renew_own_link_goes_to_the_mailbox_even_when_expired(cast):
    links.renew_own_link(by=link_actor(cast.instructor, days=-1))
    message = newest_letter("desk_link")
    assert message.recipient == cast.instructor
    assert AccessLink.objects.latest("pk").expires_at > now()


def test_renew_needs_a_link(cast):
    with pytest.raises(NotAllowed):
        links.renew_own_link(by=cast.actor("manager"))


# ---------------------------------------------------------------- opening
def test_opening_changes_the_session_and_nothing_else(cast, session):
    link, token = link_for(cast.instructor)
    before = list(AccessLink.objects.values()), AuditEvent.objects.count()
    session["x"] = 1
    session.save()
    old_key = session.session_key
    links.open_link(session, token)
    assert session[LINK_SESSION_KEY] == link.pk
    assert session.session_key != old_key
    assert (list(AccessLink.objects.values()), AuditEvent.objects.count()) == before


def test_opening_again_keeps_the_code(cast, session):
    _link, token = link_for(cast.instructor)
    links.open_link(session, token)
    session[CODE_SESSION_KEY] = 9e12
    links.open_link(session, token)
    assert session[CODE_SESSION_KEY] == 9e12
    links.open_link(session, link_for(cast.instructor)[1])
    assert CODE_SESSION_KEY not in session


def test_an_expired_link_opens_read_only(cast, session):
    link, token = link_for(cast.instructor, days=-1)
    assert links.open_link(session, token).is_expired
    actor = actor_for(cast.instructor, {LINK_SESSION_KEY: link.pk})
    assert actor.is_read_only and actor.assurance == Assurance.LINK


@pytest.mark.parametrize("token", ["", "unknown", "x" * 5000, "a\0b", "\ud800"])
def test_unknown_tokens_are_gone(cast, session, token):
    with pytest.raises(Gone):
        links.open_link(session, token)
    assert LINK_SESSION_KEY not in session


def test_leaving_ends_the_browser_not_the_link(cast, session):
    _link, token = link_for(cast.instructor)
    links.open_link(session, token)
    links.leave_link(session)
    assert LINK_SESSION_KEY not in session
    assert links.open_link(session, token)


def test_a_link_opens_the_workplace_side_only(cast):
    join(cast.instructor, cast.school, Role.TEACHER)
    actor = link_actor(cast.instructor)
    assert [m.role for m in actor.memberships] == [Role.INSTRUCTOR]
    assert not actor.has_role(Role.TEACHER)


# ---------------------------------------------------------------- closing
def test_a_revoked_link_is_gone_at_once(cast, session):
    link, token = link_for(cast.instructor)
    actor = actor_for(cast.instructor, {LINK_SESSION_KEY: link.pk})
    links.revoke_link(link=link, by=actor)
    links.revoke_link(link=link, by=actor)  # twice is harmless
    assert AuditEvent.objects.filter(verb="link_revoked").count() == 1
    with pytest.raises(Gone):
        links.open_link(session, token)


@pytest.mark.parametrize("name", ["second_instructor", "manager", "teacher", "far_instructor"])
def test_nobody_closes_others_links(cast, name):
    link, _token = link_for(cast.instructor)
    with pytest.raises(NotAllowed):
        links.revoke_link(link=link, by=cast.actor(name))
    link.refresh_from_db()
    assert link.revoked_at is None


def test_the_portal_may_close_links(cast):
    link, _token = link_for(cast.instructor)
    links.revoke_link(link=link, by=Actor.system())
    link.refresh_from_db()
    assert link.revoked_at


def test_close_all_others(cast):
    others = [link_for(cast.instructor)[0] for _ in range(2)]
    stranger, _token = link_for(cast.second_instructor)
    actor = link_actor(cast.instructor)
    assert links.revoke_other_links(by=actor) == 2
    still = set(AccessLink.objects.filter(revoked_at__isnull=True))
    assert still == {actor.link, stranger} and not still & set(others)


def test_close_all_others_needs_a_live_link(cast):
    for actor in (link_actor(cast.instructor, days=-1), cast.actor("manager")):
        with pytest.raises(NotAllowed):
            links.revoke_other_links(by=actor)


def test_no_link_for_somebody_whose_role_ended(cast):
    Membership.objects.filter(user=cast.instructor).update(ends_on=today())
    assert links.resend_links(channel=Channel.EMAIL, address=cast.instructor.email) == 0

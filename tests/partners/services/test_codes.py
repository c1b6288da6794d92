"""Six-digit codes: bound to a browser, ten minutes, five tries."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from partners.models import AuditEvent, OneTimeCode
from partners.selectors.actors import CODE_SESSION_KEY, LINK_SESSION_KEY, actor_for
from partners.services.codes import MOST_CODES_IN_AN_HOUR, ask_code, check_code, has_live_code
from partners.services.messages import deliver
from techvet.actor import Assurance
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.partners import link_for, newest_letter


def browser(link):
    session = Client().session
    session[LINK_SESSION_KEY] = link.pk
    session.save()
    return session


@pytest.fixture
def at_desk(cast):
    """A browser with the instructor's link, and its actor."""
    link, _token = link_for(cast.instructor)
    session = browser(link)
    return session, actor_for(cast.instructor, session)


def assurance(session, cast):
    return actor_for(cast.instructor, session).assurance


def test_a_right_code_counts_for_twelve_hours(cast, at_desk):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    assert len(code) == 6 and code in newest_letter("desk_code").body
    check_code(session, code, by=actor)
    assert assurance(session, cast) == Assurance.CODE
    with time_machine.travel(now() + timedelta(hours=11, minutes=59), tick=False):
        assert assurance(session, cast) == Assurance.CODE
    with time_machine.travel(now() + timedelta(hours=12, minutes=1), tick=False):
        assert assurance(session, cast) == Assurance.LINK
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"code_sent", "code_accepted"} <= verbs


def test_only_a_keyed_hash_is_kept(at_desk):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    row = OneTimeCode.objects.get()
    assert code not in row.code_hash and len(row.code_hash) == 64


def test_pasted_codes_may_have_spaces(cast, at_desk):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    check_code(session, f" {code[:3]} {code[3:]}\n", by=actor)
    assert assurance(session, cast) == Assurance.CODE


def test_the_session_gets_a_new_id(at_desk):
    session, actor = at_desk
    before = session.session_key
    check_code(session, ask_code(session, by=actor), by=actor)
    assert session.session_key != before


def refuse(session, code, actor):
    with pytest.raises(InvalidInput) as refusal:
        check_code(session, code, by=actor)
    assert refusal.value.field == "code"
    assert CODE_SESSION_KEY not in session


def test_a_code_works_once(at_desk):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    check_code(session, code, by=actor)
    session.pop(CODE_SESSION_KEY)
    refuse(session, code, actor)


def test_a_newer_code_replaces_the_older(at_desk):
    session, actor = at_desk
    first = ask_code(session, by=actor)
    second = ask_code(session, by=actor)
    if first != second:
        refuse(session, first, actor)
    check_code(session, second, by=actor)


def test_ten_minutes(at_desk):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    with time_machine.travel(now() + timedelta(minutes=10, seconds=1), tick=False):
        refuse(session, code, actor)


def test_another_browser_cannot_use_it(at_desk):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    refuse(browser(actor.link), code, actor)
    check_code(session, code, by=actor)


def test_five_tries(at_desk):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        refuse(session, wrong, actor)
    refuse(session, code, actor)
    assert OneTimeCode.objects.get().attempts == 5


@pytest.mark.parametrize("code", ["", "abc", "12345", "1" * 500, "\0", "１２３４５６"])
def test_nonsense_is_refused(at_desk, code):
    session, actor = at_desk
    ask_code(session, by=actor)
    refuse(session, code, actor)


def test_without_asking_there_is_no_code(at_desk):
    session, actor = at_desk
    refuse(session, "123456", actor)


def test_asking_has_a_limit(at_desk):
    session, actor = at_desk
    for _ in range(MOST_CODES_IN_AN_HOUR):
        ask_code(session, by=actor)
    with pytest.raises(WrongState):
        ask_code(session, by=actor)
    OneTimeCode.objects.update(created_at=now() - timedelta(minutes=61))
    assert ask_code(session, by=actor)


def test_an_expired_link_gets_no_code(cast):
    link, _token = link_for(cast.instructor, days=-1)
    session = browser(link)
    actor = actor_for(cast.instructor, session)
    for deed in (lambda: ask_code(session, by=actor), lambda: check_code(session, "1", by=actor)):
        with pytest.raises(NotAllowed):
            deed()
    assert not OneTimeCode.objects.exists()


def test_people_who_signed_in_need_none(cast):
    with pytest.raises(NotAllowed):
        ask_code(Client().session, by=cast.actor("manager"))


def test_the_letter_is_wiped_once_sent(at_desk, mailoutbox):
    session, actor = at_desk
    code = ask_code(session, by=actor)
    letter = newest_letter("desk_code")
    assert deliver(letter.pk)
    letter.refresh_from_db()
    assert code in mailoutbox[0].body and letter.body == ""


def test_a_fresh_session_is_made_when_there_is_none(cast):
    link, _token = link_for(cast.instructor)
    session = Client().session.__class__()
    actor = actor_for(cast.instructor, {LINK_SESSION_KEY: link.pk})
    code = ask_code(session, by=actor)
    check_code(session, code, by=actor)


def test_whether_a_code_waits(at_desk, cast):
    session, actor = at_desk
    assert not has_live_code(session, by=actor)
    code = ask_code(session, by=actor)
    assert has_live_code(session, by=actor)
    assert not has_live_code(browser(actor.link), by=actor)
    assert not has_live_code(session, by=cast.actor("manager"))
    check_code(session, code, by=actor)
    assert not has_live_code(session, by=actor)

"""What happens when two do the same at the same moment, with real transactions."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from partners.enums import Channel, Role
from partners.models import Membership, OneTimeCode, OutgoingMessage, User
from partners.selectors.actors import LINK_SESSION_KEY, actor_for
from partners.services import messages
from partners.services.codes import MOST_TRIES, ask_code, check_code
from partners.services.links import MOST_RESENT_IN_AN_HOUR, resend_links
from partners.services.people import find_or_create_person
from techvet.errors import InvalidInput
from tests.cast import assemble
from tests.factories.partners import link_for

pytestmark = pytest.mark.django_db(transaction=True)


def together(count: int, deed: Callable[[int], Any]) -> list[Any]:
    """Runs the deed in `count` threads that start at one moment; returns what each gave."""
    barrier, outcomes = threading.Barrier(count), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            outcomes.append(deed(number))
        except Exception as error:  # the test looks at it
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_guessing_in_parallel_gives_no_more_tries():
    cast = assemble()
    link, _token = link_for(cast.instructor)
    session = Client().session
    session[LINK_SESSION_KEY] = link.pk
    session.save()
    actor = actor_for(cast.instructor, session)
    code = ask_code(session, by=actor)
    wrong = [f"{n:06d}" for n in range(20) if f"{n:06d}" != code][:12]
    outcomes = together(12, lambda n: check_code(session, wrong[n], by=actor))
    assert all(isinstance(o, InvalidInput) for o in outcomes)
    assert OneTimeCode.objects.get().attempts == MOST_TRIES
    with pytest.raises(InvalidInput):
        check_code(session, code, by=actor)


def test_asking_for_the_link_in_parallel_sends_no_more_than_three():
    cast = assemble()
    address = cast.instructor.email
    outcomes = together(6, lambda n: resend_links(channel=Channel.EMAIL, address=address))
    assert sum(outcomes) == MOST_RESENT_IN_AN_HOUR
    assert OutgoingMessage.objects.filter(kind="desk_link").count() == MOST_RESENT_IN_AN_HOUR


def test_naming_the_same_colleague_at_once_makes_one_person():
    cast = assemble()
    actor = cast.actor("instructor")
    outcomes = together(
        4,
        lambda n: find_or_create_person(
            name=f"Kalle {n}",
            email_or_phone="kalle@example.org",
            by=actor,
            organisation=cast.company,
            role=Role.INSTRUCTOR,
        ),
    )
    assert len({person.pk for person in outcomes}) == 1
    assert User.objects.filter(email="kalle@example.org").count() == 1
    assert Membership.objects.filter(user__email="kalle@example.org").count() == 1


def test_two_workers_send_a_message_once(monkeypatch):
    cast = assemble()
    monkeypatch.setattr("techvet.doorbell.ring", lambda *args: True)
    row = messages.queue_message(
        recipient=cast.teacher, kind="k", subject="s", body="b", unique_key="once"
    )
    sent = []
    monkeypatch.setattr(messages, "_send", lambda message: sent.append(message.pk))
    outcomes = together(5, lambda n: messages.deliver(row.pk))
    assert sent == [row.pk] and sorted(outcomes) == [False] * 4 + [True]


def test_the_same_job_twice_at_once_writes_one_message(monkeypatch):
    cast = assemble()
    monkeypatch.setattr("techvet.doorbell.ring", lambda *args: True)
    rows = together(
        4,
        lambda n: messages.queue_message(
            recipient=cast.teacher, kind="k", subject="s", body=f"b{n}", unique_key="once"
        ),
    )
    assert len({row.pk for row in rows}) == 1
    assert OutgoingMessage.objects.count() == 1

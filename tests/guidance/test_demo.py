"""The demo: believable, repeatable, removable."""

import pytest

from guidance.enums import PlacementState, WeekState
from guidance.models import Placement, Week
from guidance.selectors.desk import desk_cards
from guidance.selectors.needs import who_needs_me
from guidance.selectors.records import confirmed_week_records
from guidance.services import demo
from partners.enums import MessageState
from partners.models import OutgoingMessage, User
from partners.selectors.actors import actor_of
from partners.services import demo as partners_demo
from techvet.actor import Actor
from techvet.errors import NotAllowed


def person(name: str) -> User:
    return User.objects.get(email=f"{name}.demo@example.org")


@pytest.fixture
def seeded(db):
    partners_demo.seed(by=Actor.system())
    demo.seed(by=Actor.system())


def test_seeds_every_state_and_only_once(seeded):
    states = set(Placement.objects.values_list("state", flat=True))
    assert states == {PlacementState.RUNNING, PlacementState.LOGGED, PlacementState.PROPOSED}
    before = list(Placement.objects.values_list("pk", flat=True))
    demo.seed(by=Actor.system())
    assert list(Placement.objects.values_list("pk", flat=True)) == before
    assert Placement.objects.filter(is_demo=False).count() == 0


def test_pekka_has_a_record_and_a_desk(seeded):
    [record] = confirmed_week_records(person("pekka"))
    assert record.facts["weeks"] >= 5
    assert "Aino" not in str(record)
    cards = {str(c.placement.student): c for c in desk_cards(actor_of(person("pekka")))}
    assert set(cards) == {"Aino Demo", "Eetu Demo"}
    mart = desk_cards(actor_of(person("toomas")))[0]
    assert len(mart.waiting) == 3 and mart.may_confirm


def test_a_week_came_back_and_a_school_is_asked(seeded):
    [week] = Week.objects.filter(state=WeekState.RETURNED)
    assert str(week.placement.student) == "Veera Demo"
    whats = {need.student: need.what for need in who_needs_me(actor_of(person("mikko")))}
    assert "accept" in whats["Eetu Demo"]


def test_nothing_is_sent_to_demo_people(seeded):
    sent = OutgoingMessage.objects.filter(recipient__is_demo=True)
    assert sent.exists()
    assert not sent.exclude(state=MessageState.CANCELLED).exists()


def test_removes_only_the_demo(seeded, cast):
    from tests.factories import guidance as make

    own = make.running(cast)
    demo.remove(by=Actor.system())
    assert list(Placement.objects.all()) == [own]


@pytest.mark.parametrize("deed", [demo.seed, demo.remove])
def test_only_for_the_portal(deed, cast):
    with pytest.raises(NotAllowed):
        deed(by=cast.actor("coordinator"))

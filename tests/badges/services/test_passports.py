"""A person's own page, and badges that waited for their person."""

import pytest
from allauth.account.models import EmailAddress

from badges.enums import AwardBasis
from badges.models import Award, IssuingBatch, Passport
from badges.selectors.passports import public_passports, showable_awards, shown_awards
from badges.services.passports import claim_awards, save_passport
from partners.models import AuditEvent
from partners.selectors.actors import actor_of
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import NotAllowed
from tests.factories.badges import issued_award

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


def save(person, **changes):
    facts = {"about": "", "is_public": False, "shown": set(), **changes}
    return save_passport(by=actor_of(person), **facts)


def waiting_award(award, email):
    """A badge of a batch whose person was not known when it was issued."""
    batch = IssuingBatch.objects.create(
        version=award.version,
        issuer=award.issuer,
        created_by=award.decision.reviewer,
        name="Course",
        reason="Took part.",
    )
    Award.objects.filter(pk=award.pk).update(
        basis=AwardBasis.BATCH,
        application=None,
        decision=None,
        batch=batch,
        recipient=None,
        recipient_email=email,
    )
    award.refresh_from_db()
    return award


def test_a_page_is_private_until_it_is_opened(cast, award):
    passport = save(cast.teacher, about="  Guide since 2020. ")
    assert passport.about == "Guide since 2020."
    assert not public_passports().exists()
    save(cast.teacher, is_public=True)
    assert list(public_passports()) == [passport]
    assert Passport.objects.count() == 1
    verbs = AuditEvent.objects.filter(thing_type="badges.passport").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["passport_opened"]
    save(cast.teacher)
    assert verbs.last().verb == "passport_closed"


def test_only_chosen_badges_are_shown(cast, award):
    assert not shown_awards(cast.teacher.pk).exists()
    save(cast.teacher, shown={award.public_id})
    assert list(shown_awards(cast.teacher.pk)) == [award]
    save(cast.teacher)
    assert not shown_awards(cast.teacher.pk).exists()


def test_nobody_shows_the_badge_of_another(cast, award):
    save(cast.second_teacher, shown={award.public_id}, is_public=True)
    award.refresh_from_db()
    assert not award.is_shown


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": now(), "revocation_reason": "other"},
        {"suspended_at": now()},
        {"valid_until": now()},
    ],
    ids=["revoked", "suspended", "expired"],
)
def test_what_is_not_valid_is_not_shown_but_stays_chosen(cast, award, change):
    save(cast.teacher, shown={award.public_id})
    Award.objects.filter(pk=award.pk).update(**change)
    assert not shown_awards(cast.teacher.pk).exists()
    assert not showable_awards(cast.teacher.pk).exists()
    save(cast.teacher)
    award.refresh_from_db()
    assert award.is_shown


def test_who_is_not_known_has_no_page(cast):
    with pytest.raises(NotAllowed):
        save_passport(by=Actor.system(), about="", is_public=True, shown=set())
    assert not Passport.objects.exists()


def test_a_badge_finds_its_person_by_a_proved_address(cast, award):
    waiting_award(award, "New.Address@Example.org")
    EmailAddress.objects.create(user=cast.student, email="new.address@example.org", verified=False)
    assert claim_awards(by=actor_of(cast.student)) == 0
    EmailAddress.objects.filter(user=cast.student).update(verified=True)
    assert claim_awards(by=actor_of(cast.second_teacher)) == 0
    assert claim_awards(by=actor_of(cast.student)) == 1
    award.refresh_from_db()
    assert award.recipient == cast.student
    assert AuditEvent.objects.filter(verb="award_claimed").count() == 1
    assert claim_awards(by=actor_of(cast.student)) == 0


def test_nobody_claims_a_badge_that_has_a_person(cast, award):
    Award.objects.update(recipient_email=cast.student.email)
    assert claim_awards(by=actor_of(cast.student)) == 0
    award.refresh_from_db()
    assert award.recipient == cast.teacher


def test_an_anonymous_visitor_claims_nothing(cast, award):
    waiting_award(award, "")
    assert claim_awards(by=Actor.system()) == 0

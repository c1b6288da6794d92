"""What the database refuses, and in which words."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from partners.enums import OrganisationKind, Role
from partners.models import AuditEvent, Membership, Organisation, User
from partners.services import audit
from techvet.clock import now, today
from techvet.errors import NotAllowed
from tests.cast import join, organisation
from tests.factories.partners import invitation_into, link_for


def refused(deed):
    with pytest.raises(IntegrityError), transaction.atomic():
        deed()


def test_one_account_for_an_address_whatever_its_case(cast):
    address = cast.teacher.email.upper()
    refused(lambda: User.objects.create(name="Twin", email=address))


def test_somebody_without_any_address(db):
    refused(lambda: User.objects.create(name="Nobody"))
    assert User.objects.create(name="Phone only", phone="+358401234567")
    assert User.objects.create(name="Shared phone", phone="+358401234567")


def test_one_row_for_a_role_that_lasts(cast):
    refused(lambda: join(cast.teacher, cast.school, Role.TEACHER))
    assert join(cast.leaver, cast.school, Role.TEACHER)  # the earlier one has ended
    assert join(cast.teacher, cast.school, Role.COORDINATOR)


def test_no_end_before_the_start(cast):
    refused(
        lambda: join(
            cast.leaver,
            cast.company,
            Role.MANAGER,
            starts_on=today(),
            ends_on=today() - timedelta(days=1),
        )
    )


def test_one_organisation_for_a_registry_number_of_a_country(db):
    organisation("a", OrganisationKind.COMPANY, registry_number="1")
    refused(lambda: organisation("b", OrganisationKind.COMPANY, registry_number="1"))
    assert organisation("c", OrganisationKind.COMPANY, country="EE", registry_number="1")
    assert organisation("d", OrganisationKind.COMPANY) and organisation("e", "company")


def test_only_institutions_issue(db):
    refused(lambda: organisation("a", OrganisationKind.COMPANY, is_issuer=True))


@pytest.mark.parametrize(
    ("model", "fields", "words"),
    [
        (User, {"name": "x"}, "Give an e-mail address or a phone number."),
        (
            Organisation,
            {"kind": OrganisationKind.COMPANY, "is_issuer": True},
            "Only institutions issue badges.",
        ),
        (
            Membership,
            {"starts_on": today(), "ends_on": today() - timedelta(days=1)},
            "The end must not be before the start.",
        ),
    ],
)
def test_the_words_of_constraints(db, model, fields, words):
    with pytest.raises(ValidationError) as error:
        model(**fields).validate_constraints()
    assert words in str(error.value)


def test_how_rows_read(cast):
    link, _token = link_for(cast.instructor)
    invitation, _token = invitation_into(cast.school, by=cast.actor("coordinator"))
    assert str(link) == "desk of Ines Instructor"
    assert str(invitation) == "new.person@example.org → Near School"
    assert str(Membership.objects.get(user=cast.teacher)) == "Tiina Teacher, Teacher, Near School"
    assert str(User(phone="+358401234567")) == "+358401234567"
    assert cast.teacher.get_full_name() == "Tiina Teacher"


def test_when_an_invitation_is_usable(cast):
    invitation, _token = invitation_into(cast.school, by=cast.actor("coordinator"))
    assert invitation.is_usable
    for change in (
        {"accepted_at": now()},
        {"withdrawn_at": now()},
        {"expires_at": now() - timedelta(seconds=1)},
    ):
        fresh = type(invitation).objects.get(pk=invitation.pk)
        for name, value in change.items():
            setattr(fresh, name, value)
        assert not fresh.is_usable, change


def test_the_audit_names_who_what_and_how_surely(cast):
    actor = cast.actor("coordinator")
    event = audit.record(by=actor, verb="tested", thing=cast.school, organisation=cast.school, n=1)
    event.refresh_from_db()
    assert (event.by, event.assurance, event.verb) == (cast.coordinator, 4, "tested")
    assert event.thing_type == "partners.organisation"
    assert event.thing_id == str(cast.school.public_id) and event.data == {"n": 1}
    assert event.at and event.organisation == cast.school


def test_a_deed_that_fails_leaves_no_trace(cast):
    before = AuditEvent.objects.count()
    with pytest.raises(NotAllowed):
        invitation_into(cast.school, by=cast.actor("teacher"))
    assert AuditEvent.objects.count() == before

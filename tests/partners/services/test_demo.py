"""The demo comes, may come again, and goes without a trace."""

import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password
from django.test import override_settings

from partners.enums import Role
from partners.models import AccessLink, Invitation, Membership, Organisation, Site, User
from partners.selectors.actors import actor_of
from partners.services import demo, demo_facts
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import NotAllowed


@pytest.fixture
def seeded(db):
    demo.seed(by=Actor.system())


def counts():
    models = (User, Organisation, Site, Membership, EmailAddress, Authenticator)
    return [model.objects.count() for model in models]


def test_seed_brings_the_institutions_and_companies(seeded):
    institutions = Organisation.objects.filter(kind="institution")
    assert {o.slug for o in institutions} == {
        "hamk",
        "tavastia",
        "eduko",
        "lasnamae",
        "vtdt",
        "firda",
    }
    assert not institutions.filter(is_demo=True).exists()
    companies = Organisation.objects.filter(kind="company")
    assert companies.count() == 15
    assert not companies.filter(is_demo=False).exists()
    by_country = {c: companies.filter(country=c).count() for c in ("FI", "EE", "LV", "NL")}
    assert by_country == {"FI": 5, "EE": 3, "LV": 3, "NL": 4}
    first = Organisation.objects.get(slug="demo-company-1")
    assert (first.display_name, first.registry_number) == ("Demo company 1", "DEMO-FI-0001")
    assert first.sites.get().capacity == 4


def test_the_facts_are_within_the_agreed_bounds():
    assert all(4 <= c.staff <= 600 and 1 <= c.capacity <= 6 for c in demo_facts.COMPANIES)
    assert [c.number for c in demo_facts.COMPANIES] == list(range(1, 16))


def test_demo_people_may_do_what_they_are(seeded):
    for one in demo.people():
        user = User.objects.get(email=one.email)
        actor = actor_of(user)
        assert user.is_demo and user.name == one.name and user.language == "en"
        assert actor.has_role(one.role)
        assert actor.organisation.slug == one.organisation
        assert EmailAddress.objects.get(user=user).verified
        assert user.has_usable_password() == (one.password is not None)
        with_code = Authenticator.objects.filter(user=user, type="totp").exists()
        assert with_code == (one.role in (Role.COORDINATOR, Role.PROJECT_ADMIN))
        assert with_code == (one.totp_secret is not None)
    leena = User.objects.get(email="leena.demo@example.org")
    assert check_password("demo-portal-2026", leena.password)


def test_names_with_accents_have_plain_addresses():
    addresses = {one.name: one.email for one in demo.people()}
    assert addresses["Päivi Demo"] == "paivi.demo@example.org"
    assert addresses["Kārlis Demo"] == "karlis.demo@example.org"
    assert all(address.isascii() for address in addresses.values())


def test_seeding_again_changes_nothing(seeded):
    before = counts()
    demo.seed(by=Actor.system())
    assert counts() == before


def test_seeding_is_quick(db):
    start = time.monotonic()
    demo.seed(by=Actor.system())
    assert time.monotonic() - start < 15


def test_editors_are_no_demo_and_cannot_sign_in(seeded):
    editors = demo.editors()
    assert not editors.is_demo and not editors.has_usable_password()
    assert actor_of(editors).organisation.slug == "hamk"


def test_no_open_secret_in_production(db):
    with override_settings(PRODUCTION=True):
        demo.seed(by=Actor.system())
    assert not Authenticator.objects.exists()


def test_remove_takes_the_demo_and_leaves_the_rest(seeded, cast):
    pekka = User.objects.get(email="pekka.demo@example.org")
    leena = User.objects.get(email="leena.demo@example.org")
    AccessLink.objects.create(person=pekka, token_hash="a" * 64, expires_at=now())
    Invitation.objects.create(
        organisation=Organisation.objects.get(slug="tavastia"),
        email="new@example.org",
        role=Role.TEACHER,
        token_hash="b" * 64,
        invited_by=leena,
        expires_at=now(),
    )
    demo.remove(by=Actor.system())
    assert not User.objects.filter(is_demo=True).exists()
    assert not Organisation.objects.filter(is_demo=True).exists()
    assert not AccessLink.objects.exists() and not Invitation.objects.exists()
    assert Organisation.objects.filter(slug="hamk").exists()
    assert User.objects.filter(pk=cast.teacher.pk).exists()
    assert demo.editors()


@pytest.mark.parametrize("deed", [demo.seed, demo.remove, demo.seed_institutions])
def test_people_cannot_seed_or_remove(cast, deed):
    with pytest.raises(NotAllowed):
        deed(by=cast.actor("admin"))

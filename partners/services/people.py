"""What people change about themselves, and how workplace people become known."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from partners.enums import Channel
from partners.models import Membership, Organisation, User
from partners.permissions import can_add_workplace_person
from partners.services import audit
from partners.services.addresses import parse_address, parse_phone
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed


def set_language(*, by: Actor, language: str) -> None:
    """Keeps the language of pages and messages in the account."""
    assert by.user is not None
    by.user.language = language
    by.user.save(update_fields=["language"])


@transaction.atomic
def change_profile(*, by: Actor, name: str, language: str, time_zone: str, phone: str = "") -> User:
    """Changes one's own name, language, time zone and phone number, and nothing else."""
    if by.user is None or by.is_read_only:
        raise NotAllowed("link_expired", _("Your personal link has expired. Ask for a new one."))
    person = User.objects.select_for_update().get(pk=by.user.pk)
    country = by.organisation.country if by.organisation else None
    phone = parse_phone(phone, country=country, field="phone") if phone.strip() else ""
    if not phone and not person.email:
        message = _("Without an e-mail address we need your phone number.")
        raise InvalidInput("unreachable", message, "phone")
    if not name.strip():
        raise InvalidInput("name_missing", _("Enter your name."), "name")
    person.name, person.language = name.strip(), language
    person.time_zone, person.phone = time_zone, phone
    person.save(update_fields=["name", "language", "time_zone", "phone"])
    audit.record(by=by, verb="profile_changed", thing=person)
    return person


@transaction.atomic
def find_or_create_person(
    *, name: str, email_or_phone: str, by: Actor, organisation: Organisation, role: str
) -> User:
    """The workplace person whom an address reaches, as a member of the company.

    Somebody who is known keeps their own name. Raises InvalidInput with the field `name` or
    `email_or_phone`, NotAllowed when `by` may not name people of this company.
    """
    if not can_add_workplace_person(by, organisation, role):
        raise NotAllowed("not_yours", _("You cannot name people of this company."))
    channel, address = parse_address(
        email_or_phone, country=organisation.country, field="email_or_phone"
    )
    person = person_at(channel, address)
    if person is None:
        person = _create_person(name, channel, address, organisation)
        audit.record(by=by, verb="person_created", thing=person, organisation=organisation)
    if not person.is_active:
        message = _("This person cannot use the portal any more. Name somebody else.")
        raise InvalidInput("person_inactive", message, "email_or_phone")
    join_organisation(person=person, organisation=organisation, role=role, by=by)
    return person


def person_at(channel: str, address: str) -> User | None:
    """The one person behind an address; with a shared phone, the one known longest."""
    if channel == Channel.EMAIL:
        return User.objects.filter(email__iexact=address).first()
    return User.objects.filter(phone=address).order_by("pk").first()


def join_organisation(
    *, person: User, organisation: Organisation, role: str, by: Actor
) -> tuple[Membership, bool]:
    """The person's current row for this role; made when there is none. Asks no permission."""
    membership, created = Membership.objects.get_or_create(
        user=person, organisation=organisation, role=role, ends_on=None
    )
    if created:
        audit.record(
            by=by,
            verb="membership_started",
            thing=membership,
            organisation=organisation,
            person=str(person.public_id),
            role=role,
        )
    return membership, created


def _create_person(name: str, channel: str, address: str, organisation: Organisation) -> User:
    name = name.strip()
    if not name:
        raise InvalidInput("name_missing", _("Enter the name of the person."), "name")
    if len(name) > 120:
        raise InvalidInput("name_long", _("Use at most 120 characters for the name."), "name")
    fields = {"name": name, "language": organisation_language(organisation)}
    try:
        with transaction.atomic():
            if channel == Channel.EMAIL:
                return User.objects.create_user(address, None, **fields)
            return User.objects.create_user("", None, phone=address, **fields)
    except IntegrityError:  # somebody named the same person a moment ago
        person = person_at(channel, address)
        if person is None:
            raise
        return person


def organisation_language(organisation: Organisation) -> str:
    """The language of first messages to somebody who has not chosen one."""
    languages = {"FI": "fi", "LV": "lv", "EE": "et", "NL": "nl"}
    return "en" if organisation.is_demo else languages.get(organisation.country, "en")

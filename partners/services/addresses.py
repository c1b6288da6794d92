"""E-mail addresses and phone numbers as people type them."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from partners.enums import Channel, Country
from techvet.errors import InvalidInput
from techvet.text import clean_text

DIAL_CODES = {Country.FI: "358", Country.LV: "371", Country.EE: "372", Country.NL: "31"}
# National numbers start with a 0 that falls away behind the country code; EE and LV have none.
_WITH_TRUNK_ZERO = (Country.FI, Country.NL)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164: at most 15 digits


def parse_address(
    text: str, *, country: str | None = None, field: str | None = None
) -> tuple[Channel, str]:
    """An e-mail address in lower case or a phone number in E.164.

    `country` completes a number that is written without its country code. Raises InvalidInput
    for anything else.
    """
    text = clean_text(text).strip()
    if "@" in text:
        return Channel.EMAIL, parse_email(text, field=field)
    return Channel.SMS, parse_phone(text, country=country, field=field)


def parse_email(text: str, *, field: str | None = None) -> str:
    email = clean_text(text).strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        message = _("Enter an e-mail address like name@example.org.")
        raise InvalidInput("email_invalid", message, field) from None
    if len(email) > 254:
        raise InvalidInput("email_invalid", _("This e-mail address is too long."), field)
    return email


def parse_phone(text: str, *, country: str | None = None, field: str | None = None) -> str:
    """The number with + and country code, without spaces."""
    number = re.sub(r"[\s().\-/]", "", clean_text(text))
    if number.startswith("00"):
        number = f"+{number[2:]}"
    elif number.startswith("0") and country in _WITH_TRUNK_ZERO:
        number = f"+{DIAL_CODES[Country(country)]}{number[1:]}"
    elif number.isascii() and number.isdigit() and country in (Country.EE, Country.LV):
        number = f"+{DIAL_CODES[Country(country)]}{number}"
    if not _E164.fullmatch(number):
        message = _(
            "Enter an e-mail address, or a phone number with its country code,"
            " for example +358 40 123 4567."
        )
        raise InvalidInput("phone_invalid", message, field)
    return number


def masked(address: str) -> str:
    """Enough of an address to recognise one's own, too little for anybody else."""
    if "@" in address:
        local, _at, domain = address.partition("@")
        return f"{local[:1]}•••@{domain}"
    return f"•••{address[-3:]}"

"""E-mail addresses and phone numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.enums import Channel
from partners.services.addresses import masked, parse_address, parse_email, parse_phone
from techvet.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("+358 40 123 4567", None, "+358401234567"),
        ("+358-40-123.4567", None, "+358401234567"),
        ("00358 (40) 1234567", None, "+358401234567"),
        ("040 123 4567", "FI", "+358401234567"),
        ("06 12345678", "NL", "+31612345678"),
        ("5123 4567", "EE", "+37251234567"),
        ("26 123 456", "LV", "+37126123456"),
    ],
)
def test_phone_numbers(typed, country, number):
    assert parse_phone(typed, country=country) == number
    assert parse_address(typed, country=country) == (Channel.SMS, number)


@pytest.mark.parametrize(
    "typed",
    ["", "040 123 4567", "12345", "+0401234567", "+" + "1" * 16, "call me", "+1\0", "٠٤٠١٢٣"],
)
def test_what_is_no_phone_number(typed):
    with pytest.raises(InvalidInput) as refusal:
        parse_phone(typed, field="phone")
    assert refusal.value.field == "phone" and "+358" in refusal.value.message


def test_email_addresses():
    assert parse_address(" Ines@Example.ORG ") == (Channel.EMAIL, "ines@example.org")


@pytest.mark.parametrize("typed", ["", "a@", "@b", "a b@c.org", "a@" + "b" * 300 + ".org"])
def test_what_is_no_email_address(typed):
    with pytest.raises(InvalidInput):
        parse_email(typed)


@given(st.text(max_size=300))
def test_any_text_is_parsed_or_refused(text):
    try:
        channel, address = parse_address(text)
    except InvalidInput:
        return
    assert ("@" in address) == (channel == Channel.EMAIL)


def test_masked():
    assert masked("ines@example.org") == "i•••@example.org"
    assert masked("+358401234567") == "•••567"

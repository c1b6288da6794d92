"""Errors carry a stable word and facts; their text is for logs."""

from badges.openbadges.errors import BadKey, BadProof, OpenBadgesError


def test_a_code_is_enough() -> None:
    error = BadProof("signature_differs")
    assert (error.code, error.facts, str(error)) == ("signature_differs", {}, "signature differs")


def test_facts_are_kept_and_shortened_in_the_text() -> None:
    error = OpenBadgesError("too_long", "a long value", value="x" * 500)
    assert error.facts == {"value": "x" * 500}
    assert str(error).startswith("a long value (value='xxx")
    assert len(str(error)) < 200


def test_all_kinds_are_of_one_family() -> None:
    assert issubclass(BadKey, OpenBadgesError)

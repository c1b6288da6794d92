"""Signed endorsements that stand inside a credential, an achievement or a profile.

Source: 1EdTech "Open Badges Specification 3.0", appendix B (endorsement, endorsementJwt) and B.7
(EndorsementCredential). An embedded endorsement keeps its own contexts and its own proof.
"""

from collections.abc import Collection
from typing import Any

from badges.openbadges.errors import BadValue
from badges.openbadges.gate import parse_json
from badges.openbadges.nodes import distinct
from badges.openbadges.structure import check_endorsement


def endorsement_members(
    endorsements: tuple[bytes, ...],
    tokens: tuple[str, ...],
    about: Collection[str],
) -> dict[str, Any]:
    """The members `endorsement` and `endorsementJwt`, or none of them; raises BadValue or BadProof.

    Each must be signed and must be about one of these ids. Whether the signature is right is
    checked when it is received, not here.
    """
    found: dict[str, Any] = {}
    if endorsements:
        found["endorsement"] = [
            _embedded(one, about) for one in distinct(endorsements, "endorsement")
        ]
    if tokens:
        found["endorsementJwt"] = [_token(one, about) for one in distinct(tokens, "endorsementJwt")]
    return found


def _embedded(content: bytes, about: Collection[str]) -> dict[str, Any]:
    document = parse_json(content)
    if not isinstance(document.get("proof"), dict):
        raise BadValue("unsigned_endorsement")
    _check_about(document, about)
    return document


def _token(token: str, about: Collection[str]) -> str:
    from badges.openbadges.jose import read_jwt_unverified  # it reads documents, which read this

    _check_about(read_jwt_unverified(token).claims, about)
    return token


def _check_about(document: dict[str, Any], about: Collection[str]) -> None:
    check_endorsement(document)
    subject = document["credentialSubject"]["id"]
    if subject not in about:
        raise BadValue("endorsement_of_something_else", subject=subject)

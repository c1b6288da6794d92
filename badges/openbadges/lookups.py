"""What verifying asks of the world around it; whoever verifies brings the answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from badges.openbadges.verify import KeyRecord


class Standing(StrEnum):
    """Who an issuer is to us."""

    PORTAL = "portal"  # one of this portal's own issuers
    LISTED = "listed"  # on the operator's list of trusted issuers
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What stands at an address: 200 and its content, or 410 for something taken away."""

    status: int
    content: bytes


class Lookups(Protocol):
    """Nothing here raises; what could not be found out is None."""

    def standing(self, issuer: str) -> Standing: ...

    def key(self, method: str) -> KeyRecord | None:
        """The key of one of the portal's own issuers, from its records."""
        ...

    def in_log(self, credential_id: str, proof_value: str) -> bool:
        """Whether the portal's own records hold exactly this signature."""
        ...

    def document(self, url: str) -> Fetched | None:
        """What stands at an https address, or at one of the portal's own."""
        ...

"""What goes into a credential, fixed before anything is signed."""

import hashlib

from badges.models import Award
from badges.services.documents import unsigned_credential


def freeze(award: Award) -> None:
    """Writes the bytes that will be signed, and their hash, into the award; does not save it."""
    award.unsigned = unsigned_credential(award)
    award.unsigned_sha256 = hashlib.sha256(award.unsigned.encode()).hexdigest()

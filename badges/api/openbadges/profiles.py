"""A person as a Profile (Open Badges 3.0), for programs that may read it."""

from typing import Any

from badges.models import Passport
from partners.models import User

CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]


def person_profile(person: User) -> dict[str, Any]:
    person.refresh_from_db()
    passport = Passport.objects.filter(person=person).first()
    found: dict[str, Any] = {
        "@context": CONTEXTS,
        "id": f"urn:uuid:{person.public_id}",
        "type": ["Profile"],
        "name": person.name,
    }
    if person.email:
        found["email"] = person.email
    if passport is not None and passport.about:
        found["description"] = passport.about
    return found

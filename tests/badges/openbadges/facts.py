"""A badge with every member that the portal writes, and the means to sign it, for tests."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from badges.openbadges.credential import (
    CredentialFacts,
    EvidenceFacts,
    RecipientFacts,
    StatusFacts,
    build_credential,
    hash_email,
)
from badges.openbadges.documents import (
    AchievementFacts,
    AlignmentFacts,
    IssuerFacts,
    Picture,
    serialise,
)
from badges.openbadges.keys import (
    KeyPair,
    KeyState,
    PublishedKey,
    decode_multikey,
    did_document,
    did_web,
)
from badges.openbadges.proof import LocalSigner, add_proof
from badges.openbadges.status_list import StatusListFacts, build_status_list_credential
from badges.openbadges.verify import KeyRecord, Verdict, verify_own

ORIGIN = "https://portal.example"
KEY = KeyPair.from_seed(bytes(range(32)))
OTHER_KEY = KeyPair.from_seed(bytes(range(32, 64)))
DID = did_web(ORIGIN, "hamk")
OTHER_DID = did_web(ORIGIN, "elsewhere")
ISSUED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NOW = ISSUED + timedelta(days=30)
LIST_URL = f"{ORIGIN}/status/1"
INDEX = 74_513
EMAIL = "liga@example.org"
SALT = "9f0c2ab6d4e84b6f"
SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"

ISSUER = IssuerFacts(
    did=DID,
    name="Häme University of Applied Sciences",
    url=f"{ORIGIN}/issuers/hamk",
    email="badges@example.org",
    description="Hämeen ammattikorkeakoulu",
    picture=Picture(id=f"{ORIGIN}/media/hamk.png", caption="The logo of HAMK"),
)
ACHIEVEMENT = AchievementFacts(
    id=f"{ORIGIN}/achievements/wgb-2",
    name="Workplace guidance basics, level 2",
    description="You plan, start and carry out the guidance of a student at work – every week.",
    criteria_narrative="1. Prepares the workplace and the team before day one\n2. Runs induction",
    criteria_id=f"{ORIGIN}/badges/wgb-2#criteria",
    picture=Picture(id=f"{ORIGIN}/media/wgb-2.png", caption="Hexagon with two stars"),
    alignments=(
        AlignmentFacts(
            target_name="instruct others",
            target_url="http://data.europa.eu/esco/skill/699e7c26-6502-4e78-a823-3656ff5a5b8b",
            target_framework="ESCO",
        ),
        AlignmentFacts(
            target_name="corporate trainer",
            target_url="http://data.europa.eu/esco/occupation/0ba06640-e0ac-4911-9e43-289a8e41651e",
            target_type="ext:Occupation",
            target_framework="ESCO",
            target_code="2424.1",
            target_description="A related occupation",
        ),
    ),
    tags=("guidance", "workplace"),
    creator=ISSUER,
    in_language="en",
    version="2",
    human_code="WGB-L2",
    field_of_study="0114",
    specialization="Workplace guidance",
)
FACTS = CredentialFacts(
    id=f"{ORIGIN}/credentials/3f0d6a43-9b9d-4d0b-bc74-5c1e0a6f7a11",
    issuer=ISSUER,
    recipient=RecipientFacts(
        id="urn:uuid:8f14e45f-ceea-467f-a8f5-7c3d4c5b2a90",
        identity_hash=hash_email(EMAIL, SALT),
        salt=SALT,
    ),
    achievement=ACHIEVEMENT,
    valid_from=ISSUED,
    valid_until=ISSUED.replace(year=2029),
    description="Given after review by a colleague of another organisation.",
    evidence=(
        EvidenceFacts(
            id=f"{ORIGIN}/evidence/1",
            name="Six weeks, confirmed",
            narrative="Feedback every Friday.",
            description="A placement in the portal",
            genre="Portfolio",
            audience="Reviewers",
        ),
        EvidenceFacts(narrative="A reflection of 300 words."),
    ),
    status=(StatusFacts(list_url=LIST_URL, index=INDEX),),
)


def signer(key: KeyPair = KEY, did: str = DID) -> LocalSigner:
    return LocalSigner(key, did)


def signed(facts: CredentialFacts = FACTS, **changes: Any) -> dict[str, Any]:
    """A signed badge; `changes` replace facts."""
    facts = replace(facts, **changes)
    return add_proof(build_credential(facts), signer(), facts.valid_from)


def resigned(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same document with other members, signed anew by the issuer; None removes a member."""
    kept = {**document, **changes}
    kept.pop("proof", None)
    kept = {name: value for name, value in kept.items() if value is not None}
    return add_proof(kept, signer(), ISSUED)


def status_list(
    *revoked: int, key: KeyPair = KEY, did: str = DID, signed_at: datetime = NOW, **changes: Any
) -> dict[str, Any]:
    """The signed list in which these indexes are set."""
    facts = StatusListFacts(
        url=LIST_URL,
        issuer=did,
        purpose="revocation",
        set_indexes=revoked,
        valid_from=signed_at - timedelta(hours=1),
        valid_until=signed_at + timedelta(days=7),
    )
    unsigned = build_status_list_credential(replace(facts, **changes))
    return add_proof(unsigned, signer(key, did), signed_at - timedelta(hours=1))


def published(*keys: KeyPair, did: str = DID) -> dict[str, Any]:
    """The DID document with these keys active."""
    return did_document(did, [PublishedKey(key.multikey, KeyState.ACTIVE) for key in keys or [KEY]])


def record(key: KeyPair = KEY, did: str = DID, **changes: Any) -> KeyRecord:
    known = KeyRecord(
        public_key=decode_multikey(key.multikey),
        controller=did,
        state=KeyState.ACTIVE,
        active_from=ISSUED - timedelta(days=100),
    )
    return replace(known, **changes)


@dataclass
class World:
    """What the verifier can look up: keys by verification method, lists by address."""

    keys: dict[str, KeyRecord] = field(
        default_factory=lambda: {signer().verification_method: record()}
    )
    lists: dict[str, bytes] = field(default_factory=lambda: {LIST_URL: serialise(status_list(7))})

    def verify(self, credential: dict[str, Any] | bytes, **named: Any) -> Verdict:
        content = credential if isinstance(credential, bytes) else serialise(credential)
        given: dict[str, Any] = {
            "key": self.keys.get,
            "status_list": self.lists.get,
            "now": NOW,
            **named,
        }
        return verify_own(content, **given)


def spec(path: str) -> Path:
    """A file of the standards' test data, which stands beside the project and not inside it."""
    found = SPECS / path
    if not found.exists():
        pytest.skip(f"The standards' test data ({path}) is not beside the project.")
    return found

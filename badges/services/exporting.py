"""Everything of a person as one ZIP that proves itself without the portal and without a network.

Written while it is sent: only one member at a time is in memory, so the number of badges sets the
time (about 0.2 s each) and not the size in memory. `index.json` tells which file answers for
which address, so that a verifier finds keys, lists and contexts in the archive alone.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from badges.enums import AwardState, CredentialForm
from badges.models import Award, BackpackCredential, StatusList
from badges.openbadges.baking import Generation
from badges.openbadges.contexts import PINNED, read_pinned
from badges.openbadges.errors import OpenBadgesError
from badges.selectors.issuers import did_of
from badges.services import documents, ob2_documents
from badges.services.baked import FORMS, baked_picture
from badges.services.certificates import certificate_pdf
from badges.services.did import did_document
from badges.services.key_log import log_document
from partners.models import Organisation, User
from techvet.clock import now

STORED_ALREADY = (".png", ".pdf")  # compressed by their own format
Member = tuple[str, bytes]


class _Outlet(io.RawIOBase):
    """Takes what the ZIP writer writes and gives it away in pieces; cannot be read or sought."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written += data
        return len(data)

    def take(self) -> bytes:
        piece = bytes(self.written)
        self.written.clear()
        return piece


def archive_of(*, person: User, language: str) -> Iterator[bytes]:
    """The ZIP in pieces, one for each member and one for the end."""
    outlet = _Outlet()
    moment = now().timetuple()[:6]
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[call-overload]
        for name, content in members_of(person=person, language=language):
            info = zipfile.ZipInfo(name, moment)
            info.external_attr = 0o644 << 16
            is_packed = not name.endswith(STORED_ALREADY)
            info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
            archive.writestr(info, content)
            yield outlet.take()
    yield outlet.take()


def members_of(*, person: User, language: str) -> Iterator[Member]:
    """Names and contents, the reading first and the index last."""
    index: dict[str, str] = {}
    awards = _awards(person)
    yield "README.txt", _readme(person, language, len(awards))
    issuers: dict[int, Organisation] = {}
    lists: set[int] = set()
    for number, award in enumerate(awards, 1):
        folder = f"badges/{number:03}-{award.version.achievement.code.lower()}"
        yield from _of_award(award, folder, language, index)
        issuers.setdefault(award.issuer_id, award.issuer)
        lists.add(award.status_list_id)
    yield from _kept_elsewhere(person, index)
    for issuer in issuers.values():
        yield from _of_issuer(issuer, index)
    yield from _status_lists(lists, index)
    for url, (file_name, _sha256) in PINNED.items():
        index[url] = f"contexts/{file_name}"
        yield index[url], read_pinned(url)
    facts = {
        "made": now().isoformat(timespec="seconds"),
        "portal": settings.PORTAL_ORIGIN,
        "files": index,
    }
    yield "index.json", _json(facts)


def _awards(person: User) -> list[Award]:
    found = Award.objects.filter(recipient=person, state=AwardState.ISSUED)
    return list(
        found.select_related(
            "version__achievement", "version__creator", "issuer", "credential", "recipient"
        )
        .prefetch_related("version__criteria")
        .order_by("issued_at", "pk")
    )


def _of_award(award: Award, folder: str, language: str, index: dict[str, str]) -> Iterator[Member]:
    def known(url: str, name: str) -> str:
        index[url] = f"{folder}/{name}"
        return index[url]

    credential = award.credential
    yield known(documents.credential_address(award), "credential.json"), credential.body.encode()
    if credential.jwt:
        yield f"{folder}/credential.jwt", credential.jwt.encode()
    for generation, stem in (
        (Generation.OPEN_BADGES_3, "badge"),
        (Generation.OPEN_BADGES_2, "badge-ob2"),
    ):
        for form in FORMS:
            made = _baked(award, form, generation)
            if made:
                yield f"{folder}/{stem}.{form}", made
    if not ob2_documents.is_withheld(award):
        yield f"{folder}/certificate.pdf", certificate_pdf(award=award, language=language)
    assertion = ob2_documents.assertion_document(award)
    if assertion is not None:
        yield known(ob2_documents.assertion_address(award), "assertion-ob2.json"), _json(assertion)
    yield (
        known(
            ob2_documents.badge_class_address(award.version, award.issuer), "badgeclass-ob2.json"
        ),
        _json(ob2_documents.badge_class_document(award.version, award.issuer)),
    )
    yield (
        known(documents.achievement_address(award.version), "achievement.json"),
        _json(documents.achievement_document(award.version)),
    )


def _baked(award: Award, form: str, generation: Generation) -> bytes | None:
    """A picture that cannot hold a credential is no reason to withhold the rest."""
    try:
        return baked_picture(award=award, form=form, generation=generation)
    except OpenBadgesError:
        return None


def _kept_elsewhere(person: User, index: dict[str, str]) -> Iterator[Member]:
    """Badges of other issuers that the person keeps here, as they came."""
    kept = BackpackCredential.objects.filter(person=person).order_by("received_at", "pk")
    for number, one in enumerate(kept, 1):
        ending = "jwt" if one.form == CredentialForm.JWT else "json"
        index[one.credential_id] = f"kept/{number:03}.{ending}"
        yield index[one.credential_id], one.body.encode()


def _of_issuer(issuer: Organisation, index: dict[str, str]) -> Iterator[Member]:
    folder = f"issuers/{issuer.slug}"
    index[did_of(issuer)] = f"{folder}/did.json"
    yield f"{folder}/did.json", did_document(issuer)
    index[f"{did_of(issuer)}#log"] = f"{folder}/keys.json"
    yield f"{folder}/keys.json", _json(log_document(issuer))
    yield f"{folder}/profile.json", _json(documents.issuer_document(issuer))
    index[ob2_documents.issuer_address(issuer)] = f"{folder}/issuer-ob2.json"
    yield f"{folder}/issuer-ob2.json", _json(ob2_documents.issuer_document(issuer))
    yield f"{folder}/revocations-ob2.json", _json(ob2_documents.revocations_document(issuer))


def _status_lists(sources: set[int], index: dict[str, str]) -> Iterator[Member]:
    """The lists as they are signed today, with those that follow them (suspension)."""
    for one in StatusList.objects.filter(Q(pk__in=sources) | Q(source__in=sources)).order_by("pk"):
        if one.body:
            url = documents.status_list_address(one)
            index[url] = f"status/{one.public_id}.json"
            yield index[url], one.body.encode()


def _readme(person: User, language: str, count: int) -> bytes:
    with translation.override(language):
        text = render_to_string(
            "badges/everything_readme.txt",
            {"person": person, "count": count, "origin": settings.PORTAL_ORIGIN, "made": now()},
        )
    return text.encode()


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()

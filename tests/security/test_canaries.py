"""Each private text is a word found nowhere else; every page is read by everybody.

Where a word turns up is compared with where it may, in both directions: a page that shows nobody
anything would pass otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.urls import get_resolver, reverse

from partners.models import AuditEvent, OutgoingMessage
from techvet.routes import all_routes
from tests.security.scene import (
    BAIT,
    CANARIES,
    PHONES,
    PRINCIPALS,
    Scene,
    address,
    fingerprint,
    read,
    undone,
)

STAFF_HERE = "Te Ts Co Ad"
CONTACTS = "Te Ts Tf In Is Ma Co Cf Ad"  # workplaces' people, and the staff of all schools
SEEN_BY = {
    "line": "St Te In Co",
    "goal": "St Te In Ma Co",
    "weekreason": "St Te In Co",
    "evidencedraft": "Te Ts",  # the colleague who was asked to read the draft
    "evidencesent": "Te Co",
    "filename": "Te Ts",
    "filebytes": "Te",
    "marknote": "Co",  # until the decision it is the reviewer's own
    "returnnote": "Te",
    "revocation": "Te Co",
    "draftbody": "Te",
    "checkbody": "Te Ts Tf Co Cf",
    "checknote": "Te",
    "attachment": "Te",
    "invited": "Co Ad",
    "listed": "Co",
}
ADDRESSES = {
    PHONES["student"]: f"St {STAFF_HERE}",
    PHONES["teacher"]: STAFF_HERE,
    PHONES["instructor"]: CONTACTS,
    "saara.student@example.org": f"St {STAFF_HERE}",
    "otso.student@example.org": f"So {STAFF_HERE}",
    "ines.instructor@example.org": CONTACTS,
    "felix.teacher@example.org": "Tf Cf Ad",
    "lauri.leaver@example.org": "Le",
}
LETTERS_TO = {"weekreason": "St", "returnnote": "Te", "checknote": "Te", "revocation": "Te"}
# What the addresses with an id are asked with; none of them works for the tokens.
THINGS = {
    "achievement_document": ["version"],
    "achievement_endorse": ["free"],
    "application_revision": ["waiting/1", "back/1"],
    "award_ask": ["award"],
    "award_endorse": ["award"],
    "award_renew": ["award"],
    "editor_alignments": ["own_draft"],
    "editor_criteria": ["own_draft"],
    "editor_criterion": ["own_draft/own_criterion"],
    "editor_frame": ["own_draft"],
    "editor_picture": ["own_draft"],
    "editor_pilot": ["own_pilot"],
    "editor_preview": ["own_draft"],
    "editor_show": ["own_draft", "own_pilot"],
    "editor_texts": ["own_draft"],
    "endorsement_document": ["voice"],
    "endorsement_show": ["asked_voice", "voice"],
    "issuer_endorse": ["=near-school"],
    "peer_ask": ["draft"],
    "peer_feedback": ["feedback"],
    "plan_write": ["draft"],
    "quiz_result": ["attempt"],
    "quiz_show": ["free"],
    "status_list_version": ["status_list/1"],
    "achievement_picture": ["version/svg"],
    "achievement_show": ["free"],
    "api_material": ["slug"],
    "application_check": ["draft", "waiting", "back"],
    "application_show": ["draft", "waiting", "back"],
    "attachment_show": ["attachment", "public_attachment"],
    "award_certificate": ["award", "revoked_award"],
    "award_picture": ["award/svg", "award/png"],
    "award_picture_ob2": ["award/svg", "award/png"],
    "award_progress": ["queued_award"],
    "award_revoke": ["award", "revoked_award"],
    "award_share": ["award", "revoked_award"],
    "award_show": ["award", "revoked_award", "queued_award"],
    "award_suspend": ["award", "revoked_award"],
    "batch_awards": ["running_batch"],
    "batch_columns": ["batch", "running_batch"],
    "batch_faults": ["batch"],
    "batch_progress": ["batch", "running_batch"],
    "batch_revoke": ["batch"],
    "batch_row": ["batch/3"],
    "batch_show": ["batch", "running_batch"],
    "credential_document": ["award", "revoked_award"],
    "credential_token": ["award"],
    "did_document": ["=near-school"],
    "key_log": ["=near-school"],
    "diary_write": ["running"],
    "evidence_edit": ["draft/1", "draft/2", "back/1"],
    "evidence_file": ["evidence"],
    "goal_add": ["running"],
    "instructor_change": ["running"],
    "invitation_accept": ["=nothing"],
    "issuer_document": ["=near-school"],
    "issuer_key": ["=near-school/=key-2"],
    "issuer_show": ["=near-school"],
    "link_open": ["=nothing"],
    "material_card": ["slug"],
    "material_check": ["material", "in_check"],
    "material_draft": ["material", "in_check", "returned_material"],
    "material_edit": ["material", "returned_material"],
    "material_retire": ["material"],
    "material_show": ["slug"],
    "material_version": ["slug/1"],
    "membership_end": ["student_role"],
    "ob2_assertion": ["award", "revoked_award"],
    "ob2_badge_class": ["version"],
    "ob2_issuer": ["=near-school"],
    "ob2_issuer_badge_class": ["=near-school/version"],
    "ob2_revocations": ["=near-school"],
    "organisation_show": ["=near-school", "=near-company"],
    "passport_show": ["public_passport", "private_passport"],
    "photo_show": ["photo"],
    "placement_accept": ["logged"],
    "placement_cancel": ["running"],
    "placement_confirm": ["proposed"],
    "placement_decline": ["logged"],
    "placement_show": ["running", "logged"],
    "review_open": ["waiting/=nothing"],
    "review_people": ["waiting"],
    "review_show": ["draft", "waiting", "back"],
    "status_list_document": ["status_list"],
    "week_confirm": ["week"],
    "week_return": ["week"],
    "week_show": ["week", "returned_week"],
}
MORE = (
    "people_list?at=near-school",
    "people_list?at=near-company",
    "people_list?at=far-school",
    f"materials_list?q={BAIT}",
    f"api_materials?q={BAIT}",
    "placements_list?q=Saara",
    "placements_list?need=returned",
    "placement_propose?company=near-company",
    "review_queue?mine=on",
)
# Public, and made without asking who reads: two readers stand for all.
ALIKE = {
    "achievement_document",
    "achievement_picture",
    "achievements_api",
    "api_material",
    "api_materials",
    "award_picture",
    "award_picture_ob2",
    "credential_document",
    "credential_token",
    "did_document",
    "home",
    "invitation_accept",
    "issuer_document",
    "issuer_key",
    "issuer_show",
    "key_log",
    "link_open",
    "link_resend",
    "material_card",
    "material_version",
    "ob2_assertion",
    "ob2_badge_class",
    "ob2_issuer",
    "ob2_issuer_badge_class",
    "ob2_revocations",
    "organisations_list",
    "set_language",
    "status_list_document",
    "verify",
    "verify_api",
}
# Words only, the same for everybody.
STILL = {"about", "accessibility", "glossary", "healthz", "privacy", "readyz", "styleguide"}


def addresses(scene: Scene) -> Iterator[str]:
    return (url for _name, url in named_addresses(scene))


def named_addresses(scene: Scene) -> Iterator[tuple[str, str]]:
    for route in all_routes():
        if route.access == "by allauth" or route.name in STILL:
            continue
        if "<" not in route.path:
            yield route.name, f"/{route.path}"
            continue
        for names in THINGS.get(route.name, []):
            arguments = [_argument(scene, one) for one in names.split("/")]
            yield route.name, reverse(route.name, args=arguments)
    for asked in MORE:
        yield asked.partition("?")[0], address(asked)


def readers(name: str, among: Iterable[str] = PRINCIPALS) -> list[str]:
    return [short for short in among if name not in ALIKE or short in ("Co", "An")]


def _argument(scene: Scene, name: str) -> Any:
    if name.startswith("=") or name in ("svg", "png") or name.isdigit():
        return name.removeprefix("=")
    return scene.ids[name]


def crawl(scene: Scene) -> tuple[dict[str, set[str]], list[Any]]:
    """Who met which words, and what broke."""
    words = {word.encode(): name for name, word in CANARIES.items()}
    words |= {word.encode(): word for word in ADDRESSES}
    met: dict[str, set[str]] = defaultdict(set)
    broken: list[Any] = []
    for name, url in named_addresses(scene):
        for short in readers(name):
            with undone():
                response = scene.clients[short].get(url)
                content = read(response)
            if response.status_code == 405:
                break
            if response.status_code >= 500:
                broken.append((url, short, response.status_code))
            content += repr(response.headers).encode()
            for word, kind in words.items():
                if word in content:
                    met[kind].add(short)
    return met, broken


@pytest.mark.timeout(300)
def test_every_word_is_met_by_those_it_is_for_and_by_nobody_else(
    scene: Scene, plain_refusals: None
) -> None:
    before = fingerprint()
    met, broken = crawl(scene)
    assert broken == []
    expected = {name: set(who.split()) for name, who in (SEEN_BY | ADDRESSES).items()}
    assert dict(met) == expected
    assert fingerprint() == before  # reading changes nothing
    assert set().union(*expected.values()) <= set(PRINCIPALS)


def test_what_the_crawl_leaves_out_cannot_be_opened() -> None:
    views = dict(_views(get_resolver().url_patterns))
    for route in all_routes():
        if route.access == "by allauth" or "<" not in route.path or route.name in THINGS:
            continue
        response = views[route.name].__wrapped__(RequestFactory().get("/"))
        assert response.status_code == 405, route.name


def _views(patterns: list[Any]) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _views(pattern.url_patterns)
        else:
            yield pattern.name, pattern.callback


def test_letters_carry_a_private_word_only_to_the_one_it_was_written_for(scene: Scene) -> None:
    readers = {scene.person(short).pk: short for short in PRINCIPALS if PRINCIPALS[short]}
    for name, word in CANARIES.items():
        letters = OutgoingMessage.objects.filter(body__contains=word)
        letters |= OutgoingMessage.objects.filter(subject__contains=word)
        to = {readers[letter.recipient_id] for letter in letters}
        assert to <= set(LETTERS_TO.get(name, "").split()), name


def test_the_record_of_what_happened_repeats_no_private_word(scene: Scene) -> None:
    written = " ".join(str(row) for row in AuditEvent.objects.values_list())
    assert AuditEvent.objects.count() > 20
    for word in (*CANARIES.values(), *ADDRESSES):
        assert word not in written


def test_what_is_signed_names_the_earner_and_no_address(scene: Scene) -> None:
    """A credential travels: nothing private of the application is in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM badges_credential")
        bodies = " ".join(row[0] for row in cursor.fetchall())
    assert "urn:" in bodies or "did:" in bodies
    for word in (*CANARIES.values(), *ADDRESSES, "@example.org"):
        assert word not in bodies

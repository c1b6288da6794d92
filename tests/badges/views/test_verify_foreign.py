"""The page for badges of other issuers: what people read, and what nobody can make it do."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from badges.openbadges.baking import bake_svg
from badges.openbadges.jwk import KeyAlgorithm, generate_private_key
from badges.services import verify_limits
from badges.services.verify_world import forget_fetched
from techvet.http import Answer, Unreachable
from tests.badges.openbadges.facts import (
    EMAIL,
    INDEX,
    LIST_URL,
    NOW,
    published,
    signed,
    status_list,
)
from tests.badges.openbadges.foreign_facts import DID_URL, Elsewhere, published_jwk, token_of
from tests.badges.openbadges.test_endorsement_embedded import ENDORSED, ENDORSER
from tests.badges.openbadges.test_verify_foreign_lists import ENDORSER_URL, OTHER_KEY

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"></svg>'
UNKNOWN = "Valid, issuer unknown"


@pytest.fixture(autouse=True)
def world(db, monkeypatch):
    """The internet, for tests."""
    world = Elsewhere()

    def fetch(url, **named):
        found = world.document(url)
        if found is None:
            raise Unreachable
        return Answer(found.status, found.content, "application/json", url)

    monkeypatch.setattr("badges.services.verify_world.http.fetch", fetch)
    monkeypatch.setattr("badges.services.verifying.database_now", lambda: NOW)
    forget_fetched()
    return world


def verdict(given="", **more):
    text = given if isinstance(given, str) else json.dumps(given)
    answer = Client().post("/verify/", {"text": text, **more})
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


# ------------------------------------------------------------- what people read
def test_valid_with_an_unknown_issuer():
    html = verdict(signed(), email=EMAIL)
    assert UNKNOWN in html
    assert "we know the issuer" not in html
    assert "The issuer calls itself" in html
    assert "Häme University of Applied Sciences" in html
    assert html.count('<li class="check-') == 7
    assert "Given to the person with this e-mail address." in html
    assert "<details>" in html
    assert "signature_matches" in html
    assert "Whether the person before you is the earner is not checked." in html


def test_by_its_address_in_the_query_and_in_the_field(world):
    address = "https://school.example/badge.json"
    world.documents[address] = signed()
    assert UNKNOWN in verdict(address)
    assert UNKNOWN in Client().get("/verify/", {"badge": address}).content.decode()


def test_a_picture_and_a_token(world):
    picture = bake_svg(SVG, json.dumps(signed()))
    assert UNKNOWN in verdict(file=SimpleUploadedFile("badge.svg", picture))
    private = generate_private_key(KeyAlgorithm.P256)
    world.documents[DID_URL] = published_jwk(private)
    forget_fetched()
    token = token_of(private, status=())
    assert UNKNOWN in verdict(token)
    assert UNKNOWN in verdict(file=SimpleUploadedFile("badge.jwt", token.encode()))


def test_revoked_and_changed(world):
    world.documents[LIST_URL] = status_list(INDEX)
    html = verdict(signed())
    assert "The issuer has revoked this badge." in html
    assert "Do not rely on this badge." in html
    changed = verdict({**signed(), "name": "Gold", "description": "Master of everything"})
    assert "something was changed after signing" in changed
    facts = changed.partition("</form>")[0].partition('<form class="form"')[0]
    assert "Häme University" not in facts  # nothing of a changed badge is shown as a fact


def test_endorsements_by_name(world):
    world.documents[ENDORSER_URL] = published(OTHER_KEY, did=ENDORSER.did)
    html = verdict(signed(ENDORSED))
    assert "Endorsed, and each one is genuine:" in html
    assert html.count(f"<bdi>{ENDORSER.name}</bdi>") == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cryptosuite": "ecdsa-sd-2023"}, "does not check: ecdsa-sd-2023."),
        ({"type": "Ed25519Signature2020"}, "does not check: Ed25519Signature2020."),
        ({"cryptosuite": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
def test_what_we_do_not_check_is_named(change, words):
    document = signed()
    document["proof"].update(change)
    html = verdict(document)
    assert "Could not be checked" in html
    assert words in html
    assert "<script>alert" not in html


def test_markup_in_a_foreign_badge_is_text():
    did = signed()["issuer"]["id"]
    document = {**signed(), "issuer": {"id": did, "name": "<img src=x onerror=alert(1)>"}}
    assert "<img src=x" not in verdict(document)


def test_the_input_is_kept():
    html = verdict(signed(), email="a@example.org")
    assert "&quot;OpenBadgeCredential&quot;" in html
    assert 'value="a@example.org"' in html


# ------------------------------------------------------------- limits
def test_too_many_in_a_minute_is_said_in_words(monkeypatch):
    monkeypatch.setattr(verify_limits, "MOST_FOREIGN", 1)
    client = Client()
    assert client.post("/verify/", {"text": json.dumps(signed())}).status_code == 200
    answer = client.post("/verify/", {"text": json.dumps(signed())})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    html = answer.content.decode()
    assert "Wait a minute, then try again." in html
    assert "&quot;OpenBadgeCredential&quot;" in html
    data = json.dumps({"credential": signed()})
    api = client.post("/api/v1/verify/", data, content_type="application/json")
    assert (api.status_code, api.json()["code"]) == (429, "too_many")
    assert int(api["Retry-After"]) > 0


def test_when_several_are_being_checked(monkeypatch):
    monkeypatch.setattr(verify_limits, "_take_place", lambda: None)
    answer = Client().post("/verify/", {"text": json.dumps(signed())})
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert "Try again in a few seconds." in answer.content.decode()


# ------------------------------------------------------------- for programs
def test_the_api_has_the_same_codes():
    data = json.dumps({"credential": signed(), "email": EMAIL})
    found = Client().post("/api/v1/verify/", data, content_type="application/json").json()
    assert (found["outcome"], found["issuer_standing"]) == ("valid_issuer_unknown", "unknown")
    assert (found["badge"], found["issuer"]) == (None, None)
    assert found["claims"]["issuer"] == "Häme University of Applied Sciences"
    assert {one["name"]: one["code"] for one in found["checks"]} == {
        "format": "well_formed",
        "proof": "signature_matches",
        "issuer": "issuer_controls_key",
        "dates": "in_period",
        "status": "not_revoked",
        "recipient": "email_matches",
        "endorsements": "no_endorsements",
    }


# ------------------------------------------------------------- on the command line
def run(path, capsys, *more):
    """The exit code and what was printed."""
    try:
        call_command("verify_file", str(path), *more)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, capsys.readouterr().out


def test_a_file_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "badge.json"
    path.write_text(json.dumps(signed()), encoding="utf-8")
    code, out = run(path, capsys, "--email", EMAIL)
    assert code == 0
    assert out.startswith("valid_issuer_unknown\n")
    assert len(out.splitlines()) == 8
    offline, out = run(path, capsys, "--offline")
    assert (offline, out.splitlines()[0]) == (2, "could_not_be_checked")
    path.write_text(json.dumps({**signed(), "name": "Gold"}), encoding="utf-8")
    changed, out = run(path, capsys)
    assert (changed, out.splitlines()[0]) == (1, "not_valid")


def test_a_file_with_endorsements(tmp_path, capsys, world):
    world.documents[ENDORSER_URL] = published(OTHER_KEY, did=ENDORSER.did)
    path = tmp_path / "badge.json"
    path.write_text(json.dumps(signed(ENDORSED)), encoding="utf-8")
    code, out = run(path, capsys)
    assert (code, out.count(ENDORSER.name)) == (0, 3)


def test_standard_input(monkeypatch, capsys):
    import io
    import types

    given = types.SimpleNamespace(buffer=io.BytesIO(json.dumps(signed()).encode()))
    monkeypatch.setattr("badges.management.commands.verify_file.sys.stdin", given)
    assert run("-", capsys)[0] == 0


def test_no_file_and_too_large_a_file(tmp_path):
    with pytest.raises(CommandError) as missing:
        call_command("verify_file", str(tmp_path / "nothing.json"))
    assert missing.value.returncode == 2
    large = tmp_path / "large.json"
    large.write_bytes(b"{" + b" " * 300_000)
    with pytest.raises(CommandError):
        call_command("verify_file", str(large))

"""A program registers itself, a person lets it in, and can throw it out again."""

import json

import pytest
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.test import Client

from badges.api.openbadges.scopes import CREDENTIAL_READ, OFFLINE, PROFILE_READ, SCOPES
from partners.models import AuditEvent
from tests.badges.api_openbadges.conftest import (
    AUTHORIZE,
    CALLBACK,
    CREDENTIALS,
    PROFILE,
    REGISTER,
    register,
)

pytestmark = pytest.mark.django_db


def test_programs_find_everything_by_discovery(client) -> None:
    found = client.get("/ims/ob/v3p0/discovery")
    assert found.status_code == 200
    assert found["Access-Control-Allow-Origin"] == "*"
    scheme = found.json()["components"]["securitySchemes"]["OAuth2ACG"]
    flow = scheme["flows"]["authorizationCode"]
    assert set(flow["scopes"]) == set(SCOPES)
    metadata = client.get("/.well-known/openid-configuration").json()
    assert metadata["authorization_endpoint"].endswith(AUTHORIZE)
    assert flow["tokenUrl"].endswith(
        metadata["token_endpoint"].partition("://")[2].partition("/")[2]
    )
    assert scheme["x-imssf-registrationUrl"].endswith(REGISTER)
    assert metadata["scopes_supported"] == list(SCOPES)
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert "device_authorization_endpoint" not in metadata
    assert client.get("/.well-known/oauth-authorization-server").json() == metadata


@pytest.mark.parametrize("path", ["device/code", "userinfo"])
def test_what_is_not_offered_does_not_answer(client, path) -> None:
    assert client.get(f"/identity/o/api/{path}").status_code == 404


def test_registering_without_scopes_offers_all_of_them() -> None:
    response = register()
    assert set(response.json()["scope"].split()) == set(SCOPES)


@pytest.mark.parametrize(
    "metadata",
    [
        {"client_name": ""},
        {"client_name": "<b>"},
        {"scope": "openid"},
        {"scope": f"{CREDENTIAL_READ} admin"},
        {"grant_types": ["client_credentials"]},
        {"response_types": ["token"]},
        {"redirect_uris": []},
        {"redirect_uris": ["http://wallet.example/callback"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://*.example/callback"]},
        {"redirect_uris": ["https://wallet.example/#part"]},
        {"redirect_uris": ["https://wallet.example/" + "x" * 600]},
        {"redirect_uris": [f"https://wallet.example/{number}" for number in range(11)]},
        {"redirect_uris": "https://wallet.example/"},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_program_that_cannot_be_trusted_is_not_registered(metadata) -> None:
    assert register(**metadata).status_code == 400
    assert not OAuthClient.objects.exists()


@pytest.mark.parametrize("uri", ["http://127.0.0.1:4711/back", "org.example.wallet:/back"])
def test_apps_on_phones_and_desktops_may_register(uri) -> None:
    assert register(redirect_uris=[uri]).status_code == 201


@pytest.mark.parametrize("body", [b"", b"[]", b"\x00", b'{"redirect_uris": {"a": 1}}'])
def test_a_senseless_registration_is_refused(client, body) -> None:
    response = client.post(REGISTER, body, content_type="application/json")
    assert response.status_code == 400


def test_consent_names_the_program_and_every_permission(program, cast, as_user) -> None:
    page, _verifier = program.ask(as_user(cast.teacher), " ".join(SCOPES))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Demo wallet" in text
    for words in SCOPES.values():
        assert str(words) in text
    # the browser may follow the answer to the program's address and nowhere else
    assert "form-action 'self' https://wallet.example" in page["Content-Security-Policy"]


def test_who_is_not_signed_in_signs_in_first(program, client) -> None:
    response, _verifier = program.ask(client, CREDENTIAL_READ)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")


def test_the_whole_way_to_a_token(program, cast, as_user) -> None:
    browser = as_user(cast.teacher)
    page, verifier = program.ask(browser, f"{PROFILE_READ} {OFFLINE}")
    answer = program.answer(browser, page)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{CALLBACK}?")
    assert "state=as-sent" in answer["Location"]
    assert program.redeem(answer["Location"], verifier).status_code == 200
    assert program.get(PROFILE).json()["name"] == cast.teacher.name
    old = program.token
    assert (
        program.exchange(grant_type="refresh_token", refresh_token=program.refresh).status_code
        == 200
    )
    assert program.token != old
    assert program.get(PROFILE).status_code == 200


def test_saying_no_gives_nothing(program, cast, as_user) -> None:
    browser = as_user(cast.teacher)
    page, _verifier = program.ask(browser, CREDENTIAL_READ)
    answer = program.answer(browser, page, action="cancel")
    assert "error=access_denied" in answer["Location"]
    assert not Token.objects.exists()


def test_a_permission_can_be_left_out(program, cast, as_user) -> None:
    browser = as_user(cast.teacher)
    page, verifier = program.ask(browser, f"{PROFILE_READ} {CREDENTIAL_READ}")
    answer = program.answer(browser, page, scopes=[PROFILE_READ])
    program.redeem(answer["Location"], verifier)
    assert program.get(PROFILE).status_code == 200
    refused = program.get(CREDENTIALS)
    assert refused.status_code == 403
    minor = refused.json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]
    assert minor["imsx_codeMinorFieldValue"] == "forbidden"


@pytest.mark.parametrize("verifier", ["", "x" * 64])
def test_a_stolen_code_is_worth_nothing(program, cast, as_user, verifier) -> None:
    browser = as_user(cast.teacher)
    page, _right = program.ask(browser, CREDENTIAL_READ)
    answer = program.answer(browser, page)
    assert program.redeem(answer["Location"], verifier).status_code == 400
    assert program.token == ""


def test_another_address_than_the_registered_one_is_refused_on_our_page(
    program, cast, as_user
) -> None:
    response = as_user(cast.teacher).get(
        AUTHORIZE,
        {
            "client_id": program.client_id,
            "response_type": "code",
            "redirect_uri": "https://evil.example/",
            "scope": CREDENTIAL_READ,
        },
    )
    assert response.status_code == 400
    assert "This program cannot be connected" in response.content.decode()


@pytest.mark.parametrize("client_id", ["", "unknown", "\x00", "x" * 500])
def test_an_unknown_program_gets_a_page_in_plain_words(cast, as_user, client_id) -> None:
    response = as_user(cast.teacher).get(
        AUTHORIZE, {"client_id": client_id, "response_type": "code"}
    )
    assert response.status_code == 400


def test_without_a_token_the_refusal_is_spelt_as_specified(client) -> None:
    for path in (CREDENTIALS, PROFILE):
        refused = client.get(path)
        assert refused.status_code == 401
        assert refused["WWW-Authenticate"] == "Bearer"
        assert refused.json()["imsx_codeMajor"] == "failure"


def test_a_person_sees_and_ends_what_programs_may_do(connected, cast, as_user) -> None:
    browser = as_user(cast.teacher)
    text = browser.get("/connected-apps/").content.decode()
    assert "Demo wallet" in text
    assert str(SCOPES[CREDENTIAL_READ]) in text
    ended = browser.post("/connected-apps/disconnect/", {"client": connected.client_id})
    assert ended.status_code == 302
    assert connected.get(CREDENTIALS).status_code == 401
    again = connected.exchange(grant_type="refresh_token", refresh_token=connected.refresh)
    assert again.status_code >= 400
    assert AuditEvent.objects.filter(verb="app_disconnected").count() == 1
    assert "No program is connected" in browser.get("/connected-apps/").content.decode()


def test_disconnecting_is_for_oneself(connected, cast, as_user) -> None:
    as_user(cast.coordinator).post("/connected-apps/disconnect/", {"client": connected.client_id})
    assert connected.get(CREDENTIALS).status_code == 200


@pytest.mark.parametrize("client_id", ["", "nothing", "\x00", "x" * 5000])
def test_disconnecting_nothing_is_harmless(cast, as_user, client_id) -> None:
    response = as_user(cast.teacher).post("/connected-apps/disconnect/", {"client": client_id})
    assert response.status_code == 302


def test_a_closed_account_ends_the_program(connected, cast) -> None:
    cast.teacher.is_active = False
    cast.teacher.save(update_fields=["is_active"])
    assert connected.get(CREDENTIALS).status_code in (401, 403)


def test_strangers_do_not_reach_the_page(client) -> None:
    assert client.get("/connected-apps/").status_code == 302


def test_revoking_by_the_program_ends_its_token(connected) -> None:
    response = Client().post(
        "/identity/o/api/revoke",
        {"client_id": connected.client_id, "token": connected.token},
    )
    assert response.status_code == 200
    assert connected.get(CREDENTIALS).status_code == 401


def test_metadata_is_json_for_hostile_hosts(client) -> None:
    """Addresses come from the portal's own origin where we decide them."""
    issuer = client.get("/.well-known/openid-configuration").json()["issuer"]
    assert json.dumps(issuer).startswith('"http')


@pytest.mark.parametrize("path", ["token", "revoke"])
@pytest.mark.parametrize("field", ["client_id", "token", "code", "refresh_token"])
def test_hostile_parameters_do_not_break_the_server(client, path, field) -> None:
    given = {"grant_type": "refresh_token", "client_id": "x", field: "\x00"}
    assert client.post(f"/identity/o/api/{path}", given).status_code == 400

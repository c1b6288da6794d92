"""A program that has registered itself, and people who let it in."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from badges.api.openbadges.scopes import SCOPES

CALLBACK = "https://wallet.example/callback"
REGISTER = "/identity/o/api/clients"
AUTHORIZE = "/identity/o/authorize"
TOKEN = "/identity/o/api/token"
CREDENTIALS = "/ims/ob/v3p0/credentials"
PROFILE = "/ims/ob/v3p0/profile"


def register(**metadata: Any) -> Any:
    given = {
        "client_name": "Demo wallet",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        **metadata,
    }
    return Client().post(REGISTER, json.dumps(given), content_type="application/json")


@dataclass
class Program:
    """Speaks OAuth 2.0 with PKCE as a wallet would."""

    client_id: str
    token: str = ""
    refresh: str = ""

    def ask(self, browser: Client, scope: str) -> tuple[Any, str]:
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        response = browser.get(
            AUTHORIZE,
            {
                "client_id": self.client_id,
                "response_type": "code",
                "redirect_uri": CALLBACK,
                "scope": scope,
                "state": "as-sent",
                "code_challenge": challenge.rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            },
        )
        return response, verifier

    def answer(self, browser: Client, page: Any, action: str = "grant", **left_out: Any) -> Any:
        form = page.context["form"]
        data = {"request": form["request"].value(), "scopes": form["scopes"].value(), **left_out}
        where = f"{AUTHORIZE}?client_id={self.client_id}"
        return browser.post(where, {**data, "action": action})

    def redeem(self, location: str, verifier: str) -> Any:
        code = parse_qs(urlsplit(location).query)["code"][0]
        return self.exchange(
            grant_type="authorization_code",
            code=code,
            redirect_uri=CALLBACK,
            code_verifier=verifier,
        )

    def exchange(self, **data: str) -> Any:
        response = Client().post(TOKEN, {"client_id": self.client_id, **data})
        if response.status_code == 200:
            self.token = response.json()["access_token"]
            self.refresh = response.json().get("refresh_token", "")
        return response

    def get(self, path: str, **query: Any) -> Any:
        return Client().get(path, query, headers={"authorization": f"Bearer {self.token}"})

    def send(self, method: str, path: str, body: Any, kind: str = "application/json") -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        return Client().generic(
            method,
            path,
            text,
            content_type=kind,
            headers={"authorization": f"Bearer {self.token}"},
        )


@pytest.fixture
def program(db: None) -> Program:
    response = register()
    assert response.status_code == 201, response.content
    return Program(response.json()["client_id"])


@pytest.fixture
def connected(program: Program, cast: Any, as_user: Any) -> Program:
    """The program with everything that a teacher can allow."""
    browser = as_user(cast.teacher)
    page, verifier = program.ask(browser, " ".join(SCOPES))
    answer = program.answer(browser, page)
    assert program.redeem(answer["Location"], verifier).status_code == 200
    return program

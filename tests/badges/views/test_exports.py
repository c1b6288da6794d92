"""The forms in which a badge leaves: cookie-free documents, downloads, sharing, the ZIP."""

import io
import json
import zipfile
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from badges.enums import VersionState
from badges.models import Award, Credential
from badges.openbadges.baking import unbake
from badges.selectors.sharing import add_to_profile_link, snippets_of
from badges.services.tokens import sign_due_tokens
from partners.models import Organisation
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import issued_award, make_badge, make_version, queued_award

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    made = issued_award(cast.teacher, badge, cast.coordinator)
    sign_due_tokens()
    return made


def at(award, rest=""):
    return f"/awards/{award.public_id}/{rest}"


def documents_of(award):
    """Everything for machines, with its type."""
    version = award.version.public_id
    key = Credential.objects.get(award=award).jwt_key.name
    return {
        at(award, "credential.json"): "application/vc+ld+json",
        at(award, "credential.jwt"): "text/plain",
        at(award, "assertion.json"): "application/ld+json",
        at(award, "badge.png"): "image/png",
        at(award, "badge.svg"): "image/svg+xml",
        at(award, "badge-ob2.png"): "image/png",
        at(award, "badge-ob2.svg"): "image/svg+xml",
        f"/achievements/{version}.json": "application/ld+json",
        f"/achievements/{version}.png": "image/png",
        f"/achievements/{version}/badgeclass.json": "application/ld+json",
        f"/issuers/near-school/badgeclasses/{version}.json": "application/ld+json",
        "/issuers/near-school/did.json": "application/did+json",
        "/issuers/near-school/keys.json": "application/json",
        "/issuers/near-school/profile.json": "application/ld+json",
        "/issuers/near-school/ob2.json": "application/ld+json",
        "/issuers/near-school/revocations.json": "application/ld+json",
        f"/issuers/near-school/keys/{key}.json": "application/jwk+json",
        f"/status/{award.status_list.public_id}": "application/vc+ld+json",
    }


def test_machine_documents_know_no_cookies(cast, award, as_user):
    signed_in = as_user(cast.teacher)
    for url, content_type in documents_of(award).items():
        answer = Client().get(url)
        assert answer.status_code == 200, url
        assert answer["Content-Type"] == content_type, url
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cache-Control"].startswith("public, max-age="), url
        assert "Cookie" not in answer.get("Vary", ""), url
        assert not answer.cookies
        with CaptureQueriesContext(connection) as seen:
            same = signed_in.get(url, headers={"Accept-Language": "fi"})
        assert same.content == answer.content, url
        assert "Cookie" not in same.get("Vary", ""), url
        assert not [one for one in seen if "django_session" in one["sql"]], url
        again = Client().get(url, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert Client().head(url).status_code == 200
        assert Client().post(url).status_code == 405


def test_pages_for_people_still_vary(award):
    assert "Cookie" in Client().get(at(award))["Vary"]


def test_downloads_have_readable_names(award):
    names = {
        "credential.jwt": "wgb-l1-workplace-guidance-1.jwt",
        "badge.png": "wgb-l1-workplace-guidance-1.png",
        "badge-ob2.svg": "wgb-l1-workplace-guidance-1-ob2.svg",
        "certificate.pdf": "wgb-l1-workplace-guidance-1.pdf",
    }
    for path, name in names.items():
        answer = Client().get(at(award, path))
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer["X-Robots-Tag"] == "noindex"


def test_a_downloaded_picture_verifies(award):
    for form in ("png", "svg"):
        baked = unbake(Client().get(at(award, f"badge.{form}")).content)
        answer = Client().post(
            "/api/v1/verify/", {"credential": baked.content}, content_type="application/json"
        )
        assert answer.json()["outcome"] == "valid"


def test_the_certificate_follows_the_language_of_the_page(award):
    answer = Client().get(at(award, "certificate.pdf"), headers={"Accept-Language": "lv"})
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert b"/Lang(lv)" in answer.content


def test_what_is_withheld(award):
    Award.objects.filter(pk=award.pk).update(
        revoked_at=award.issued_at, revocation_reason="issued_in_error"
    )
    answer = Client().get(at(award, "assertion.json"))
    assert answer.status_code == 410
    assert answer.json()["revoked"] is True
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert Client().get(at(award, "badge-ob2.png")).status_code == 404
    gone = Client().get(at(award, "certificate.pdf"))
    assert gone.status_code == 410
    assert "so there is no certificate" in gone.content.decode()
    assert "certificate.pdf" not in Client().get(at(award)).content.decode()
    listed = Client().get("/issuers/near-school/revocations.json").json()
    assert len(listed["revokedAssertions"]) == 1


def test_addresses_are_permanent(cast, award):
    """After a newer version, a withdrawn one, and an issuer that issues no more."""
    make_version(award.version.achievement, cast.school)
    award.version.__class__.objects.filter(pk=award.version_id).update(state=VersionState.WITHDRAWN)
    award.version.achievement.__class__.objects.update(is_open=False)
    urls = documents_of(award)
    Organisation.objects.filter(pk=cast.school.pk).update(is_issuer=False)
    for url in (*urls, at(award), at(award, "certificate.pdf"), "/issuers/near-school/"):
        assert Client().get(url).status_code == 200, url


def test_what_is_not_issued_has_no_documents(cast, badge):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    for path in ("credential.jwt", "badge.png", "assertion.json", "certificate.pdf"):
        assert Client().get(at(award, path)).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["badge.gif", "badge-ob2.exe", "badge.png%00", "credential.jwt/", "assertion.json5"],
)
def test_other_forms_do_not_exist(award, path):
    assert Client().get(at(award, path)).status_code == 404


def test_a_token_that_is_not_made_yet(award):
    Credential.objects.update(jwt="")
    assert Client().get(at(award, "credential.jwt")).status_code == 404
    assert "credential.jwt" not in Client().get(at(award)).content.decode()


def test_keys_of_others_are_not_there(award):
    for url in ("/issuers/far-school/keys/key-1.json", "/issuers/near-school/keys/key-99.json"):
        assert Client().get(url).status_code == 404
    jwk = (
        Client()
        .get(f"/issuers/near-school/keys/{Credential.objects.get(award=award).jwt_key.name}.json")
        .json()
    )
    assert not {"d", "p", "q", "k"} & set(jwk)


# ------------------------------------------------------------- sharing
def test_the_page_offers_the_files(award):
    html = Client().get(at(award)).content.decode()
    for path in ("certificate.pdf", "badge.png", "badge.svg", "credential.jwt", "assertion.json"):
        assert at(award, path) in html


def test_sharing_is_for_the_earner(cast, award, as_user):
    html = as_user(cast.teacher).get(at(award, "share/")).content.decode()
    assert escape(add_to_profile_link(award)) in html
    for one in snippets_of(award):
        assert escape(one.text) in html
        assert type(one.text) is str
    assert "<img src" not in html
    assert '<script src="http' not in html
    for other in (cast.second_teacher, cast.coordinator):
        assert as_user(other).get(at(award, "share/")).status_code == 404
    assert goes_to_sign_in(Client().get(at(award, "share/")))


def test_sharing_a_badge_that_is_not_valid(cast, award, as_user):
    Award.objects.update(suspended_at=award.issued_at)
    html = as_user(cast.teacher).get(at(award, "share/")).content.decode()
    assert "This badge is not valid now" in html
    page = Client().get(at(award)).content.decode()
    assert "Suspended since" in page


def test_the_link_to_a_profile(award, settings):
    link = urlsplit(add_to_profile_link(award))
    facts = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert (link.scheme, link.netloc, link.path) == ("https", "www.linkedin.com", "/profile/add")
    assert facts["startTask"] == "CERTIFICATION_NAME"
    assert facts["name"] == award.version.name
    assert facts["organizationName"] == award.issuer.name
    assert facts["certUrl"] == f"{settings.PORTAL_ORIGIN}{at(award)}"
    assert facts["issueYear"] == str(award.issued_at.year)
    assert facts["expirationYear"] == str(award.valid_until.year)
    award.valid_until = None
    assert "expiration" not in add_to_profile_link(award)


def test_snippets_escape_what_they_hold(award):
    award.version.name = 'A "badge" <b> [x](y)'
    texts = [one.text for one in snippets_of(award)]
    assert "<b>" not in texts[1]
    assert "&quot;badge&quot;" in texts[1]
    assert texts[2].startswith(r'[A "badge" \<b\> \[x\](y)](')


# ------------------------------------------------------------- everything
def test_everything_in_one_file(cast, award, as_user):
    answer = as_user(cast.teacher).get("/my-badges/everything.zip")
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].endswith('.zip"')
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        body = archive.read("badges/001-wgb-l1/credential.json").decode()
        assert json.loads(archive.read("index.json"))["files"]
    assert body == award.credential.body


def test_everything_is_only_ones_own(cast, award, as_user, by_link):
    answer = as_user(cast.second_teacher).get("/my-badges/everything.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert not [name for name in archive.namelist() if name.startswith("badges/")]
    assert goes_to_sign_in(Client().get("/my-badges/everything.zip"))
    assert goes_to_sign_in(by_link(cast.instructor).get("/my-badges/everything.zip"))


def test_documents_cost_the_same_for_one_and_three(cast, award, as_user):
    urls = (at(award), at(award, "assertion.json"), at(award, "share/"))
    client = as_user(cast.teacher)
    before = [queries_of(client, url) for url in urls]
    for code in ("GDE", "AWP"):
        other = make_badge(cast.school, f"{code}-L1", family=code)
        issued_award(cast.teacher, other, cast.coordinator)
    assert [queries_of(client, url) for url in urls] == before

"""The page where anybody checks a badge: honest verdicts, whatever is sent in."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from badges.enums import KeyState
from badges.models import Award, Credential, SigningKey, StatusList
from badges.services.keys import rotate_key
from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from badges.services.verify_world import forget_fetched
from badges.services.verifying import MAX_BYTES
from partners.models import AuditEvent, Organisation
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.http import Unreachable
from tests.badges.views.asking import queries_of
from tests.factories.badges import issued_award, queued_award

CHECKS = ("Format", "Signature", "Issuer", "Dates", "Status", "Recipient", "Endorsements")
VALID, NOT_VALID = "Valid, and we know the issuer", "Do not rely on this badge."


@pytest.fixture(autouse=True)
def nothing_leaves(monkeypatch):
    """The other issuers' servers are silent; see test_verify_foreign.py for those that answer."""

    def silent(url, **named):
        raise Unreachable

    monkeypatch.setattr("badges.services.verify_world.http.fetch", silent)
    forget_fetched()


@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


@pytest.fixture
def body(award):
    return award.credential.body


def check(text="", **more):
    """The page that answers what was sent; never a server error."""
    answer = Client().post("/verify/", {"text": text, **more})
    assert answer.status_code in (200, 422)
    return answer


def verdict(text="", **more):
    answer = check(text, **more)
    assert answer.status_code == 200
    return answer.content.decode()


def context_of(text="", **more):
    return check(text, **more).context["result"]


def codes(result):
    return {line.key: line.code for line in result.checks}


def upload(content, name="badge.json"):
    return SimpleUploadedFile(name, content)


# ------------------------------------------------------------- what is genuine
def test_the_empty_form_is_for_everybody(cast, as_user, by_link):
    for client in (Client(), as_user(cast.student), by_link(cast.instructor)):
        answer = client.get("/verify/")
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "without signing in" in html
        assert all(f'name="{name}"' in html for name in ("text", "file", "email"))
        assert "There is a problem" not in html


def test_pasted_uploaded_and_by_each_form_of_its_address(award, body, settings):
    origin, path = settings.PORTAL_ORIGIN, f"/awards/{award.public_id}/"
    given = [f"\n {body} \n", f"{origin}{path}", f"{path}credential.json"]
    for text in given:
        html = verdict(text)
        assert VALID in html
        assert NOT_VALID not in html
        assert all(name in html for name in CHECKS)
        assert html.count('<li class="check-') == len(CHECKS)
        assert f'href="{path}"' in html
    assert VALID in verdict(file=upload(body.encode()))
    for asked in (f"{origin}{path}credential.json", path):
        assert VALID in Client().get("/verify/", {"badge": asked}).content.decode()


def test_a_file_counts_before_a_text(body):
    assert VALID in verdict("{}", file=upload(body.encode(), "anything.exe"))


def test_the_form_is_kept_so_that_one_can_check_again(body, cast):
    html = verdict(body, email=cast.teacher.email)
    assert "Check again" in html
    assert f'value="{cast.teacher.email}"' in html
    assert "&quot;OpenBadgeCredential&quot;" in html


def test_nothing_that_is_sent_is_kept(body, cast):
    rows = [AuditEvent.objects.count(), Award.objects.count(), Credential.objects.count()]
    client = Client()
    answer = client.post("/verify/", {"text": body, "email": "seeker@example.org"})
    assert "no-store" in answer["Cache-Control"]
    assert client.session.keys() == Client().session.keys()
    assert rows == [AuditEvent.objects.count(), Award.objects.count(), Credential.objects.count()]


def test_with_a_retired_key_it_stays_valid(cast, body):
    rotate_key(by=Actor.system(), issuer=cast.school)
    assert VALID in verdict(body)


def test_after_a_change_of_the_issuers_name_it_stays_valid(cast, body):
    Organisation.objects.filter(pk=cast.school.pk).update(name="Merged School")
    assert VALID in verdict(body)


def test_asking_costs_few_queries_with_one_and_three_badges(cast, badge, award, monkeypatch):
    # Counting costs more at the beginning of a minute.
    monkeypatch.setattr("badges.services.verify_limits._next", lambda name: 1)
    url = f"/verify/?badge=/awards/{award.public_id}/"
    one = queries_of(Client(), url)
    for person in (cast.second_teacher, cast.reviewer):
        issued_award(person, badge, cast.coordinator)
    assert queries_of(Client(), url) == one <= 40


# ------------------------------------------------------------- changed after signing
# Every leaf is tried by the API, which answers faster; here, what people would forge.
def test_a_forged_badge_is_refused_in_words(body):
    forged = {
        "a longer life": body.replace('"validUntil":"20', '"validUntil":"29'),
        "a higher level": body.replace("level 1", "level 3"),
        "another earner": body.replace('"salt":"', '"salt":"0'),
        "another place on the list": body.replace('"statusListIndex":"', '"statusListIndex":"1'),
    }
    for what, text in forged.items():
        assert text != body, what
        html = verdict(text)
        assert NOT_VALID in html, what
        assert VALID not in html, what


def test_a_leaf_taken_away_or_added_is_never_valid(body):
    document = json.loads(body)
    for member in ("proof", "credentialStatus", "validFrom"):
        without = {name: value for name, value in document.items() if name != member}
        assert VALID not in verdict(json.dumps(without)), member
    for more in ({"level": "gold"}, {"proof": []}):
        assert VALID not in verdict(json.dumps({**document, **more})), more


def test_the_words_name_what_is_wrong(body):
    document = json.loads(body)
    html = verdict(json.dumps({**document, "name": "Master of guidance"}))
    assert NOT_VALID in html
    assert "something was changed after signing" in html
    assert "<h1>Master of guidance" not in html
    assert "Workplace guidance basics" in html  # our own record's name, not theirs


def test_the_proof_of_another_badge_does_not_fit(cast, badge, body):
    other = json.loads(issued_award(cast.second_teacher, badge, cast.coordinator).credential.body)
    mixed = {**json.loads(body), "proof": other["proof"]}
    assert codes(context_of(json.dumps(mixed)))["proof"] == "signature_differs"


def test_a_member_named_twice_is_refused(body):
    assert VALID not in verdict('{"name": "Gold",' + body[1:])


def test_order_and_spaces_do_not_matter(body):
    document = json.loads(body)
    turned = dict(reversed(document.items()))
    for text in (json.dumps(turned), json.dumps(document, indent=4), body.replace("/", r"\/")):
        assert VALID in verdict(text)


# ------------------------------------------------------------- genuine, but
def test_expired(body, monkeypatch):
    later = database_now() + timedelta(days=4 * 366)
    monkeypatch.setattr("badges.services.verifying.database_now", lambda: later)
    html = verdict(body)
    assert NOT_VALID in html
    assert "Expired on" in html


def test_not_valid_before_its_first_day(body, monkeypatch):
    earlier = database_now() - timedelta(days=2)
    monkeypatch.setattr("badges.services.verifying.database_now", lambda: earlier)
    assert codes(context_of(body))["dates"] == "not_yet_valid"


def test_revoked(cast, award, body):
    revoke_award(by=cast.actor("coordinator"), award=award, reason="other", note="Wrong person.")
    publish_due()
    html = verdict(body)
    assert NOT_VALID in html
    assert "The issuer has revoked this badge." in html
    assert "Wrong person." not in html
    assert "something was changed" not in html


def test_an_old_list_is_not_believed(body, monkeypatch):
    in_a_month = database_now() + timedelta(days=30)
    monkeypatch.setattr("badges.services.verifying.database_now", lambda: in_a_month)
    result = context_of(body)
    assert (result.outcome, codes(result)["status"]) == ("could_not_be_checked", "list_outdated")
    assert "out of date" in verdict(body)


def test_a_list_of_somebody_else_is_not_believed(award, body):
    mine = award.status_list
    theirs = StatusList.objects.exclude(pk=mine.pk).get(purpose=mine.purpose)
    StatusList.objects.filter(pk=mine.pk).update(body=theirs.body)
    result = context_of(body)
    assert (result.outcome, codes(result)["status"]) == ("could_not_be_checked", "list_not_trusted")


def test_a_retired_key_vouches_only_for_what_is_on_record(cast, body):
    rotate_key(by=Actor.system(), issuer=cast.school)
    Credential.objects.all().delete()
    Award.objects.update(state="parked")
    result = context_of(body)
    assert (result.outcome, codes(result)["proof"]) == ("not_valid", "not_in_log")
    assert result.award is None


def test_a_key_retired_before_the_signing(award, body):
    SigningKey.objects.filter(pk=award.key_id).update(
        state=KeyState.RETIRED,
        created_at=award.issued_at - timedelta(days=9),
        retired_at=award.issued_at - timedelta(days=1),
    )
    assert codes(context_of(body))["proof"] == "outside_key_period"


def test_a_key_of_the_other_school_does_not_sign_for_this_one(cast, body):
    other = SigningKey.objects.get(issuer=cast.other_school)
    document = json.loads(body)
    method = document["proof"]["verificationMethod"].partition("#")[0]
    document["proof"]["verificationMethod"] = f"{method}#{other.public_key_multibase}"
    assert context_of(json.dumps(document)).outcome == "could_not_be_checked"
    document["issuer"]["id"] = method.replace("near-school", "far-school")
    assert codes(context_of(json.dumps(document)))["issuer"] == "issuer_mismatch"


# ------------------------------------------------------------- the earner
def test_whose_badge_it_is(cast, body):
    for email in (cast.teacher.email, cast.teacher.email.upper(), f" {cast.teacher.email} "):
        html = verdict(body, email=email)
        assert VALID in html
        assert "Given to the person with this e-mail address." in html
    for email in (cast.coordinator.email, f"x{cast.teacher.email}"):
        html = verdict(body, email=email)
        assert "Given to somebody with another e-mail address." in html
        assert NOT_VALID in html
        assert "something was changed" not in html
    assert "Enter the e-mail address below" in verdict(body)


def test_the_right_address_does_not_save_a_changed_badge(cast, body):
    other = json.dumps({**json.loads(body), "name": "Gold"})
    html = verdict(other, email=cast.teacher.email)
    assert "Given to the person with this e-mail address." in html
    assert NOT_VALID in html


# ------------------------------------------------------------- of somebody else
@pytest.mark.parametrize(
    "issuer",
    [
        "did:web:elsewhere.example",
        {"id": "did:web:elsewhere.example:issuers:near-school", "type": ["Profile"]},
        {"id": "https://elsewhere.example/issuers/near-school", "type": ["Profile"]},
        "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    ],
)
def test_badges_of_others_are_not_praised_while_their_key_is_unknown(body, issuer):
    html = verdict(json.dumps({**json.loads(body), "issuer": issuer}))
    assert "we know the issuer" not in html
    assert "Valid, issuer unknown" not in html
    assert html.count('<li class="check-') == len(CHECKS)


def test_an_unknown_key_is_no_reproach(body):
    text = body.replace("127.0.0.1%3A8000:issuers:near-school", "elsewhere.example")
    html = verdict(text)
    assert "Could not be checked" in html
    assert "This does not mean that it is false." in html
    assert NOT_VALID not in html


def test_a_company_without_keys_is_no_issuer(body):
    text = body.replace("issuers:near-school", "issuers:near-company")
    assert VALID not in verdict(text)


# ------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": ""}, "Paste a credential or an address, or choose a file."),
        ({"text": " \n\t"}, "Paste a credential or an address, or choose a file."),
        ({"text": "\x00"}, "Paste a credential or an address, or choose a file."),
        ({"text": "http://elsewhere.example/a/1"}, "Give an address that begins with https://."),
        ({"text": "javascript:alert(1)//"}, "There is no badge at this address."),
        ({"text": "/awards/1/"}, "There is no badge at this address."),
        ({"text": "/verify/"}, "There is no badge at this address."),
        ({"text": "{}", "email": "a@b"}, "Enter a valid email address."),
        ({"text": "{}", "email": "a" * 250 + "@example.org"}, "at most 254 characters"),
        ({"text": "{" + "x" * MAX_BYTES}, "This is too large for a credential"),
        ({"file": upload(b"{" + b"x" * MAX_BYTES)}, "This is too large for a credential"),
        ({"file": upload(b"")}, "empty"),
    ],
)
def test_what_cannot_be_checked_comes_back_with_a_reason(cast, data, words):
    answer = check(**data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in html
    assert words in html
    assert "<title>Error:" in html
    if data.get("email"):
        assert f'value="{data["email"]}"' in html


def test_an_award_that_is_not_issued_is_no_badge_yet(cast, badge, issuers):
    waiting = queued_award(cast.teacher, badge, cast.coordinator)
    answer = check(f"/awards/{waiting.public_id}/")
    assert answer.status_code == 422
    assert "There is no badge at this address." in answer.content.decode()


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"\xc3\x28",
        b"[" * 60_000,
        b'{"a":' * 40_000,
        b'{"issuer":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"issuer": "\\ud800"}',
        b'{"@context": {"@vocab": "https://elsewhere.example/"}}',
        b'{"id": 1e999}',
        b'{"id": NaN}',
        b"%PDF-1.7",
        b"<html><script>alert(1)</script>",
        b'"\\u0000"',
        "{‮}".encode(),
    ],
)
def test_hostile_files_get_a_calm_answer(cast, content):
    html = check(file=upload(content)).content.decode()
    assert VALID not in html
    assert "This badge is valid." not in html
    assert "<script>alert" not in html


def test_markup_in_a_badge_is_shown_as_text(body):
    document = json.loads(body)
    document["name"] = "</textarea><script>alert(1)</script>"
    html = verdict(json.dumps(document))
    assert "<script>alert" not in html
    assert "&lt;/textarea&gt;&lt;script&gt;" in html


@pytest.mark.parametrize("asked", ["\x00", "x" * 5000, "//[", "http://", "%", "{}", "‮", " "])
def test_an_address_in_the_query_may_be_anything(cast, asked):
    assert Client().get("/verify/", {"badge": asked}).status_code in (200, 422)


def test_other_methods(cast):
    for method in ("put", "patch", "delete"):
        assert getattr(Client(), method)("/verify/").status_code == 405


def test_our_own_badge_asks_nobody_else(body, monkeypatch):
    def no_network(*args, **kwargs):
        raise AssertionError("our own badges are looked up, not fetched")

    monkeypatch.setattr("badges.services.verify_world.http.fetch", no_network)
    assert VALID in verdict(body)


def test_an_inner_address_is_never_connected_to(body, monkeypatch):
    """Whatever a badge names: the guarded client refuses before any packet leaves (S01)."""
    monkeypatch.undo()

    def no_connection(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", no_connection)
    for inner in ("169.254.169.254", "localhost", "[::1]", "2130706433", "10.0.0.1"):
        assert VALID not in verdict(f"https://{inner}/badge.json")
    document = json.loads(body)
    document["credentialStatus"] = {
        "type": "1EdTechRevocationList",
        "id": "https://169.254.169.254/latest",
    }
    document["issuer"]["id"] = "did:web:metadata.localhost"
    assert VALID not in verdict(json.dumps(document))

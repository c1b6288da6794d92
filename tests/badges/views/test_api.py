"""The open API: the same verdicts as the page, for programs, and the badges that exist."""

import copy
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from badges.enums import AwardBy
from badges.models import Achievement, StatusList
from badges.services.keys import rotate_key
from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from badges.services.verify_world import forget_fetched
from badges.services.verifying import MAX_BYTES
from techvet.actor import Actor
from techvet.clock import database_now
from techvet.http import Unreachable
from tests.badges.views.asking import queries_of
from tests.factories.badges import issued_award, make_badge, make_version

VERIFY, ACHIEVEMENTS = "/api/v1/verify/", "/api/v1/achievements/"
CHECKS = ["format", "proof", "issuer", "dates", "status", "recipient", "endorsements"]


@pytest.fixture(autouse=True)
def many_in_a_minute(monkeypatch):
    """The limits have tests of their own (test_verify_limits.py); nothing leaves the machine."""
    monkeypatch.setattr("badges.services.verify_limits.MOST_ANY", 10_000)
    monkeypatch.setattr("badges.services.verify_limits.MOST_FOREIGN", 10_000)
    monkeypatch.setattr("badges.services.verify_world.http.fetch", nothing_there)
    forget_fetched()


def nothing_there(url, **named):
    raise Unreachable


@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


@pytest.fixture
def document(award):
    return json.loads(award.credential.body)


def post(data, **headers):
    if not isinstance(data, str | bytes):
        data = json.dumps(data)
    return Client().post(VERIFY, data, content_type="application/json", headers=headers)


def ask(credential, **more):
    answer = post({"credential": credential, **more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def outcomes(result):
    return {check["name"]: check["outcome"] for check in result["checks"]}


# ------------------------------------------------------------- verdicts
def test_the_shape_of_an_answer(award, document):
    answer = post({"credential": document})
    assert answer["Content-Type"] == "application/json"
    result = answer.json()
    assert set(result) == {
        "outcome",
        "kind",
        "issuer_standing",
        "checks",
        "badge",
        "issuer",
        "claims",
    }
    assert (result["kind"], result["issuer_standing"]) == ("ob3", "portal")
    assert result["claims"]["id"] == document["id"]
    assert (result["outcome"], result["issuer"]) == ("valid", "Near School")
    assert result["badge"] == award.version.name
    assert [check["name"] for check in result["checks"]] == CHECKS
    for check in result["checks"]:
        assert set(check) == {"name", "outcome", "code", "text"}
        assert check["text"]
    assert outcomes(result)["recipient"] == "not_checked"


def test_an_object_its_text_and_its_addresses(award, document, settings):
    address = f"{settings.PORTAL_ORIGIN}/awards/{award.public_id}/"
    for given in (document, award.credential.body, address, f"{address}credential.json"):
        assert ask(given)["outcome"] == "valid"


def test_whose_it_is(cast, document):
    right = ask(document, email=cast.teacher.email)
    assert (right["outcome"], outcomes(right)["recipient"]) == ("valid", "passed")
    wrong = ask(document, email="other@example.org")
    assert (wrong["outcome"], outcomes(wrong)["recipient"]) == ("not_valid", "failed")
    assert ask(document, email="")["outcome"] == "valid"


def test_revoked_expired_and_unknown(cast, award, document, monkeypatch):
    revoke_award(by=cast.actor("coordinator"), award=award, reason="earner_asked")
    publish_due()
    result = ask(document)
    assert (result["outcome"], outcomes(result)["status"]) == ("not_valid", "failed")
    assert [one["code"] for one in result["checks"] if one["name"] == "status"] == ["revoked"]
    StatusList.objects.update(body="")
    assert ask(document)["outcome"] == "could_not_be_checked"
    later = database_now() + timedelta(days=1500)
    monkeypatch.setattr("badges.services.verifying.database_now", lambda: later)
    assert outcomes(ask(document))["dates"] == "failed"


def test_a_badge_of_another_issuer_is_checked_as_far_as_it_can_be(document):
    document["issuer"]["id"] = "did:web:elsewhere.example"
    document["proof"]["verificationMethod"] = "did:web:elsewhere.example#key-1"
    result = ask(document)
    assert result["outcome"] == "could_not_be_checked"
    assert (result["badge"], result["issuer"], result["issuer_standing"]) == (None, None, "unknown")
    assert result["claims"]["issuer_id"] == "did:web:elsewhere.example"
    assert outcomes(result)["proof"] == "not_checked"


def test_a_rotated_key_changes_nothing(cast, document):
    rotate_key(by=Actor.system(), issuer=cast.school)
    assert ask(document)["outcome"] == "valid"


# ------------------------------------------------------------- leaf by leaf
def leaves(value, path=()):
    """The way to each text of a document."""
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            yield from leaves(inner, (*path, step))
    else:
        yield path


def other_value(value):
    """Of the same shape, so that only the signature can tell."""
    if not isinstance(value, str):
        return not value if isinstance(value, bool) else value + 1
    if value.isdigit():
        return str(int(value) + 1)
    middle = len(value) // 2
    return value[:middle] + ("2" if value[middle] != "2" else "3") + value[middle + 1 :]


def changed(document, path):
    document = copy.deepcopy(document)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = other_value(place[path[-1]])
    return document


@pytest.mark.parametrize("part", range(6))
def test_no_leaf_can_be_changed(document, part):
    paths = sorted(leaves(document), key=str)
    assert len(paths) > 40
    for path in paths[part::6]:
        other = changed(document, path)
        assert other != document
        assert ask(other)["outcome"] != "valid", path


def test_no_member_can_be_taken_away_or_added(document):
    for member in document:
        without = {name: value for name, value in document.items() if name != member}
        assert ask(without)["outcome"] != "valid", member
    for more in ({"level": "gold"}, {"proof": []}, {"evidence": []}, {"@graph": []}):
        assert ask({**document, **more})["outcome"] != "valid", more


# ------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ("", 422, "invalid"),
        ("{", 400, None),
        (b"\xff\xfe", 400, None),
        ('{"credential": NaN}', 400, None),
        ("null", 422, "invalid"),
        ('"text"', 422, "invalid"),
        ({}, 422, "invalid"),
        ({"credential": None}, 422, "invalid"),
        ({"credential": True}, 422, "invalid"),
        ({"credential": 1.5}, 422, "invalid"),
        ({"credential": [{}]}, 422, "invalid"),
        ({"credential": {}, "email": "nobody"}, 422, "invalid"),
        ({"credential": {}, "email": ["a@example.org"]}, 422, "invalid"),
        ({"credential": {}, "email": "a" * 250 + "@example.org"}, 422, "invalid"),
        ({"credential": " "}, 422, "nothing"),
        ({"credential": "http://elsewhere.example/awards/1/"}, 422, "other_address"),
        ({"credential": "http://[broken"}, 422, "no_badge"),
        ({"credential": f"/awards/{uuid4()}/"}, 422, "no_badge"),
        ({"credential": "\x00"}, 422, "no_badge"),
        ({"credential": "x" * (MAX_BYTES + 1)}, 422, "too_large"),
        ({"credential": {"name": "x" * MAX_BYTES}}, 422, "too_large"),
    ],
)
def test_what_cannot_be_used_is_said_by_code(cast, data, status, code):
    answer = post(data)
    assert answer.status_code == status
    body = answer.json()
    if code:
        assert body["code"] == code
        assert body.get("message") or body["errors"]


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"issuer": None},
        {"issuer": {"id": ["did:web:x"]}},
        {"id": "\ud800"},
        {"@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "https://x.example/"}]},
        {"a": 10**400},
        {"‮": "\x00"},
        "{" * 5000,
        '{"a": 1, "a": 2}',
        "{" + '"a":[' * 3000,
    ],
)
def test_hostile_credentials_are_not_valid_and_nothing_breaks(cast, credential):
    answer = post({"credential": credential})
    assert answer.status_code == 200, answer.content
    assert answer.json()["outcome"] in ("not_valid", "could_not_be_checked")


def test_other_ways_of_asking(cast, document):
    for method in ("get", "put", "patch", "delete"):
        assert getattr(Client(), method)(VERIFY).status_code == 405
    form = Client().post(VERIFY, {"credential": json.dumps(document)})
    assert form.status_code == 415
    plain = Client().post(VERIFY, json.dumps({"credential": document}), content_type="text/plain")
    assert plain.status_code == 415


def test_no_session_is_asked_for_and_none_is_begun(cast, document, as_user):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(VERIFY, {"credential": document}, content_type="application/json")
    assert answer.status_code == 200
    assert not answer.cookies
    signed_in = as_user(cast.teacher)
    mine = signed_in.post(VERIFY, {"credential": document}, content_type="application/json")
    assert mine.json() == answer.json()


def test_programs_get_the_same_codes_in_every_language(award, document):
    finnish = post({"credential": document}, **{"Accept-Language": "fi"}).json()
    english = post({"credential": document}, **{"Accept-Language": "en"}).json()
    assert outcomes(finnish) == outcomes(english)
    codes = [[check["code"] for check in one["checks"]] for one in (finnish, english)]
    assert codes[0] == codes[1]


# ------------------------------------------------------------- the badges
def test_each_badge_as_people_read_it(cast, badge, settings):
    row = Client().get(ACHIEVEMENTS).json()["results"][0]
    version = badge.versions.get()
    assert row["code"] == "WGB-L1"
    assert row["url"] == f"{settings.PORTAL_ORIGIN}/badges/WGB-L1/"
    assert row["id"] == f"{settings.PORTAL_ORIGIN}/achievements/{version.public_id}.json"
    assert (row["level"], row["eqf_level"], row["workload_hours"]) == (1, 4, 8)
    assert row["is_open"] is True
    assert [one["number"] for one in row["criteria"]] == [1, 2]
    for address in (row["url"], row["id"], row["picture"]):
        assert Client().get(address.removeprefix(settings.PORTAL_ORIGIN)).status_code == 200
    assert "good_example" not in json.dumps(row)


def test_only_the_present_version_and_the_order_of_the_map(cast, badge):
    make_version(badge, cast.school, name="Anew", criteria=3)
    later = make_badge(cast.school, "AWP-L1", family="AWP")
    first = make_badge(cast.school, "GDE-L1", family="GDE")
    for achievement, position in ((badge, 2), (later, 9), (first, 1)):
        Achievement.objects.filter(pk=achievement.pk).update(position=position)
    rows = Client().get(ACHIEVEMENTS).json()["results"]
    assert [row["code"] for row in rows] == ["GDE-L1", "WGB-L1", "AWP-L1"]
    assert (rows[1]["name"], len(rows[1]["criteria"])) == ("Anew", 3)


def test_closed_badges_say_so_and_one_without_text_is_left_out(cast, badge):
    Achievement.objects.update(is_open=False, award_by=AwardBy.RULE)
    Achievement.objects.create(code="EMPTY", family="EMPTY")
    rows = Client().get(ACHIEVEMENTS).json()["results"]
    assert [(row["code"], row["is_open"]) for row in rows] == [("WGB-L1", False)]


def test_an_empty_portal_has_an_empty_list(db):
    assert Client().get(ACHIEVEMENTS).json() == {"results": []}


def test_the_list_is_read_only_and_costs_the_same(cast, badge):
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(ACHIEVEMENTS).status_code == 405
    one = queries_of(Client(), ACHIEVEMENTS)
    for code in ("GDE", "AWP"):
        make_badge(cast.school, f"{code}-L1", family=code, criteria=5)
    assert queries_of(Client(), ACHIEVEMENTS) == one

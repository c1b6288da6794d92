"""The process that reads hostile bytes: alone, without secrets, killed when it overruns."""

import base64
import json
import os
import time
from pathlib import Path

import pytest

from badges.services import verify_process
from badges.services.verify_child import answer, encode_verdict
from badges.services.verify_process import Unverifiable, verdict_on
from techvet.errors import InvalidInput
from tests.badges.openbadges.facts import EMAIL, NOW, signed, signer
from tests.badges.openbadges.foreign_facts import Elsewhere


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Each test with processes of its own, and none left behind."""
    pool = verify_process._Pool()
    monkeypatch.setattr(verify_process, "_pool", pool)
    yield pool
    pool.close()


def answers(**changes):
    world = Elsewhere()

    def document(url):
        found = world.document(url)
        content = base64.b64encode(found.content).decode() if found else ""
        return {"status": found.status, "content": content} if found else None

    usual = {
        "standing": lambda issuer: "unknown",
        "key": lambda method: None,
        "in_log": lambda credential_id, proof_value: False,
        "document": document,
    }
    return {**usual, **changes}


def job(given, email=EMAIL):
    data = given if isinstance(given, bytes) else json.dumps(given).encode()
    return {"data": base64.b64encode(data).decode(), "now": NOW.isoformat(), "email": email}


def test_a_verdict_and_the_same_process_again(fresh):
    for _ in range(3):
        found = verdict_on(job(signed()), answers())
        assert (found["outcome"], found["kind"]) == ("valid", "ob3")
    assert [one.jobs for one in fresh.idle] == [3]


def test_what_the_process_holds(fresh):
    """No secrets in its environment, no way to write a file, little memory, no Django."""
    verdict_on(job(signed()), answers())
    process = Path("/proc") / str(fresh.idle[0].process.pid)
    environment = (process / "environ").read_bytes().decode()
    assert not any(word in environment for word in ("SECRET", "DATABASE", "KEY", "DJANGO", "REDIS"))
    limits = (process / "limits").read_text()
    assert "Max file size             0" in limits
    assert "402653184" in limits  # 384 MiB of address space
    maps = (process / "maps").read_text()
    assert "psycopg" not in maps


def test_a_key_of_our_own_and_every_question(fresh):
    known = {
        "public_key": base64.b64encode(bytes(32)).decode(),
        "controller": "did:web:x.example",
        "state": "active",
        "active_from": NOW.isoformat(),
        "retired_at": None,
        "jwk": None,
    }
    asked = []
    found = verdict_on(
        job(signed()),
        answers(
            standing=lambda issuer: "portal",
            key=lambda method: asked.append(method) or known,
        ),
    )
    assert asked == [signer().verification_method]
    assert found["outcome"] == "not_valid"


def heavy() -> bytes:
    """Much work within all limits: some thousand statements, none of them of the quick kind."""
    document = {k: v for k, v in signed().items() if k != "proof"}
    document["evidence"] = [
        {"id": f"urn:x:{number}", "type": ["Evidence"], "name": "n", "narrative": 0.25}
        for number in range(900)
    ]
    return json.dumps(document).encode()


def test_what_takes_too_long_is_killed_and_replaced(fresh, monkeypatch):
    verdict_on(job(signed()), answers())
    first = fresh.idle[0].process
    monkeypatch.setattr(verify_process, "WORKING_SECONDS", 0.05)
    with pytest.raises(Unverifiable) as refused:
        verdict_on(job(heavy()), answers())
    assert refused.value.code == "time"
    assert first.poll() is not None
    monkeypatch.undo()
    monkeypatch.setattr(verify_process, "_pool", fresh)
    assert verdict_on(job(signed()), answers())["outcome"] == "valid"


def poison(nodes: int) -> dict:
    """Blank nodes that all look alike: canonicalising them tries every order."""
    document = {k: v for k, v in signed().items() if k != "proof"}
    document["evidence"] = [{"type": ["Evidence"], "narrative": "x"} for _ in range(nodes)]
    return document


@pytest.mark.parametrize("nodes", [6, 12, 200])
def test_a_poison_graph_is_refused_at_once(nodes):
    verdict_on(job(signed()), answers())
    began = time.monotonic()
    found = verdict_on(job(poison(nodes)), answers())
    assert time.monotonic() - began < 3
    assert found["outcome"] == "could_not_be_checked"
    assert found["checks"][0]["code"] == "too_many_alike"


def test_a_process_that_dies_is_replaced(fresh):
    def die(issuer):
        os.kill(fresh.current.process.pid, 9)
        return "unknown"

    class Noted(verify_process.VerifyProcess):
        def __init__(self):
            super().__init__()
            fresh.current = self

    original, verify_process.VerifyProcess = verify_process.VerifyProcess, Noted
    try:
        with pytest.raises(Unverifiable) as refused:
            verdict_on(job(signed()), answers(standing=die))
    finally:
        verify_process.VerifyProcess = original
    assert refused.value.code in ("memory", "fault")
    assert fresh.idle == []
    assert verdict_on(job(signed()), answers())["outcome"] == "valid"


def test_a_refusal_of_ours_stops_the_job_and_keeps_the_process(fresh):
    def refuse(issuer):
        raise InvalidInput("no", "No.")

    with pytest.raises(InvalidInput):
        verdict_on(job(signed()), answers(standing=refuse))
    assert len(fresh.idle) == 1
    assert verdict_on(job(signed()), answers())["outcome"] == "valid"
    assert fresh.idle[0].jobs == 2


def test_a_fault_of_ours_ends_the_process(fresh):
    def break_down(issuer):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        verdict_on(job(signed()), answers(standing=break_down))
    assert fresh.idle == []


def test_a_fault_inside_is_told_by_its_name_only():
    assert answer({"data": "!", "now": "x", "email": ""}) == {"fault": "ValueError"}
    with pytest.raises(Unverifiable) as refused:
        verdict_on({"data": "e30=", "now": "never", "email": ""}, answers())
    assert refused.value.code == "fault"


def test_old_processes_are_renewed(fresh, monkeypatch):
    monkeypatch.setattr(verify_process, "JOBS_EACH", 2)
    for _ in range(2):
        verdict_on(job(signed()), answers())
    assert fresh.idle == []


def test_no_more_than_a_few(fresh, monkeypatch):
    monkeypatch.setattr(verify_process, "WAITING_SECONDS", 0.05)
    for _ in range(verify_process.MOST_PROCESSES):
        fresh.room.acquire()
    with pytest.raises(Unverifiable) as refused:
        verdict_on(job(signed()), answers())
    assert refused.value.code == "busy"


def test_after_a_fork_nothing_is_shared(fresh):
    verify_process._forget()
    assert verify_process._pool is not fresh


def test_a_verdict_as_plain_values():
    verdict = Elsewhere().verify(signed())
    plain = json.loads(json.dumps(encode_verdict(verdict)))
    dates = next(one for one in plain["checks"] if one["name"] == "dates")
    assert dates["facts"]["valid_from"] == {"moment": "2026-11-20T09:30:00+00:00"}
    assert plain["shown"]["name"]

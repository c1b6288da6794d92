"""Web processes hold no key, and nothing that could read one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from badges.enums import ApplicationState, AwardState, Mark
from badges.permissions import can_apply, can_manage_award, can_review_application
from badges.states import MOVES, target_of
from techvet.actor import Actor, Assurance
from techvet.errors import WrongState
from tests.factories.badges import issued_award, submitted

ROOT = Path(__file__).resolve().parents[2]
WEB = """
import sys
import django
django.setup()
from django.urls import get_resolver
import techvet.wsgi
get_resolver().url_patterns
import badges.services.deciding, badges.services.verifying, badges.services.issuing
assert "badges.urls" in sys.modules
assert "badges.keystore" not in sys.modules
"""


def test_a_web_process_never_loads_the_keystore():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "techvet.settings"}
    environment = {k: v for k, v in environment.items() if not k.startswith("MASTER_KEY")}
    done = subprocess.run(
        [sys.executable, "-c", WEB], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_keystore_is_opened_in_these_places_only():
    allowed = {
        "badges/services/keys.py",
        "badges/services/signing.py",
        "badges/services/tokens.py",
        "badges/services/batch_signing.py",
        "badges/services/wrapping.py",
        "badges/management/commands/create_keys.py",
        "badges/management/commands/rotate_keys.py",
        "badges/management/commands/rotate_master_key.py",
        "badges/management/commands/compromise_key.py",
        "badges/management/commands/key_drill.py",
    }
    found = {
        str(path.relative_to(ROOT))
        for folder in ("badges", "techvet", "partners", "guidance", "materials")
        for path in (ROOT / folder).rglob("*.py")
        if "from badges.keystore" in path.read_text(encoding="utf-8")
    }
    assert found == allowed


@pytest.mark.parametrize("verb", MOVES)
@pytest.mark.parametrize("state", ApplicationState.values)
def test_moves(verb, state):
    move = MOVES[verb]
    if state in move.sources:
        assert target_of(verb, state) == move.target
    else:
        with pytest.raises(WrongState):
            target_of(verb, state)


def test_final_states_are_final():
    for state in ("approved", "declined", "withdrawn"):
        assert not any(state in move.sources for move in MOVES.values())


def test_every_state_has_a_tone():
    for member in [*ApplicationState, *AwardState, *Mark]:
        assert member.tone in ("ok", "wait", "attention", "info", "quiet")


@pytest.mark.parametrize(
    ("name", "assurance", "expected"),
    [
        ("teacher", Assurance.PASSWORD, True),
        ("instructor", Assurance.CODE, True),
        ("instructor", Assurance.LINK, False),
        ("coordinator", Assurance.PASSWORD, True),
        ("manager", Assurance.PASSWORD, True),
        ("student", Assurance.PASSWORD, False),
        ("admin", Assurance.SECOND_FACTOR, False),
        ("leaver", Assurance.SECOND_FACTOR, False),
    ],
)
def test_who_applies(cast, name, assurance, expected):
    assert can_apply(cast.actor(name, assurance)) is expected


def test_nobody_and_the_portal_itself(cast, badge, issuers):
    application = submitted(cast.teacher, badge)
    award = issued_award(cast.second_teacher, badge, cast.coordinator)
    for actor in (Actor(), Actor.system()):
        assert not can_apply(actor)
        assert not can_review_application(actor, application)
        assert not can_manage_award(actor, award)

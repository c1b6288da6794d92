"""Fields that no form has are sent with every form, and make no difference at all.

Each form is sent twice, plainly and stuffed with the name of every column of every table; the
rows that come of it are the same, but for keys and times.
"""

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from partners.enums import Role
from partners.models import Invitation, Membership, User
from tests.security.scene import Scene, address, fingerprint, undone
from tests.security.test_hostile_text import FORMS, Sent, post
from tests.security.test_matrix import arguments

Rows = list[tuple[str, str]]
NOT_SENT = {  # forms of the other table that keep nothing
    "account_change_password",
    "account_login",
    "account_request_login_code",
    "account_reset_password",
    "acting_set",
    "code_ask",
    "hand_over",
    "link_resend",
    "material_autosave",
    "material_create",
    "material_preview",
    "record_use",
    "set_language",
    "verify",
}
# What has to be sent instead for the form to be accepted.
ACCEPTED: dict[str, dict[str, str]] = {
    "placement_propose?company=near-company": {"email_or_phone": "kaisa@example.org"},
    "diary_write": {"tasks": "Turning", "tasks_other": ""},
    "week_confirm": {},
    "application_check": {"send_unfinished": "on"},
    "evidence_edit": {"text": "Other words."},
    "invitation_accept": {"name": "Nelli New", "password": "a very long way home"},
    "account_email": {"email": "second@example.org", "action_add": "1"},
}
# Fields of a form that has no page of its own to read them from.
ALSO_OWN = {"material_submit": {"minutes", "phases", "questions"}}
BARE = [
    Sent("Te", "placement_accept", "logged"),
    Sent("In", "placement_confirm", "proposed"),
    Sent("Te", "application_start", "free"),
    Sent("Te", "application_withdraw", "waiting"),
    Sent("Co", "review_release", "waiting"),
    Sent("Co", "award_retry", "parked_award"),
    Sent("Te", "material_change", "published"),
    Sent("Te", "material_withdraw", "in_check"),
    Sent("Co", "membership_end", "student_role"),
    Sent("Co", "invitation_resend", "invitation"),
]
SENT = [sent for sent in FORMS if sent.route not in NOT_SENT] + BARE
# Stronger than what the type of a column would suggest.
STUFFED = {
    "state": "published",
    "role": "project_admin",
    "is_demo": "on",
    "is_staff": "on",
    "is_superuser": "on",
    "is_final": "on",
    "email_verified": "on",
    "public_id": "00000000-0000-4000-8000-000000000000",
    "assurance": "4",
    "reviewed_by": "1",
    "by": "1",
    "_method": "DELETE",
    "confirmed_hours": "24",
}
# Keys, secrets and times differ from one sending to the next.
VOLATILE = {"token_hash", "unique_key", "body", "file", "thing_id", "data", "body_sha256"}
VOLATILE |= {"unsigned", "unsigned_sha256", "password"}
PASSING = (models.DateTimeField, models.UUIDField, models.BinaryField)


def every_column(scene: Scene) -> dict[str, str]:
    """The name of each column with a value that would be worth something."""
    stuffed: dict[str, str] = {}
    for model in own_models():
        for column in model._meta.local_fields:
            for name in (column.name, column.attname):
                stuffed.setdefault(name, value_for(scene, column))
    return {**stuffed, **STUFFED}


def own_models() -> list[type[models.Model]]:
    names = ("partners", "materials", "guidance", "badges")
    return [model for name in names for model in apps.get_app_config(name).get_models()]


def value_for(scene: Scene, column: Any) -> str:
    if column.is_relation:
        target = column.related_model
        far = {
            "User": scene.cast.far_coordinator.pk,
            "Organisation": scene.cast.other_school.pk,
        }.get(target.__name__)
        return str(far or target._default_manager.values_list("pk", flat=True).last() or 1)
    if column.choices:
        return str(list(column.flatchoices)[-1][0])
    if isinstance(column, models.BooleanField):
        return "on"
    if isinstance(column, models.DateField):  # and times
        return "2001-01-01"
    return "999" if isinstance(column, models.IntegerField | models.DecimalField) else "stuffed"


def rows(known: dict[Any, set[Any]]) -> Rows:
    """All rows without what differs anyway; references to new rows are all alike."""
    found = []
    for model in own_models():
        columns = [
            column
            for column in model._meta.local_fields
            if column.name not in VOLATILE
            and not column.primary_key
            and not isinstance(column, PASSING)
        ]
        for row in model._default_manager.all():
            values = {}
            for column in columns:
                value = getattr(row, column.attname)
                if column.is_relation and value not in known.get(column.related_model, ()):
                    value = "new" if value is not None else None
                values[column.name] = value
            found.append((model.__name__, repr(values)))
    return sorted(found)


def keys() -> dict[Any, set[Any]]:
    return {
        model: set(model._default_manager.values_list("pk", flat=True)) for model in own_models()
    }


@pytest.mark.parametrize("sent", SENT, ids=str)
def test_extra_fields_make_no_difference(scene: Scene, sent: Sent) -> None:
    url = address(sent.route, *arguments(scene, sent.thing))
    client = scene.clients[sent.who]
    plain = {**sent.valid, **dict.fromkeys(sent.texts, "Some words")}
    if sent.route in ACCEPTED:
        plain = {**plain, **ACCEPTED[sent.route]}
    if sent.route == "week_confirm":
        plain = {}
    before, known = fingerprint(), keys()
    shown = client.get(url).content.decode(errors="replace")
    own = set(re.findall(r'name="([^"]+)"', shown)) | set(plain) | ALSO_OWN.get(sent.route, set())
    extra = {name: value for name, value in every_column(scene).items() if name not in own}
    assert len(extra) > 80
    with undone():
        answer = post(client, url, plain)
        assert answer.status_code in (200, 204, 302), answer.status_code
        assert fingerprint() != before
        expected = rows(known)
    scene.restore_sessions()
    with undone():
        assert post(client, url, {**extra, **plain}).status_code == answer.status_code
        assert rows(known) == expected


FAR_ROLES = [
    ("Co", {"role": Role.PROJECT_ADMIN}),
    ("Co", {"role": Role.MANAGER}),
    ("Co", {"organisation": "far-school"}),
    ("Co", {"organisation": "near-company", "role": Role.INSTRUCTOR}),
    ("Ma", {"organisation": "near-company", "role": Role.COORDINATOR}),
    ("Ma", {"organisation": "far-company", "role": Role.INSTRUCTOR}),
    ("Cf", {"role": Role.TEACHER}),
    ("Ad", {"organisation": "near-company", "role": Role.PROJECT_ADMIN}),
]


@pytest.mark.parametrize(("who", "asked"), FAR_ROLES)
def test_nobody_invites_into_a_role_or_place_above_their_own(
    scene: Scene, who: str, asked: dict[str, str]
) -> None:
    data = {"organisation": "near-school", "role": "teacher", "email": "n@example.org"}
    before = fingerprint()
    answer = scene.clients[who].post(
        address("invitation_create"), {**data, "language": "en", "name": "", **asked}
    )
    assert answer.status_code in (403, 422)
    assert fingerprint() == before


def test_an_invitation_gives_what_it_says_whatever_is_sent_with_it(scene: Scene) -> None:
    url = address("invitation_accept", scene.ids["invitation_token"])
    answers = {"name": "Nelli New", "password": "a very long way home"}
    wished = {"role": "coordinator", "organisation": "far-school", "email": "boss@example.org"}
    client = scene.client("An")
    assert client.post(url, {**wished, "is_staff": "on", **answers}).status_code == 302
    person = User.objects.get(name="Nelli New")
    invitation = Invitation.objects.get(public_id=scene.ids["invitation"])
    membership = Membership.objects.get(user=person)
    assert (membership.role, membership.organisation) == ("teacher", scene.cast.school)
    assert person.email == invitation.email
    assert scene.client("An").post(url, answers).status_code == 410
    assert Membership.objects.filter(user=person).count() == 1


def test_the_role_one_acts_in_is_one_of_ones_own(scene: Scene) -> None:
    """Also when somebody else's membership, or none at all, is sent."""
    client = scene.clients["Te"]
    for wished in (scene.ids["student_role"], "project_admin", ""):
        client.post(address("acting_set"), {"membership": wished, "role": "coordinator"})
        assert client.get(address("review_queue")).status_code == 403
        assert client.get(address("invitation_create")).status_code == 403

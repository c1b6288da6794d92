"""A frozen version before pilot reviewers: sent, taken back, approved, or returned with notes."""

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import VersionState
from badges.models import AchievementVersion, PilotReview
from badges.selectors.editor import approvals_of, can_review_pilot, missing_of
from badges.services.editing import digest_of, locked, locked_draft, require_editor
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState


@transaction.atomic
def send_to_pilot(*, by: Actor, version: AchievementVersion) -> AchievementVersion:
    """Freezes the version; raises InvalidInput with the first thing that is missing."""
    version = locked_draft(by, version)
    missing = missing_of(version)
    if missing:
        raise InvalidInput("incomplete", missing[0].words)
    version.content_sha256 = digest_of(version)
    return _move(by, version, VersionState.PILOT, "version_sent_to_pilot")


@transaction.atomic
def take_back(*, by: Actor, version: AchievementVersion) -> AchievementVersion:
    """To the draft again, as long as nobody has approved it."""
    require_editor(by, version)
    version = locked(version)
    _require_pilot(version)
    if approvals_of(version):
        raise WrongState(
            "approved",
            _("A pilot reviewer has approved this version. Publish it, then change the badge."),
        )
    return _back_to_draft(by, version, "version_taken_back")


@transaction.atomic
def review_pilot(
    *, by: Actor, version: AchievementVersion, content_sha256: str, is_approved: bool, note: str
) -> PilotReview:
    """One reviewer's answer to exactly the content they have read.

    Asking for changes needs a note and opens the draft again. Raises WrongState when the version
    has changed since the page was opened.
    """
    version = locked(version)
    _require_pilot(version)
    if content_sha256 != version.content_sha256:
        raise WrongState("changed", _("The badge has changed since you opened it. Read it again."))
    if not can_review_pilot(by, version):
        raise NotAllowed(
            "own_work", _("Pilot reviewers are coordinators who did not write the badge.")
        )
    if not is_approved and not note.strip():
        raise InvalidInput("no_note", _("Say what should change."), "note")
    assert by.user is not None
    review, _is_new = PilotReview.objects.update_or_create(
        version=version,
        reviewer=by.user,
        content_sha256=version.content_sha256,
        defaults={"is_approved": is_approved, "note": note.strip(), "at": now()},
    )
    audit.record(
        by=by,
        verb="pilot_reviewed",
        thing=version,
        organisation=version.achievement.owner,
        is_approved=is_approved,
        content_sha256=version.content_sha256,
    )
    if not is_approved:
        _back_to_draft(by, version, "version_returned")
    return review


def _require_pilot(version: AchievementVersion) -> None:
    if version.state != VersionState.PILOT:
        raise WrongState("not_pilot", _("This version is not with pilot reviewers now."))


def _back_to_draft(by: Actor, version: AchievementVersion, verb: str) -> AchievementVersion:
    version.content_sha256 = ""
    return _move(by, version, VersionState.DRAFT, verb)


def _move(by: Actor, version: AchievementVersion, to: str, verb: str) -> AchievementVersion:
    version.state = to
    version.save(update_fields=["state", "content_sha256"])
    audit.record(by=by, verb=verb, thing=version, organisation=version.achievement.owner)
    return version

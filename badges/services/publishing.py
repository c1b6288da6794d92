"""From an approved pilot to a badge that people can earn, and out of use again; test awards."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import AwardBasis, VersionState
from badges.models import Achievement, AchievementVersion, Award
from badges.selectors.editor import PILOT_REVIEWERS, approvals_of
from badges.services.awarding import queue_award
from badges.services.editing import digest_of, locked, require_editor
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import database_now, now
from techvet.errors import WrongState

TEST_DAYS = 7
TESTABLE = (VersionState.PILOT, VersionState.PUBLISHED)


@transaction.atomic
def publish_version(*, by: Actor, version: AchievementVersion) -> AchievementVersion:
    """Opens the badge for applications with this version, after two approvals of its content."""
    require_editor(by, version)
    achievement = _locked_badge(version)
    version = locked(version)
    if version.state != VersionState.PILOT:
        raise WrongState("not_pilot", _("This version is not with pilot reviewers now."))
    if digest_of(version) != version.content_sha256 or approvals_of(version) < PILOT_REVIEWERS:
        raise WrongState("not_approved", _("Two pilot reviewers have to approve it first."))
    version.state, version.published_at = VersionState.PUBLISHED, now()
    version.save(update_fields=["state", "published_at"])
    achievement.is_open = True
    achievement.save(update_fields=["is_open"])
    version.achievement = achievement
    audit.record(
        by=by,
        verb="version_published",
        thing=version,
        organisation=achievement.owner,
        code=achievement.code,
        content_sha256=version.content_sha256,
    )
    return version


@transaction.atomic
def withdraw_badge(*, by: Actor, version: AchievementVersion) -> Achievement:
    """No new applications; applications under way, awards and all documents stay."""
    require_editor(by, version)
    achievement = _locked_badge(version)
    published = achievement.versions.filter(state=VersionState.PUBLISHED)
    if not published.update(state=VersionState.WITHDRAWN):
        raise WrongState("not_published", _("This badge is not published now."))
    achievement.is_open = False
    achievement.save(update_fields=["is_open"])
    audit.record(
        by=by,
        verb="badge_withdrawn",
        thing=version,
        organisation=achievement.owner,
        code=achievement.code,
    )
    return achievement


@transaction.atomic
def award_for_test(*, by: Actor, version: AchievementVersion) -> Award:
    """A signed credential for the person who asks, as others will get it, for seven days.

    Only of a frozen version, so that it shows exactly what will be issued. One at a time: a test
    award that is still valid is given again.
    """
    require_editor(by, version)
    version = locked(version)
    assert by.user is not None
    if version.state not in TESTABLE:
        raise WrongState("not_frozen", _("Send the badge to pilot review first."))
    at = database_now().replace(microsecond=0)
    known = Award.objects.filter(
        basis=AwardBasis.TEST,
        version=version,
        recipient=by.user,
        revoked_at__isnull=True,
        valid_until__gt=at,
    ).first()
    if known is not None:
        return known
    owner = version.achievement.owner
    assert owner is not None
    return queue_award(
        by=by,
        basis=AwardBasis.TEST,
        recipient=by.user,
        version=version,
        issuer=owner,
        valid_until=at + timedelta(days=TEST_DAYS),
    )


def _locked_badge(version: AchievementVersion) -> Achievement:
    return (
        Achievement.objects.select_for_update(of=("self",))
        .select_related("owner")
        .get(pk=version.achievement_id)
    )

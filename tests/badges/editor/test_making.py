"""From an idea to a badge that people earn: the services, their states and permissions."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from badges.enums import AwardBasis, VersionState
from badges.models import Achievement, AchievementVersion, Award, PilotReview
from badges.selectors import achievements as shown
from badges.selectors import editor as select
from badges.selectors.passports import showable_awards
from badges.selectors.renewals import ending_awards
from badges.services import editing, piloting, publishing
from badges.services.applying import has_valid_award, start_application
from badges.services.content import load_content
from badges.services.issuing import issue
from partners.models import AuditEvent, Organisation
from techvet.actor import Actor, Assurance
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import draft as draft_application
from tests.factories.editor import (
    CRITERION,
    FRAME,
    TEXTS,
    answer,
    approved,
    begun,
    complete,
    piloted,
    published,
)


@pytest.fixture
def coordinator(cast) -> Actor:
    return cast.actor("coordinator")


@pytest.fixture
def version(cast, coordinator) -> AchievementVersion:
    return complete(coordinator, cast.school)


def refused(error, code):
    return pytest.raises(error, check=lambda refusal: refusal.code == code)


# ------------------------------------------------------------- beginning
def test_a_new_badge_has_an_address_of_its_institution_and_a_picture(cast, coordinator):
    version = begun(coordinator, cast.school)
    assert version.achievement.code == "near-school-welding-guid-1"
    assert len(version.achievement.family) <= editing.FAMILY_LENGTH
    assert (version.state, version.published_at, version.number) == (VersionState.DRAFT, None, 1)
    assert not version.achievement.is_open
    assert "<svg" in version.picture_svg
    assert version.edited_by == cast.coordinator
    event = AuditEvent.objects.get(verb="version_edited")
    assert (event.organisation, event.data) == (cast.school, {"part": "new"})


def test_a_further_level_shares_the_family_and_the_same_level_is_refused(cast, coordinator):
    first = begun(coordinator, cast.school, level=1)
    second = begun(coordinator, cast.school, level=2, short_name="welding GUIDE")
    assert second.achievement.family == first.achievement.family
    with refused(InvalidInput, "exists"):
        begun(coordinator, cast.school, level=1)


def test_names_that_make_the_same_address_do_not_collide(cast, coordinator):
    codes = {
        begun(coordinator, cast.school, short_name=name).achievement.code
        for name in ("Метка", "Знак", "!!!", "Welding guide x", "Welding guide y")
    }
    assert len(codes) == 5
    assert "near-school-badge-1" in codes


@pytest.mark.parametrize("name", ["teacher", "admin", "far_coordinator", "student", "manager"])
def test_only_coordinators_of_the_institution_make_and_change_its_badges(cast, version, name):
    by = cast.actor(name)
    before = AchievementVersion.objects.filter(pk=version.pk).values().get()
    calls = (
        lambda: begun(by, cast.school, short_name="Another"),
        lambda: editing.save_texts(by=by, version=version, **TEXTS),
        lambda: editing.save_frame(by=by, version=version, **FRAME),
        lambda: editing.add_criterion(by=by, version=version, **CRITERION),
        lambda: editing.remove_criterion(by=by, criterion=version.criteria.first()),
        lambda: editing.add_alignment(by=by, version=version, uri="x"),
        lambda: editing.discard_draft(by=by, version=version),
        lambda: editing.change_badge(by=by, version=version),
        lambda: piloting.send_to_pilot(by=by, version=version),
        lambda: piloting.take_back(by=by, version=version),
        lambda: publishing.publish_version(by=by, version=version),
        lambda: publishing.withdraw_badge(by=by, version=version),
        lambda: publishing.award_for_test(by=by, version=version),
    )
    for call in calls:
        with refused(NotAllowed, "not_yours"):
            call()
    assert AchievementVersion.objects.filter(pk=version.pk).values().get() == before
    assert version.criteria.count() == 2


def test_without_the_second_factor_nobody_edits(cast, version):
    by = cast.actor("coordinator", Assurance.PASSWORD)
    with refused(NotAllowed, "not_yours"):
        editing.save_texts(by=by, version=version, **TEXTS)
    assert not select.versions_editable_by(by).exists()


# ------------------------------------------------------------- parts
def test_a_draft_may_be_saved_with_holes(cast, coordinator):
    version = begun(coordinator, cast.school)
    editing.save_texts(by=coordinator, version=version, competence_objective="")
    editing.save_frame(by=coordinator, version=version, eqf_level=None, isced_f="")
    editing.add_criterion(by=coordinator, version=version, title="Runs the induction")
    version.refresh_from_db()
    assert version.criteria.get().evidence_kinds == []


def test_a_field_of_another_part_is_never_written(coordinator, version):
    with pytest.raises(TypeError):
        editing.save_texts(by=coordinator, version=version, state="published")
    with refused(InvalidInput, "unknown_kind"):
        editing.add_criterion(by=coordinator, version=version, title="x", evidence_kinds=["magic"])


def test_a_new_name_is_the_title_of_the_picture(coordinator, version):
    version = editing.save_texts(by=coordinator, version=version, name="Guide & more")
    assert "<title>Guide &amp; more</title>" in version.picture_svg


def test_criteria_change_places_and_close_ranks(coordinator, version):
    third = editing.add_criterion(by=coordinator, version=version, **{**CRITERION, "title": "C"})
    editing.move_criterion(by=coordinator, criterion=third, up=True)
    assert [one.title for one in version.criteria.all()][1] == "C"
    first = version.criteria.get(number=1)
    editing.move_criterion(by=coordinator, criterion=first, up=True)  # at the top already
    editing.move_criterion(by=coordinator, criterion=version.criteria.get(number=3), up=False)
    editing.remove_criterion(by=coordinator, criterion=first)
    rows = list(version.criteria.all())
    assert [(one.number, one.title) for one in rows] == [(1, "C"), (2, CRITERION["title"])]
    assert [one.code for one in rows] == [f"{version.achievement.family}-{n}" for n in (1, 2)]
    editing.save_criterion(by=coordinator, criterion=rows[0], title="Cc")
    rows[0].refresh_from_db()
    assert rows[0].title == "Cc"


def test_there_are_at_most_twenty_criteria(coordinator, version):
    for _ in range(18):
        editing.add_criterion(by=coordinator, version=version, **CRITERION)
    with refused(InvalidInput, "too_many"):
        editing.add_criterion(by=coordinator, version=version, **CRITERION)
    assert version.criteria.count() == select.MOST_CRITERIA


def test_skills_come_from_the_bundled_list_only(coordinator, version):
    uri = "http://data.europa.eu/esco/skill/S1.3"
    editing.add_alignment(by=coordinator, version=version, uri=uri)
    version = editing.add_alignment(by=coordinator, version=version, uri=uri)
    expected = [{"uri": uri, "label": "teaching and training", "kind": "skill_group"}]
    assert version.alignments == expected
    with refused(InvalidInput, "unknown_uri"):
        editing.add_alignment(by=coordinator, version=version, uri="https://example.org/skill")
    version = editing.remove_alignment(by=coordinator, version=version, uri=uri)
    assert version.alignments == []


def test_there_are_at_most_ten_skills(coordinator, version):
    from badges.selectors.esco import esco_entries

    uris = list(esco_entries())
    for uri in uris[: select.MOST_ALIGNMENTS]:
        editing.add_alignment(by=coordinator, version=version, uri=uri)
    with refused(InvalidInput, "too_many"):
        editing.add_alignment(by=coordinator, version=version, uri=uris[-1])


def test_what_is_missing_is_said_in_plain_words(cast, coordinator, version):
    assert select.missing_of(version) == []
    empty = begun(coordinator, cast.school, short_name="Empty")
    words = [one.words for one in select.missing_of(empty)]
    assert words[0] == "Write the competence objective."
    assert "Add at least 2 criteria." in words
    editing.add_criterion(by=coordinator, version=empty, title="Bare")
    words = [one.words for one in select.missing_of(empty)]
    assert "Add 1 more criterion." in words
    assert "Say in criterion 1 what counts." in words
    assert "Choose the kinds of evidence for criterion 1." in words
    assert "Give criterion 1 a good and a weak example." in words
    with refused(InvalidInput, "incomplete"):
        piloting.send_to_pilot(by=coordinator, version=empty)


def test_a_draft_can_be_thrown_away(cast, coordinator, version):
    editing.discard_draft(by=coordinator, version=version)
    assert not Achievement.objects.exists()
    assert AuditEvent.objects.filter(verb="version_discarded").exists()


# ------------------------------------------------------------- pilot
def test_the_pilot_freezes_the_version(cast, coordinator, version):
    criterion = version.criteria.first()
    version = piloting.send_to_pilot(by=coordinator, version=version)
    assert version.state == VersionState.PILOT
    assert version.content_sha256 == editing.digest_of(version)
    for call in (
        lambda: editing.save_texts(by=coordinator, version=version, name="x"),
        lambda: editing.save_frame(by=coordinator, version=version, eqf_level=8),
        lambda: editing.add_criterion(by=coordinator, version=version, **CRITERION),
        lambda: editing.save_criterion(by=coordinator, criterion=criterion, title="x"),
        lambda: editing.move_criterion(by=coordinator, criterion=criterion, up=False),
        lambda: editing.remove_criterion(by=coordinator, criterion=criterion),
        lambda: editing.add_alignment(by=coordinator, version=version, uri="x"),
        lambda: editing.remove_alignment(by=coordinator, version=version, uri="x"),
        lambda: editing.discard_draft(by=coordinator, version=version),
        lambda: piloting.send_to_pilot(by=coordinator, version=version),
    ):
        with refused(WrongState, "frozen"):
            call()


def test_it_can_be_taken_back_until_somebody_approves(cast, coordinator):
    version = piloted(cast)
    version = piloting.take_back(by=coordinator, version=version)
    assert (version.state, version.content_sha256) == (VersionState.DRAFT, "")
    version = piloting.send_to_pilot(by=coordinator, version=version)
    answer(cast.actor("reviewer"), version)
    with refused(WrongState, "approved"):
        piloting.take_back(by=coordinator, version=version)


def test_a_reviewer_asks_for_changes_and_the_note_stays(cast, coordinator):
    version = piloted(cast)
    far = cast.actor("far_coordinator")
    with refused(InvalidInput, "no_note"):
        answer(far, version, approve=False, note="  ")
    answer(far, version, approve=False, note="Say how long.")
    version.refresh_from_db()
    assert version.state == VersionState.DRAFT
    assert version.pilot_reviews.get().note == "Say how long."
    editing.save_frame(by=coordinator, version=version, workload_hours=9)
    version = piloting.send_to_pilot(by=coordinator, version=version)
    answer(far, version)
    assert [one.is_approved for one in version.pilot_reviews.all()] == [False, True]


def test_an_approval_counts_only_for_what_was_read(cast, coordinator):
    version = piloted(cast)
    answer(cast.actor("reviewer"), version)
    answer(cast.actor("far_coordinator"), version, approve=False, note="More.")
    version.refresh_from_db()
    editing.save_frame(by=coordinator, version=version, workload_hours=30)
    version = piloting.send_to_pilot(by=coordinator, version=version)
    assert select.approvals_of(version) == 0


@pytest.mark.parametrize("name", ["coordinator", "teacher", "admin", "manager"])
def test_who_wrote_it_or_is_no_coordinator_does_not_approve_it(cast, name):
    version = piloted(cast)
    with refused(NotAllowed, "own_work"):
        answer(cast.actor(name), version)
    assert not PilotReview.objects.exists()


def test_who_had_a_hand_in_it_before_does_not_approve_it_either(cast, coordinator, version):
    editing.save_frame(by=cast.actor("reviewer"), version=version, workload_hours=4)
    editing.save_frame(by=coordinator, version=version, workload_hours=5)
    version = piloting.send_to_pilot(by=coordinator, version=version)
    with refused(NotAllowed, "own_work"):
        answer(cast.actor("reviewer"), version)
    assert select.pilots_for(cast.actor("reviewer")) == []
    assert select.pilots_for(cast.actor("far_coordinator")) == [version]


def test_an_answer_to_an_older_page_is_refused(cast):
    version = piloted(cast)
    with refused(WrongState, "changed"):
        piloting.review_pilot(
            by=cast.actor("reviewer"),
            version=version,
            content_sha256="0" * 64,
            is_approved=True,
            note="",
        )


def test_one_person_counts_once(cast):
    version = piloted(cast)
    answer(cast.actor("reviewer"), version)
    answer(cast.actor("reviewer"), version)
    assert select.approvals_of(version) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        PilotReview.objects.create(
            version=version,
            reviewer=cast.reviewer,
            is_approved=True,
            content_sha256=version.content_sha256,
        )


# ------------------------------------------------------------- publishing
def test_two_approvals_publish_it(cast, coordinator):
    version = piloted(cast)
    answer(cast.actor("reviewer"), version)
    with refused(WrongState, "not_approved"):
        publishing.publish_version(by=coordinator, version=version)
    assert version.achievement not in shown.achievements()
    answer(cast.actor("far_coordinator"), version)
    version = publishing.publish_version(by=coordinator, version=version)
    assert version.state == VersionState.PUBLISHED
    assert version.published_at is not None
    assert version.achievement in shown.achievements()
    assert version in shown.present_versions()
    assert list(select.institution_badges()) == [version]
    assert start_application(by=cast.actor("teacher"), achievement=version.achievement)
    with refused(WrongState, "not_pilot"):
        publishing.publish_version(by=coordinator, version=version)
    with refused(WrongState, "not_pilot"):
        answer(cast.actor("reviewer"), version)


def test_what_was_changed_behind_the_back_is_not_published(cast, coordinator):
    version = approved(cast)
    version.criteria.update(title="Something else")
    with refused(WrongState, "not_approved"):
        publishing.publish_version(by=coordinator, version=version)


def test_a_change_is_a_new_version_and_applications_keep_theirs(cast, coordinator):
    first = published(cast)
    application = draft_application(cast.teacher, first.achievement)
    second = editing.change_badge(by=coordinator, version=first)
    assert (second.number, second.state) == (2, VersionState.DRAFT)
    assert second.criteria.count() == first.criteria.count()
    assert not set(second.criteria.values_list("public_id")) & set(
        first.criteria.values_list("public_id")
    )
    assert second.pilot_reviews.count() == 0
    with refused(WrongState, "open_draft"):
        editing.change_badge(by=coordinator, version=first)
    # While the second is a draft, people still begin with the first.
    other = start_application(by=cast.actor("far_teacher"), achievement=first.achievement)
    assert other.version == first
    editing.save_texts(by=coordinator, version=second, name="Better")
    second = piloting.send_to_pilot(by=coordinator, version=second)
    answer(cast.actor("reviewer"), second)
    answer(cast.actor("far_coordinator"), second)
    publishing.publish_version(by=coordinator, version=second)
    application.refresh_from_db()
    first.refresh_from_db()
    assert application.version == first
    assert (first.name, first.state) == (TEXTS["name"], VersionState.PUBLISHED)
    newest = start_application(by=cast.actor("second_teacher"), achievement=first.achievement)
    assert newest.version == second
    assert list(shown.present_versions()) == [second]


def test_a_withdrawn_badge_takes_no_applications_and_can_still_be_read(cast, coordinator):
    version = published(cast)
    application = draft_application(cast.teacher, version.achievement)
    publishing.withdraw_badge(by=coordinator, version=version)
    version.refresh_from_db()
    assert version.state == VersionState.WITHDRAWN
    with refused(WrongState, "not_open"):
        start_application(by=cast.actor("second_teacher"), achievement=version.achievement)
    application.refresh_from_db()
    assert application.state == "draft"
    assert version in shown.versions()
    assert not shown.achievements().filter(pk=version.achievement_id).exists()
    assert shown.achievements(shown.READABLE).filter(pk=version.achievement_id).exists()
    with refused(WrongState, "not_published"):
        publishing.withdraw_badge(by=coordinator, version=version)


# ------------------------------------------------------------- test awards
def test_a_test_award_is_signed_and_counts_nowhere(cast, coordinator, issuers):
    version = piloted(cast)
    award = publishing.award_for_test(by=coordinator, version=version)
    assert (award.basis, award.recipient) == (AwardBasis.TEST, cast.coordinator)
    assert award.issuer == cast.school
    assert award.valid_until - award.issued_at == timedelta(days=7)
    assert issue(award.pk)
    person = cast.coordinator.pk
    assert award not in shown.valid_awards_of(person)
    assert not has_valid_award(person, version.achievement)
    assert award not in showable_awards(person)
    assert award not in ending_awards()
    assert version in shown.versions()  # its document can be read
    again = publishing.award_for_test(by=coordinator, version=version)
    assert again == award
    assert list(select.test_awards_of(version, coordinator)) == [award]


def test_a_test_award_needs_a_frozen_version(cast, coordinator, version, issuers):
    with refused(WrongState, "not_frozen"):
        publishing.award_for_test(by=coordinator, version=version)
    assert not Award.objects.exists()


def test_a_draft_with_a_test_award_stays(cast, coordinator, issuers):
    version = piloted(cast)
    publishing.award_for_test(by=coordinator, version=version)
    version = piloting.take_back(by=coordinator, version=version)
    with refused(WrongState, "awarded"):
        editing.discard_draft(by=coordinator, version=version)


# ------------------------------------------------------------- beside the constellation
def test_loading_the_content_leaves_the_badges_of_institutions_alone(cast, coordinator):
    Organisation.objects.filter(pk=cast.school.pk).update(slug="hamk")
    version = published(cast)
    load_content(by=Actor.system())
    version.achievement.refresh_from_db()
    assert version.achievement.is_open
    assert version in shown.present_versions()
    assert now() > version.published_at

"""From draft to published and on; every branch."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from materials.enums import CheckPoint
from materials.models import (
    ENTRY_FIELDS,
    MaterialMove,
    MaterialReview,
    MaterialVersion,
    SearchWord,
)
from materials.selectors.entries import attachments_of, published_entries
from materials.services.publishing import (
    change_material,
    check_material,
    discard_changes,
    free_slug,
    retire_material,
    submit_for_check,
    withdraw_from_check,
)
from materials.services.writing import add_attachment, remove_attachment, save_draft
from partners.models import AuditEvent, OutgoingMessage
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.cast import Cast
from tests.factories import materials as make


def check(cast: Cast, material, name: str = "second_teacher", **more: object) -> MaterialReview:
    values = {"points": make.ALL_OK, "note": "", "outcome": "publish", **more}
    return check_material(by=cast.actor(name), material=material, **values)


def test_sending_leaves_a_move_and_an_event(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    sent = submit_for_check(by=cast.actor("teacher"), material=material)
    assert sent.state == "in_check"
    move = MaterialMove.objects.filter(material=material).last()
    assert (move.from_state, move.to_state, move.by) == ("draft", "in_check", cast.teacher)
    assert sent.state_since >= move.at or move.at >= sent.state_since
    event = AuditEvent.objects.get(verb="material.submit")
    assert (event.by, event.organisation) == (cast.teacher, cast.school)
    assert str(move) == f"{material}: in_check"


def test_only_the_author_sends_and_only_once(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    with pytest.raises(NotAllowed):
        submit_for_check(by=cast.actor("coordinator"), material=material)
    submit_for_check(by=cast.actor("teacher"), material=material)
    with pytest.raises(WrongState):
        submit_for_check(by=cast.actor("teacher"), material=material)
    assert AuditEvent.objects.filter(verb="material.submit").count() == 1


def test_taking_back(cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    with pytest.raises(NotAllowed):
        withdraw_from_check(by=cast.actor("second_teacher"), material=material)
    assert withdraw_from_check(by=cast.actor("teacher"), material=material).state == "draft"
    with pytest.raises(WrongState):
        withdraw_from_check(by=cast.actor("teacher"), material=material)


def test_publishing_freezes_a_version(cast: Cast) -> None:
    material = make.in_check(cast.teacher, minutes=5, phases=["start"], questions=["far_away"])
    review = check(cast, material, note="Lovely.")
    material.refresh_from_db()
    assert (material.state, material.version) == ("published", 1)
    assert material.slug == "feedback-in-five-minutes"
    version = MaterialVersion.objects.get()
    assert version.is_current
    assert (version.number, version.checked_by) == (1, cast.second_teacher)
    assert version.published_at == material.published_at
    for name in ENTRY_FIELDS:
        assert getattr(version, name) == getattr(material, name)
    assert (review.author, review.reviewer) == (cast.teacher, cast.second_teacher)
    assert (review.outcome, review.points) == ("publish", make.ALL_OK)
    assert str(version) == "Feedback in five minutes, version 1"
    assert str(review) == "Feedback in five minutes: publish"


def test_what_is_published_can_be_found(cast: Cast) -> None:
    make.of(cast, body="Soldering a joint.")
    version = MaterialVersion.objects.get()
    assert "'solder':" in version.search
    assert "A" in version.search
    words = set(SearchWord.objects.values_list("word", flat=True))
    assert {"soldering", "feedback", "friday"} <= words
    assert "ask" not in words
    assert str(SearchWord.objects.get(plain="soldering")) == "soldering"


def test_the_author_is_told_in_their_own_language(cast: Cast) -> None:
    cast.teacher.language = "fi"
    cast.teacher.save()
    material = make.of(cast)
    message = OutgoingMessage.objects.get(kind="material_publish")
    assert (message.recipient, message.language) == (cast.teacher, "fi")
    assert f"/materials/{material.slug}/" in message.body
    assert "Feedback in five minutes" in message.subject
    assert "Toivo" not in message.body


def test_returning_needs_a_note_and_tells_the_author(cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    points = {**make.ALL_OK, "correct": "fix"}
    with pytest.raises(InvalidInput) as refusal:
        check(cast, material, points=points, outcome="return", note="  ")
    assert refusal.value.field == "note"
    check(cast, material, points=points, outcome="return", note="See the second line.")
    material.refresh_from_db()
    assert (material.state, material.version, material.slug) == ("returned", 0, None)
    message = OutgoingMessage.objects.get(kind="material_return")
    assert f"/materials/drafts/{material.public_id}/" in message.body
    assert not published_entries().exists()


def test_returned_and_sent_again(cast: Cast) -> None:
    material = make.returned(cast.teacher, cast.second_teacher)
    by = cast.actor("teacher")
    save_draft(by=by, material=material, body="Better.")
    submit_for_check(by=by, material=material)
    make.publish(material, cast.coordinator)
    assert MaterialReview.objects.filter(material=material).count() == 2
    assert MaterialVersion.objects.get().body == "Better."


def test_nobody_checks_their_own(cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    for name in ("teacher", "student", "instructor", "admin", "leaver"):
        with pytest.raises(NotAllowed):
            check(cast, material, name)
    material.refresh_from_db()
    assert material.state == "in_check"
    assert not MaterialReview.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_the_database_says_so_too(cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    with pytest.raises(IntegrityError, match="materials_review_not_own"), transaction.atomic():
        MaterialReview.objects.create(
            material=material, author=cast.teacher, reviewer=cast.teacher, outcome="publish"
        )


def test_a_published_row_must_be_complete(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    material.state = "published"
    with pytest.raises(IntegrityError, match="published_complete"), transaction.atomic():
        material.save()


def test_one_current_version_only(cast: Cast) -> None:
    material = make.of(cast)
    with pytest.raises(IntegrityError, match="one_current"), transaction.atomic():
        MaterialVersion.objects.create(material=material, number=2, is_current=True)


@pytest.mark.parametrize(
    ("points", "outcome", "field"),
    [
        (make.ALL_OK, "burn", None),
        ({}, "publish", "licence"),
        ({**make.ALL_OK, "correct": "maybe"}, "publish", "correct"),
        ({**make.ALL_OK, "extra": "ok"}, "publish", None),
        ({**make.ALL_OK, "correct": "fix"}, "publish", None),
    ],
)
def test_a_check_must_be_whole(
    cast: Cast, points: dict[str, str], outcome: str, field: str | None
) -> None:
    material = make.in_check(cast.teacher)
    with pytest.raises(InvalidInput) as refusal:
        check(cast, material, points=points, outcome=outcome, note="x")
    assert refusal.value.field == field
    material.refresh_from_db()
    assert material.state == "in_check"


def test_what_does_not_wait_is_not_checked(cast: Cast) -> None:
    for material in (make.draft(cast.teacher), make.of(cast, title="Public")):
        with pytest.raises(WrongState):
            check(cast, material)


def test_a_change_leaves_the_public_text_alone(cast: Cast) -> None:
    material = make.of(cast)
    by = cast.actor("teacher")
    changed = change_material(by=by, material=material)
    assert changed.state == "draft"
    save_draft(by=by, material=material, title="Feedback, better", change_note="Clearer steps")
    assert published_entries().get().title == "Feedback in five minutes"
    submit_for_check(by=by, material=material)
    assert published_entries().get().title == "Feedback in five minutes"
    make.publish(material, cast.second_teacher)
    current = published_entries().get()
    assert (current.number, current.title) == (2, "Feedback, better")
    assert current.change_note == "Clearer steps"
    assert current.material.slug == "feedback-in-five-minutes"
    assert MaterialVersion.objects.get(number=1).is_current is False


def test_only_the_author_changes(cast: Cast) -> None:
    material = make.of(cast)
    with pytest.raises(NotAllowed):
        change_material(by=cast.actor("admin"), material=material)
    with pytest.raises(WrongState):
        change_material(by=cast.actor("teacher"), material=make.draft(cast.teacher))


def test_changes_can_be_thrown_away(cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.draft(cast.teacher)
    kept = add_attachment(by=by, material=material, upload=make.plain_file("kept.txt"))
    submit_for_check(by=by, material=material)
    make.publish(material, cast.second_teacher)
    change_material(by=by, material=material)
    save_draft(by=by, material=material, title="Worse", minutes=99)
    remove_attachment(by=by, attachment=kept)
    add_attachment(by=by, material=material, upload=make.plain_file("new.txt"))
    material = discard_changes(by=by, material=material)
    assert (material.state, material.title, material.minutes) == (
        "published",
        "Feedback in five minutes",
        None,
    )
    assert [a.original_name for a in attachments_of(material)] == ["kept.txt"]
    assert material.version == 1


def test_there_must_be_something_to_go_back_to(cast: Cast) -> None:
    with pytest.raises(WrongState) as refusal:
        discard_changes(by=cast.actor("teacher"), material=make.draft(cast.teacher))
    assert refusal.value.code == "never_published"
    with pytest.raises(WrongState):
        discard_changes(by=cast.actor("teacher"), material=make.of(cast, title="As it is"))


def test_retiring(cast: Cast) -> None:
    material = make.of(cast)
    with pytest.raises(NotAllowed):
        retire_material(by=cast.actor("second_teacher"), material=material)
    retire_material(by=cast.actor("teacher"), material=material)
    material.refresh_from_db()
    assert material.state == "retired"
    assert not published_entries().exists()
    assert MaterialVersion.objects.count() == 1
    assert not OutgoingMessage.objects.filter(kind="material_retire").exists()
    with pytest.raises(WrongState):
        retire_material(by=cast.actor("teacher"), material=material)


def test_an_administrator_retires_and_the_author_is_told(cast: Cast) -> None:
    material = make.of(cast)
    retire_material(by=cast.actor("admin"), material=material)
    assert OutgoingMessage.objects.get(kind="material_retire").recipient == cast.teacher


def test_a_draft_is_not_retired(cast: Cast) -> None:
    with pytest.raises(WrongState) as refusal:
        retire_material(by=cast.actor("teacher"), material=make.draft(cast.teacher))
    assert refusal.value.code == "never_published"


def test_a_retired_entry_can_come_back_as_a_new_version(cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.of(cast)
    retire_material(by=by, material=material)
    change_material(by=by, material=material)
    submit_for_check(by=by, material=material)
    make.publish(material, cast.second_teacher)
    assert (material.version, published_entries().get().number) == (2, 2)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hyvä palaute töissä", "hyva-palaute-toissa"),
        ("Õppija ja töökoht", "oppija-ja-tookoht"),
        ("Ceļš uz mājām", "cels-uz-majam"),
        ("Обучение", "entry"),
        ("new", "new-2"),
        ("Mine", "mine-2"),
        ("!!!", "entry"),
        ("x" * 120, "x" * 70),
    ],
)
def test_addresses_come_from_titles(db: None, title: str, slug: str) -> None:
    with transaction.atomic():
        assert free_slug(title) == slug


def test_equal_titles_get_different_addresses(cast: Cast) -> None:
    slugs = [make.of(cast).slug for _ in range(3)]
    stem = "feedback-in-five-minutes"
    assert slugs == [stem, f"{stem}-2", f"{stem}-3"]


def test_the_note_is_the_authors_only(cast: Cast) -> None:
    """The audit tells ids and plain facts, never what somebody wrote."""
    check(cast, make.in_check(cast.teacher), note="A secret note")
    assert "secret" not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_eight_points_are_asked(cast: Cast) -> None:
    for point in CheckPoint:
        material = make.in_check(cast.teacher)
        points = {k: v for k, v in make.ALL_OK.items() if k != point.value}
        with pytest.raises(InvalidInput) as refusal:
            check(cast, material, points=points)
        assert refusal.value.field == point.value
        material.delete()


@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_once_publish_one_version(cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    results: list[str] = []
    barrier = threading.Barrier(2)

    def run(name: str) -> None:
        try:
            actor = cast.actor(name)
            barrier.wait(timeout=20)
            check_material(
                by=actor, material=material, points=make.ALL_OK, note="", outcome="publish"
            )
            results.append("published")
        except WrongState:
            results.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in ("second_teacher", "coordinator")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == ["late", "published"]
    assert MaterialVersion.objects.count() == MaterialReview.objects.count() == 1

"""Who sees what: the public, authors, checkers, administrators."""

import uuid

from django.urls import reverse

from materials.models import Material
from materials.selectors.entries import (
    addresses_in,
    attachments_of,
    attachments_visible_to,
    materials_of,
    materials_visible_to,
    public_version,
    public_versions,
    published_entries,
    retired_entries,
    waiting_for_check,
)
from materials.selectors.records import published_material_records
from materials.selectors.start import start_items
from materials.services.publishing import change_material, retire_material, submit_for_check
from materials.services.writing import add_attachment, remove_attachment, save_draft
from techvet.actor import Actor
from tests.cast import Cast
from tests.factories import materials as make


def seen(cast: Cast, name: str) -> set[str]:
    return {material.title for material in materials_visible_to(cast.actor(name))}


def test_working_rows(cast: Cast) -> None:
    make.draft(cast.teacher, title="Draft")
    make.in_check(cast.teacher, title="Waiting")
    make.returned(cast.teacher, cast.second_teacher, title="Returned")
    make.of(cast, title="Public")
    assert seen(cast, "teacher") == {"Draft", "Waiting", "Returned", "Public"}
    assert seen(cast, "second_teacher") == {"Waiting"}
    assert seen(cast, "far_coordinator") == {"Waiting"}
    assert seen(cast, "admin") == {"Public"}
    for name in ("student", "instructor", "manager", "leaver"):
        assert seen(cast, name) == set()
    assert not materials_visible_to(Actor()).exists()
    assert Material.objects.count() == 4


def test_own_rows_newest_change_first(cast: Cast) -> None:
    first = make.draft(cast.teacher, title="First")
    second = make.draft(cast.teacher, title="Second")
    save_draft(by=cast.actor("teacher"), material=first, minutes=3)
    assert list(materials_of(cast.actor("teacher"))) == [first, second]
    assert list(materials_of(cast.actor("second_teacher"))) == []


def test_the_queue_has_the_longest_waiting_first_and_not_ones_own(cast: Cast) -> None:
    first = make.in_check(cast.teacher, title="Z")
    second = make.in_check(cast.far_teacher, title="A")
    assert list(waiting_for_check(cast.actor("coordinator"))) == [first, second]
    assert list(waiting_for_check(cast.actor("teacher"))) == [second]
    assert list(waiting_for_check(cast.actor("admin"))) == []
    assert list(waiting_for_check(Actor())) == []


def test_public_versions(cast: Cast) -> None:
    material = make.of(cast)
    by = cast.actor("teacher")
    change_material(by=by, material=material)
    save_draft(by=by, material=material, title="Second")
    submit_for_check(by=by, material=material)
    make.publish(material, cast.second_teacher)
    assert [entry.number for entry in published_entries()] == [2]
    assert sorted(version.number for version in public_versions()) == [1, 2]
    slug = material.slug
    assert public_version(slug).get().title == "Second"
    assert public_version(slug, 1).get().title == "Feedback in five minutes"
    assert not public_version(slug, 3).exists()
    assert not public_version("other").exists()
    assert [v.number for v in public_version(slug).get().material.all_versions] == [2, 1]
    retire_material(by=by, material=material)
    assert not public_versions().exists()
    assert not public_version(slug, 1).exists()
    assert retired_entries().get() == material


def test_what_was_never_published_is_not_retired(cast: Cast) -> None:
    make.draft(cast.teacher)
    make.of(cast, title="Public")
    assert not retired_entries().exists()


def test_files_of_drafts_and_of_what_is_public(cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.draft(cast.teacher)
    kept = add_attachment(by=by, material=material, upload=make.plain_file())
    everybody = [Actor(), cast.actor("second_teacher"), cast.actor("admin")]
    assert attachments_visible_to(by).get() == kept
    for actor in everybody:
        assert not attachments_visible_to(actor).exists()
    submit_for_check(by=by, material=material)
    assert attachments_visible_to(cast.actor("second_teacher")).get() == kept
    assert not attachments_visible_to(Actor()).exists()
    make.publish(material, cast.second_teacher)
    for actor in everybody:
        assert attachments_visible_to(actor).get() == kept


def test_a_file_added_while_changing_is_not_public_yet(cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.of(cast)
    change_material(by=by, material=material)
    new = add_attachment(by=by, material=material, upload=make.plain_file())
    assert attachments_visible_to(by).get() == new
    assert not attachments_visible_to(Actor()).exists()
    remove_attachment(by=by, attachment=new)
    assert not attachments_visible_to(by).exists()


def test_files_of_a_retired_entry_are_closed(cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.draft(cast.teacher)
    add_attachment(by=by, material=material, upload=make.plain_file())
    submit_for_check(by=by, material=material)
    make.publish(material, cast.second_teacher)
    retire_material(by=by, material=material)
    assert not attachments_visible_to(Actor()).exists()
    assert attachments_visible_to(by).exists()


def test_addresses_of_what_a_text_mentions(cast: Cast) -> None:
    by = cast.actor("teacher")
    public = make.of(cast, title="Public")
    draft = make.draft(cast.teacher)
    picture = add_attachment(by=by, material=draft, upload=make.picture(), description="x")
    paper = add_attachment(by=by, material=draft, upload=make.plain_file())
    body = (
        f"[a](material:{public.slug}) [b](material:none) ![c](attachment:{picture.public_id})"
        f" [d](attachment:{paper.public_id}) [e](attachment:{uuid.uuid4()})"
    )
    links, pictures = addresses_in(body, attachments_of(draft))
    assert links == {
        f"material:{public.slug}": reverse("material_show", args=[public.slug]),
        f"attachment:{picture.public_id}": reverse("attachment_show", args=[picture.public_id]),
        f"attachment:{paper.public_id}": reverse("attachment_show", args=[paper.public_id]),
    }
    assert pictures == [f"attachment:{picture.public_id}"]


def test_records_for_badges(cast: Cast) -> None:
    make.draft(cast.teacher, title="Draft")
    first = make.of(cast, title="First")
    second = make.of(cast, title="Second")
    make.published(cast.second_teacher, cast.teacher, title="Not mine")
    records = published_material_records(cast.teacher)
    assert [record.record_id for record in records] == [second.public_id, first.public_id]
    record = records[1]
    assert record.kind == "published_material"
    assert "First" in record.title
    assert record.facts["title"] == "First"
    assert record.facts["version"] == 1
    assert record.facts["url"].endswith("/materials/first/")
    assert set(record.facts) == {"title", "published_on", "version", "url"}
    retire_material(by=cast.actor("teacher"), material=second)
    assert len(published_material_records(cast.teacher)) == 1
    assert published_material_records(cast.student) == []


def test_the_kind_of_record_is_one_that_badges_know() -> None:
    from badges.enums import EvidenceKind
    from materials.selectors.records import KIND

    assert KIND in EvidenceKind.values


def test_what_waits_on_the_start_page(cast: Cast) -> None:
    assert start_items(Actor()) == []
    assert start_items(cast.actor("teacher")) == []
    returned = make.returned(cast.teacher, cast.second_teacher, title="Back again")
    make.in_check(cast.far_teacher, title="One")
    make.in_check(cast.teacher, title="Own")
    items = start_items(cast.actor("teacher"))
    assert [item.title for item in items] == ["Back again", "Check materials of colleagues"]
    assert items[0].tone == "attention"
    assert str(returned.public_id) in items[0].url
    assert items[1].detail == "1 entry waits for a check."
    assert start_items(cast.actor("coordinator"))[0].detail == "2 entries wait for a check."
    assert start_items(cast.actor("student")) == []

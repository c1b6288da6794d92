"""Text, files, links and records of the portal, each with its limits."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from badges.enums import EvidenceKind
from badges.models import EvidenceItem
from badges.selectors.applications import criteria_of
from badges.selectors.records import offered_records, records_by_criterion
from badges.services import evidence as services
from techvet.errors import InvalidInput, NotAllowed
from techvet.records import Record
from tests.factories.badges import draft, submitted

RECORD = Record(uuid4(), "confirmed_weeks", "6 confirmed weeks of guidance", {"weeks": 6})


@pytest.fixture
def application(cast, badge):
    return draft(cast.teacher, badge, answered=False)


@pytest.fixture
def where(cast, application):
    return {
        "by": cast.actor("teacher"),
        "application": application,
        "criterion": application.version.criteria.first(),
    }


@pytest.fixture
def records(monkeypatch):
    monkeypatch.setattr("badges.selectors.records.guidance_records", lambda person: [RECORD])


def test_text_is_written_changed_and_taken_away(where, application):
    item = services.save_text(**where, text="  What I did. ")
    assert item.text == "What I did."
    assert services.save_text(**where, text="What I did.") == item
    changed = services.save_text(**where, text="More.")
    assert (changed.pk, changed.text) == (item.pk, "More.")
    assert services.save_text(**where, text=" ") is None
    assert services.save_text(**where, text="") is None
    assert not application.evidence.exists()


def test_a_file_is_kept_under_a_random_name(where):
    upload = SimpleUploadedFile("../plan of week 1.txt", b"Monday: safety walk.")
    item = services.add_file(**where, upload=upload)
    assert item.file_name == "plan of week 1.txt"
    assert item.file_type.startswith("text/plain")
    assert "plan" not in item.file.name
    assert item.file.read() == b"Monday: safety walk."
    item.file.close()


@pytest.mark.parametrize(
    ("name", "content"), [("a.exe", b"MZ\x90\x00"), ("a.txt", b""), ("a.html", b"<script>")]
)
def test_files_that_cannot_be_used(where, name, content):
    with pytest.raises(InvalidInput) as refused:
        services.add_file(**where, upload=SimpleUploadedFile(name, content))
    assert refused.value.field == "file"
    assert not EvidenceItem.objects.exists()


def test_a_link(where):
    item = services.add_link(**where, url="https://example.org/plan")
    assert (item.kind, item.url) == (EvidenceKind.LINK, "https://example.org/plan")


def test_a_record_becomes_a_snapshot_once(where, records):
    item = services.use_record(**where, record_id=RECORD.record_id)
    assert item.snapshot == {"title": RECORD.title, "facts": {"weeks": 6}}
    assert services.use_record(**where, record_id=RECORD.record_id) == item
    with pytest.raises(InvalidInput):
        services.use_record(**where, record_id=uuid4())


def test_records_are_offered_where_they_fit(where, application, cast, records):
    first, second = criteria_of(application)
    assert offered_records(cast.teacher, first) == [RECORD]
    offers = records_by_criterion(cast.teacher, [first, second])
    assert [(one["record"], one["criterion"].number) for one in offers] == [(RECORD, 1)]
    services.use_record(**where, record_id=RECORD.record_id)
    rows = criteria_of(application)
    assert offered_records(cast.teacher, rows[0]) == []
    assert offered_records(cast.teacher, rows[1]) == [RECORD]
    assert records_by_criterion(cast.teacher, rows) == []


def test_a_kind_that_does_not_fit(where):
    criterion = where["criterion"]
    criterion.evidence_kinds = ["text"]
    criterion.save()
    with pytest.raises(InvalidInput):
        services.add_link(**where, url="https://example.org/")


def test_a_criterion_of_another_badge(where, cast, badge):
    from tests.factories.badges import make_badge

    other = make_badge(cast.school, "AWP-L1", family="AWP").versions.get()
    where["criterion"] = other.criteria.first()
    with pytest.raises(InvalidInput):
        services.save_text(**where, text="x")


def test_not_more_than_somebody_can_read(where):
    for number in range(services.MAX_ITEMS):
        services.add_link(**where, url=f"https://example.org/{number}")
    with pytest.raises(InvalidInput) as refused:
        services.add_link(**where, url="https://example.org/more")
    assert refused.value.code == "too_many"


def test_removing_takes_the_file_away(where, django_capture_on_commit_callbacks):
    item = services.add_file(**where, upload=SimpleUploadedFile("a.txt", b"text"))
    storage, name = item.file.storage, item.file.name
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_evidence(by=where["by"], item=item)
    assert not storage.exists(name)
    assert not EvidenceItem.objects.exists()


def test_others_neither_add_nor_remove(where, cast):
    item = services.save_text(**where, text="Mine.")
    stranger = cast.actor("second_teacher")
    with pytest.raises(NotAllowed):
        services.remove_evidence(by=stranger, item=item)
    with pytest.raises(NotAllowed):
        services.save_text(**{**where, "by": stranger}, text="Yours.")
    item.refresh_from_db()
    assert item.text == "Mine."


def test_sent_evidence_bears_its_revision(cast, badge):
    application = submitted(cast.second_teacher, badge)
    assert set(application.evidence.values_list("since_revision", flat=True)) == {1}

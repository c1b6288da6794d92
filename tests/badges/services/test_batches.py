"""Taking a list in, putting it right, starting, stopping, going on, taking it back."""

import pytest

from badges.enums import AwardBy, BatchState, ChunkState, VersionState
from badges.models import Award, BatchChunk, IssuingBatch
from badges.models.batches import RowProblem
from badges.selectors.batches import (
    batches_visible_to,
    counts_of,
    issuers_for_batches,
    progress_of_batch,
    versions_for_batches,
    waiting_rows,
)
from badges.services import batches
from badges.services.batch_issuing import issue_chunk, issue_due_chunks
from badges.services.batch_revoking import revoke_batch
from badges.services.batch_rows import NOWHERE, Columns, columns_of
from badges.services.status_lists import publish_due
from badges.services.verifying import verify_credential
from partners.models import AuditEvent, OutgoingMessage
from techvet.actor import Assurance
from techvet.clock import database_now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import issued_award, make_badge
from tests.factories.batches import issued_batch, make_batch, people_csv, started_batch

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def by(cast):
    return cast.actor("coordinator")


@pytest.fixture
def make(cast, badge, by):
    def one(text=None, **how):
        content = None if text is None else text.encode()
        return make_batch(by, badge, cast.school, content=content, **how)

    return one


def errors_of(batch):
    return dict(batch.rows.values_list("number", "error"))


# ------------------------------------------------------------- taking in
def test_rows_and_their_problems(cast, make):
    batch = make(
        "Name;E-mail\n"
        "Aino;aino@x.example\n"
        ";nobody@x.example\n"
        "Eetu;\n"
        "Kim;kim at x\n"
        "Copy;AINO@x.example\n"
        "=SUM(A1);s@x.example\n"
        f"{'L' * 121};l@x.example\n"
        f"Long;{'l' * 250}@x.example\n"
        f"Me;{cast.coordinator.email.upper()}\n"
        "Žanis;zanis@x.example\n"
    )
    assert errors_of(batch) == {
        2: "",
        3: RowProblem.NO_NAME,
        4: RowProblem.NO_EMAIL,
        5: RowProblem.BAD_EMAIL,
        6: RowProblem.TWICE,
        7: RowProblem.FORMULA,
        8: RowProblem.LONG_NAME,
        9: RowProblem.LONG_EMAIL,
        10: RowProblem.OWN_ADDRESS,
        11: "",
    }
    counts = counts_of(batch)
    assert (counts.total, counts.ready, counts.waiting, counts.wanted) == (10, 2, 8, 2)
    assert AuditEvent.objects.get(verb="batch_created").data == {"badge": "WGB-L1", "rows": 10}


@pytest.mark.parametrize(
    ("heads", "row", "expected"),
    [
        ("Sukunimi;Etunimi;Sähköposti", "Laine;Aino;a@x.example", ("Aino Laine", "a@x.example")),
        ("Uzvārds,Vārds,E-pasts", "Ozols,Jānis,j@x.example", ("Jānis Ozols", "j@x.example")),
        ("Eesnimi\tPerekonnanimi\tE-post", "Mart\tTamm\tm@x.example", ("Mart Tamm", "m@x.example")),
        ("Naam;Mailadres", "Daan;d@x.example", ("Daan", "d@x.example")),
        ("First name;Last name;Contact", "A;B;ab@x.example", ("A B", "ab@x.example")),
        ("", "Aino;aino@x.example", ("Aino", "aino@x.example")),
    ],
)
def test_columns_are_guessed_in_our_languages(make, heads, row, expected):
    batch = make(f"{heads}\n{row}\n")
    assert batch.rows.values_list("name", "email").get() == expected


def test_columns_are_chosen_and_remembered(cast, badge, by, make):
    text = "Kuka;Tunnus;Missä\nAino;1;aino@x.example\n"
    batch = make(text)
    assert not columns_of(batch.columns).is_usable
    assert not batch.rows.exists()
    with pytest.raises(WrongState):
        batches.start_batch(by=by, batch=batch)
    with pytest.raises(InvalidInput):
        batches.set_columns(by=by, batch=batch, columns=Columns(NOWHERE, NOWHERE, 2, NOWHERE))
    batches.set_columns(by=by, batch=batch, columns=Columns(0, NOWHERE, 2, NOWHERE))
    assert batch.rows.get().email == "aino@x.example"
    again = make(text)
    assert columns_of(again.columns).is_usable
    assert again.rows.get().name == "Aino"


def test_who_holds_it_already_is_marked_and_can_be_left_out(cast, badge, by, make):
    issued_award(cast.teacher, badge, cast.coordinator)
    issued_batch(by, badge, cast.school, content=b"Name;E-mail\nOld;old@x.example\n")
    text = f"Name;E-mail\nT;{cast.teacher.email}\nOld;Old@x.example\nNew;new@x.example\n"
    batch = make(text)
    marked = batch.rows.filter(holds_already=True).values_list("email", flat=True)
    assert set(marked) == {cast.teacher.email, "old@x.example"}
    assert counts_of(batch).holders == 2
    batches.start_batch(by=by, batch=batch, leave_out_holders=True)
    issue_due_chunks()
    assert batch.awards.get().recipient_email == "new@x.example"
    counts = counts_of(batch)
    assert (counts.left_out, counts.waiting) == (2, 0)
    with_all = make(text)
    batches.start_batch(by=by, batch=with_all)
    issue_due_chunks()
    assert with_all.awards.count() == 3


# ------------------------------------------------------------- who and what
@pytest.mark.parametrize("name", ["teacher", "student", "admin", "far_coordinator", "manager"])
def test_only_coordinators_of_the_issuer(cast, badge, by, make, name):
    other = cast.actor(name)
    batch = make()
    assert not batches_visible_to(other).filter(pk=batch.pk).exists()
    with pytest.raises(NotAllowed):
        make_batch(other, badge, cast.school)
    for act in (batches.start_batch, batches.cancel_batch, batches.resume_batch):
        with pytest.raises(NotAllowed):
            act(by=other, batch=batch)
    with pytest.raises(NotAllowed):
        revoke_batch(by=other, batch=batch, reason="other", note="x")
    with pytest.raises(NotAllowed):
        batches.fix_row(by=other, batch=batch, number=2, name="A", email="a@x.example")


def test_not_without_a_second_factor(cast, badge):
    by = cast.actor("coordinator", Assurance.PASSWORD)
    assert issuers_for_batches(by) == []
    with pytest.raises(NotAllowed):
        make_batch(by, badge, cast.school)


def test_which_badges(cast, badge, by):
    def codes():
        return {one.achievement.code for one in versions_for_batches(by)}

    make_badge(cast.school, "HIGH-L3", family="CGW", level=3)
    closed = make_badge(cast.school, "SHUT-L1", family="GDE", level=1)
    rule = make_badge(cast.school, "RULE-L1", family="AWP", level=1)
    away = make_badge(cast.school, "AWAY-L2", family="AWP", level=2, is_reviewed_elsewhere=True)
    draft = make_badge(cast.school, "DRAFT-L1", family="WCO", level=1, state=VersionState.DRAFT)
    theirs = make_badge(cast.other_school, "FAR-L1", family="SAFE", level=1)
    closed.is_open, rule.award_by, theirs.owner = False, AwardBy.RULE, cast.other_school
    for one in (closed, rule, theirs):
        one.save()
    assert codes() == {"WGB-L1"}
    theirs.owner = cast.school
    theirs.save()
    assert codes() == {"WGB-L1", "FAR-L1"}
    for one in (closed, rule, away, draft):
        with pytest.raises(InvalidInput) as refusal:
            make_batch(by, one, cast.school)
        assert refusal.value.field == "version"


def test_a_reason_is_needed(cast, badge, by):
    with pytest.raises(InvalidInput) as refusal:
        batches.create_batch(
            by=by, issuer=cast.school, version=badge.versions.get(), name="x", reason="  ",
            content=people_csv(1), file_name="x.csv",
        )  # fmt: skip
    assert refusal.value.field == "reason"


def test_nobody_starts_a_list_with_their_own_address(cast, make):
    batch = make(f"Name;E-mail\nRiku;{cast.reviewer.email}\nA;a@x.example\n")
    with pytest.raises(NotAllowed):
        batches.start_batch(by=cast.actor("reviewer"), batch=batch)
    batches.start_batch(by=cast.actor("coordinator"), batch=batch)
    batches.cancel_batch(by=cast.actor("reviewer"), batch=batch)
    with pytest.raises(NotAllowed):
        batches.resume_batch(by=cast.actor("reviewer"), batch=batch)


# ------------------------------------------------------------- putting right
@pytest.mark.parametrize(
    ("name", "email", "field"),
    [
        ("", "a@x.example", "name"),
        ("A", "", "email"),
        ("A", "nothing", "email"),
        ("=A", "a@x.example", "name"),
        ("A", "+a@x.example", "email"),
        ("A" * 121, "a@x.example", "name"),
        ("A", "PERSON1@list.example", "email"),
    ],
)
def test_a_row_that_is_still_wrong(by, make, name, email, field):
    batch = make("Name;E-mail\nPerson 1;person1@list.example\nEetu;\n")
    with pytest.raises(InvalidInput) as refusal:
        batches.fix_row(by=by, batch=batch, number=3, name=name, email=email)
    assert refusal.value.field == field
    assert errors_of(batch)[3] == RowProblem.NO_EMAIL


def test_rows_put_right_after_the_end_are_issued_alone(by, make):
    batch = make("Name;E-mail\nAino;aino@x.example\nEetu;\nKim;kim\n")
    batches.start_batch(by=by, batch=batch)
    issue_due_chunks()
    first = Award.objects.get()
    row = batches.fix_row(by=by, batch=batch, number=3, name="Eetu", email=" Eetu@x.example ")
    assert (row.error, row.email) == ("", "eetu@x.example")
    with pytest.raises(WrongState):
        batches.fix_row(by=by, batch=batch, number=3, name="Eetu", email="other@x.example")
    with pytest.raises(WrongState):
        batches.fix_row(by=by, batch=batch, number=99, name="Eetu", email="other@x.example")
    batches.start_batch(by=by, batch=batch)
    issue_due_chunks()
    assert Award.objects.count() == 2
    assert Award.objects.exclude(pk=first.pk).get().recipient_email == "eetu@x.example"
    assert [row.number for row in waiting_rows(batch)] == [4]
    with pytest.raises(WrongState):
        batches.start_batch(by=by, batch=batch)


# ------------------------------------------------------------- start, stop, go on
def test_starting_freezes_and_wipes_the_list(
    cast, by, make, silent_doorbell, django_capture_on_commit_callbacks
):
    batch = make()
    with django_capture_on_commit_callbacks(execute=True):
        batch = batches.start_batch(by=by, batch=batch)
    assert batch.state == BatchState.RUNNING
    assert batch.key.issuer == cast.school
    assert batch.valid_until.year == batch.issued_at.year + 3
    assert bytes(IssuingBatch.objects.get(pk=batch.pk).upload) == b""
    assert ("issue_batch_chunk", (batch.chunks.get().pk,)) in silent_doorbell
    with pytest.raises(WrongState):
        batches.table_of(batch)
    with pytest.raises(WrongState):
        batches.set_columns(by=by, batch=batch, columns=Columns(0, NOWHERE, 1, NOWHERE))
    with pytest.raises(WrongState):
        batches.start_batch(by=by, batch=batch)


def test_stop_and_go_on(cast, badge, by, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = started_batch(by, badge, cast.school, count=5)
    first, *_rest = batch.chunks.values_list("pk", flat=True)
    issue_chunk(first)
    assert progress_of_batch(batch).seconds_left is not None
    batches.cancel_batch(by=by, batch=batch)
    assert issue_due_chunks() == 0
    batch.refresh_from_db()
    progress = progress_of_batch(batch)
    assert (progress.counts.issued, progress.counts.ready) == (2, 3)
    assert (progress.is_moving, progress.seconds_left) == (False, None)
    batches.resume_batch(by=by, batch=batch)
    with pytest.raises(WrongState):
        batches.resume_batch(by=by, batch=batch)
    assert issue_due_chunks() == 2
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    assert Award.objects.filter(batch=batch).count() == 5
    verbs = AuditEvent.objects.filter(verb__startswith="batch_").values_list("verb", flat=True)
    assert {"batch_created", "batch_started", "batch_cancelled", "batch_resumed"} <= set(verbs)


def test_parked_chunks_are_tried_again(cast, badge, by):
    batch = started_batch(by, badge, cast.school)
    BatchChunk.objects.update(state=ChunkState.PARKED, attempts=8, last_error="Trouble")
    progress = progress_of_batch(batch)
    assert (progress.parked, progress.last_error, progress.is_moving) == (1, "Trouble", False)
    batches.resume_batch(by=by, batch=batch)
    assert issue_due_chunks() == 1
    assert Award.objects.count() == 3


def test_going_on_when_nothing_is_left(cast, badge, by):
    batch = issued_batch(by, badge, cast.school)
    IssuingBatch.objects.update(state=BatchState.CANCELLED)
    assert batches.resume_batch(by=by, batch=batch).state == BatchState.DONE


# ------------------------------------------------------------- taking back
def test_revoking_all_of_a_list(cast, badge, by):
    known = f"T;{cast.teacher.email};\nR;{cast.reviewer.email};\n"
    content = f"Name;E-mail;Language\nA;a@x.example;fi\n{known}"
    batch = issued_batch(by, badge, cast.school, content=content.encode())
    publish_due()
    for reason, note in (("nothing", ""), ("other", " ")):
        with pytest.raises(InvalidInput):
            revoke_batch(by=by, batch=batch, reason=reason, note=note)
    colleague = cast.actor("reviewer")  # on the list: their own badge stays
    assert (
        revoke_batch(by=colleague, batch=batch, reason="issued_in_error", note=" Wrong list ") == 2
    )
    left = Award.objects.get(revoked_at__isnull=True)
    assert left.recipient == cast.reviewer
    assert revoke_batch(by=by, batch=batch, reason="issued_in_error") == 1
    with pytest.raises(WrongState):
        revoke_batch(by=by, batch=batch, reason="issued_in_error")
    publish_due()
    for award in Award.objects.all():
        assert verify_credential(award.credential.body.encode()).outcome == "not_valid"
    sent = OutgoingMessage.objects.filter(kind="badge_revoked").values_list("address", "language")
    assert dict(sent)["a@x.example"] == "fi"
    assert len(sent) == 3
    counts = AuditEvent.objects.filter(verb="batch_revoked").values_list("data__count", flat=True)
    assert sorted(counts) == [1, 2]
    assert progress_of_batch(batch).revoked == 3


def test_not_while_it_runs(cast, badge, by):
    batch = started_batch(by, badge, cast.school)
    with pytest.raises(WrongState):
        revoke_batch(by=by, batch=batch, reason="issued_in_error")
    assert database_now() >= batch.issued_at

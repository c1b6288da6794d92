"""The pages of lists of people."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from badges.enums import BatchState
from badges.models import Award, IssuingBatch
from badges.services.batch_issuing import issue_due_chunks
from badges.services.batches import cancel_batch, start_batch
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.batches import issued_batch, make_batch, people_csv, people_xlsx

pytestmark = pytest.mark.usefixtures("issuers")
FAULTY = b"Name;E-mail\nAino;aino@x.example\nEetu;\n=Kim;kim@x.example\n"


@pytest.fixture
def client(cast, as_user):
    return as_user(cast.coordinator)


@pytest.fixture
def batch(cast, badge):
    return make_batch(cast.actor("coordinator"), badge, cast.school, content=FAULTY)


def at(batch, more=""):
    return f"/batches/{batch.public_id}/{more}"


def html(answer):
    return answer.content.decode()


def data_for(badge, content=None, **more):
    content = people_csv(3) if content is None else content
    return {
        "version": str(badge.versions.get().public_id),
        "name": "Spring course",
        "reason": "They passed the practical day.",
        "file": SimpleUploadedFile("../people.csv", content),
        **more,
    }


# ------------------------------------------------------------- works
def test_from_the_list_to_the_badges(client, badge):
    assert "Send in a list" in html(client.get("/batches/"))
    assert badge.versions.get().name in html(client.get("/batches/new/"))
    answer = client.post("/batches/new/", data_for(badge, FAULTY))
    batch = IssuingBatch.objects.get()
    assert answer["Location"] == at(batch)
    assert batch.file_name == "people.csv"
    shown = html(client.get(at(batch)))
    assert "Issue 1 now, 2 to put right wait" in shown
    assert "The e-mail address is missing." in shown
    assert client.post(at(batch, "start/"), {"confirm": "on"}).status_code == 302
    assert "0 of 1 badge issued" in html(client.get(at(batch)))
    issue_due_chunks()
    shown = html(client.get(at(batch)))
    assert "1 of 1 badge issued" in shown
    assert "Revoke all badges of this list" in shown
    assert "aino@x.example" in html(client.get(at(batch, "awards/")))
    assert "Spring course" in html(client.get("/batches/"))


def test_xlsx_and_choosing_columns(client, badge):
    content = people_xlsx(["Kuka", "Tunnus", "Missä"], ["Aino", "1", "aino@x.example"])
    answer = client.post("/batches/new/", data_for(badge, content))
    batch = IssuingBatch.objects.get()
    assert answer["Location"] == at(batch, "columns/")
    assert "We could not tell which column is which." in html(client.get(at(batch)))
    assert "Missä" in html(client.get(at(batch, "columns/")))
    wrong = {"name": "-1", "surname": "-1", "email": "2", "language": "-1"}
    answer = client.post(at(batch, "columns/"), wrong)
    assert answer.status_code == 422
    assert "Choose the columns with the name and the e-mail address." in html(answer)
    answer = client.post(at(batch, "columns/"), {**wrong, "name": "0"})
    assert answer["Location"] == at(batch)
    assert "Issue 1 badge" in html(client.get(at(batch)))


def test_putting_a_row_right(client, batch):
    url = at(batch, "rows/3/")
    assert "The e-mail address is missing." in html(client.get(url))
    answer = client.post(url, {"name": "Eetu Eri", "email": "eetu"})
    assert answer.status_code == 422
    assert "This is not an e-mail address." in html(answer)
    assert "Eetu Eri" in html(answer)
    assert client.post(url, {"name": "Eetu", "email": "eetu@x.example"})["Location"] == at(batch)
    assert client.get(url).status_code == 404
    assert client.get(at(batch, "rows/2/")).status_code == 404
    assert client.get(at(batch, f"rows/{10**30}/")).status_code == 404


def test_the_faulty_rows_as_a_list(client, batch):
    answer = client.get(at(batch, "faults.csv"))
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    text = answer.content.decode("utf-8-sig")
    assert '"\'=Kim"' in text
    assert "aino@x.example" not in text


def test_progress_for_htmx_and_without(client, cast, batch):
    start_batch(by=cast.actor("coordinator"), batch=batch)
    assert client.get(at(batch, "progress/"))["Location"] == at(batch)
    part = html(client.get(at(batch, "progress/"), headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert 'hx-trigger="every 2s"' in part
    assert "Look again" in part
    issue_due_chunks()
    part = html(client.get(at(batch, "progress/"), headers={"HX-Request": "true"}))
    assert "hx-trigger" not in part
    assert "Done on" in part


def test_stop_and_go_on(client, cast, batch):
    start_batch(by=cast.actor("coordinator"), batch=batch)
    assert client.post(at(batch, "cancel/")).status_code == 302
    assert "Issue the other 1" in html(client.get(at(batch)))
    assert client.post(at(batch, "resume/")).status_code == 302
    batch.refresh_from_db()
    assert batch.state == BatchState.RUNNING


def test_revoking_all(client, cast, badge):
    batch = issued_batch(cast.actor("coordinator"), badge, cast.school)
    assert "3 badges stop being valid" in html(client.get(at(batch, "revoke/")))
    data = {"reason": "issued_in_error", "note": "The wrong list."}
    answer = client.post(at(batch, "revoke/"), data)
    assert answer.status_code == 422
    assert "The wrong list." in html(answer)
    assert not Award.objects.filter(revoked_at__isnull=False).exists()
    answer = client.post(
        at(batch, "revoke/"), {**data, "reason": "other", "note": "", "confirm": "on"}
    )
    assert answer.status_code == 422
    answer = client.post(at(batch, "revoke/"), {**data, "confirm": "on"}, follow=True)
    assert "3 badges are revoked." in html(answer)
    assert Award.objects.filter(revoked_at__isnull=False).count() == 3


# ------------------------------------------------------------- who
PAGES = ("", "progress/", "columns/", "rows/3/", "faults.csv", "awards/", "revoke/")
MOVES = {"start/": {"confirm": "on"}, "cancel/": {}, "resume/": {}, "revoke/": {"reason": "other"}}


def test_strangers_wrong_roles_and_visitors(cast, batch, as_user):
    for path in PAGES:
        assert as_user(cast.far_coordinator).get(at(batch, path)).status_code == 404
        for name in ("teacher", "student", "admin"):
            assert as_user(getattr(cast, name)).get(at(batch, path)).status_code == 403
        assert goes_to_sign_in(Client().get(at(batch, path)))
    for path, data in MOVES.items():
        assert as_user(cast.far_coordinator).post(at(batch, path), data).status_code == 404
        for name in ("teacher", "student", "admin"):
            assert as_user(getattr(cast, name)).post(at(batch, path), data).status_code == 403
        assert Client().post(at(batch, path), data).status_code == 302
    without = as_user(cast.coordinator, second_factor=False)
    assert without.get(at(batch))["Location"].startswith("/second-factor/")
    assert goes_to_sign_in(Client().get("/batches/"))
    assert as_user(cast.teacher).get("/batches/new/").status_code == 403
    batch.refresh_from_db()
    assert batch.state == BatchState.READY
    assert "Spring course" not in html(as_user(cast.far_coordinator).get("/batches/"))


# ------------------------------------------------------------- bad input, refusals
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": ""}, "Fill in “Why have these people earned it?”."),
        ({"version": ""}, "Choose an answer for “Which badge?”."),
        ({"version": "nothing"}, "There is a problem"),
        ({"name": "x" * 121}, "at most 120"),
        ({"name": "\x00"}, "There is a problem"),
        ({"file": ""}, "Fill in “The list”."),
        ({"file": SimpleUploadedFile("a.csv", b"")}, "The file is empty."),
        ({"file": SimpleUploadedFile("a.csv", b"\x00\x01")}, "This file cannot be read."),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")}, "This file cannot be read."),
    ],
)
def test_bad_input_keeps_the_answers(client, badge, more, words):
    answer = client.post("/batches/new/", data_for(badge, **more))
    assert answer.status_code == 422
    assert words in html(answer)
    assert "<title>Error:" in html(answer)
    if "reason" not in more:
        assert "They passed the practical day." in html(answer)
    assert not IssuingBatch.objects.exists()


def test_starting_needs_the_word(client, batch):
    answer = client.post(at(batch, "start/"), {})
    assert answer.status_code == 422
    assert "Confirm that these people have earned this badge." in html(answer)


def test_refusals_are_worded(client, cast, batch):
    answer = client.post(at(batch, "cancel/"))
    assert answer.status_code == 409
    assert "Ready to start" in html(answer)
    start_batch(by=cast.actor("coordinator"), batch=batch)
    assert client.get(at(batch, "columns/")).status_code == 409
    data = {"reason": "issued_in_error", "confirm": "on"}
    answer = client.post(at(batch, "revoke/"), data)
    assert answer.status_code == 409
    assert "Stop the list first" in html(answer)
    cancel_batch(by=cast.actor("coordinator"), batch=batch)
    assert client.post(at(batch, "start/"), {"confirm": "on"}).status_code == 409


def test_one_row_and_three_cost_the_same(client, cast, badge):
    by = cast.actor("coordinator")
    one = make_batch(by, badge, cast.school, content=b"Name;E-mail\nA;\nZ;z@x.example\n")
    costs = [queries_of(client, url) for url in ("/batches/", at(one))]
    three = make_batch(by, badge, cast.school, content=b"Name;E-mail\nA;\nB;\nC;\n" + people_csv(3))
    make_batch(by, badge, cast.school)
    assert [queries_of(client, url) for url in ("/batches/", at(three))] == costs
    small = issued_batch(by, badge, cast.school, count=1)
    large = issued_batch(by, badge, cast.school, count=3)
    assert queries_of(client, at(small, "awards/")) == queries_of(client, at(large, "awards/"))
    assert queries_of(client, at(small)) == queries_of(client, at(large))

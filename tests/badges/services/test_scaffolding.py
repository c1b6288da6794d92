"""Plan, colleague, answers, self-check and earlier rounds: help on the way to a badge."""

import pytest

from badges.enums import Mark
from badges.models import Achievement, OwnPlan, PeerFeedback
from badges.selectors.applications import criteria_of
from badges.selectors.rules import endorsements_of, guided_colleagues
from badges.selectors.scaffolding import (
    colleagues_of,
    help_for,
    materials_by_criterion,
    peer_comments_of,
    sent_revision,
)
from badges.selectors.selfcheck import check_of, plan_is_missing
from badges.services.answering import answer_note
from badges.services.applying import submit_application
from badges.services.content import load_content
from badges.services.evidence import add_link, save_text
from badges.services.reviewing import set_mark
from badges.services.scaffolding import MOST_PEERS, ask_peer, give_peer_feedback, write_plan
from partners.models import OutgoingMessage
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import draft, make_badge, submitted

LONG = "I did this with one student and saw what came of it. " * 4


@pytest.fixture
def teacher(cast):
    return cast.actor("teacher")


def of_level(cast, level, **more):
    return make_badge(cast.school, f"WGB-L{level}", level=level, **more)


# ------------------------------------------------------------- level 1
def test_example_and_template_are_for_level_1_only(cast, badge):
    first = badge.versions.get().criteria.first()
    assert "Next time I will" in help_for(first)["template"]
    assert help_for(first)["worked_example"]
    second = of_level(cast, 2).versions.get().criteria.first()
    assert help_for(second) == {}


def test_every_family_with_levels_has_an_example():
    from badges.selectors.catalogue import catalogue

    content = catalogue()
    wanted = {one["family"] for one in content.achievements if one.get("level") == 1}
    assert set(content.scaffolding) == wanted
    for one in content.scaffolding.values():
        assert len(one["worked_example"].split()) >= content.words_enough
        assert one["template"].strip()


def test_materials_stand_at_their_criteria(cast):
    assert materials_by_criterion(["WGB-1"]) == {}


# ------------------------------------------------------------- level 2
@pytest.fixture
def second(cast):
    return draft(cast.teacher, of_level(cast, 2))


def test_colleagues_are_of_the_own_house_and_guide_themselves(cast):
    names = {one.name for one in colleagues_of(cast.teacher)}
    assert cast.second_teacher.name in names
    assert cast.teacher.name not in names
    for stranger in (cast.far_teacher, cast.student, cast.leaver, cast.instructor):
        assert stranger.name not in names


def test_a_colleague_reads_and_comments(cast, teacher, second):
    feedback = ask_peer(by=teacher, application=second, peer=cast.second_teacher)
    assert ask_peer(by=teacher, application=second, peer=cast.second_teacher) == feedback
    assert OutgoingMessage.objects.filter(kind="peer_asked").count() == 1
    assert peer_comments_of(second) == {}
    peer = cast.actor("second_teacher")
    give_peer_feedback(by=peer, feedback=feedback, comments={1: " Say when. ", 2: " "})
    give_peer_feedback(by=peer, feedback=feedback, comments={1: "Say when and where."})
    (comment,) = peer_comments_of(second)[second.version.criteria.first().pk]
    assert comment.text == "Say when and where."
    assert OutgoingMessage.objects.filter(kind="peer_answered").count() == 1


def test_what_peers_and_applicants_may_not(cast, teacher, second):
    with pytest.raises(InvalidInput):
        ask_peer(by=teacher, application=second, peer=cast.far_teacher)
    with pytest.raises(InvalidInput):
        ask_peer(by=teacher, application=second, peer=cast.teacher)
    with pytest.raises(NotAllowed):
        ask_peer(by=cast.actor("second_teacher"), application=second, peer=cast.coordinator)
    feedback = ask_peer(by=teacher, application=second, peer=cast.second_teacher)
    with pytest.raises(NotAllowed):
        give_peer_feedback(by=cast.actor("coordinator"), feedback=feedback, comments={1: "x"})
    peer = cast.actor("second_teacher")
    for nothing in ({}, {1: " "}, {99: "x"}):
        with pytest.raises(InvalidInput):
            give_peer_feedback(by=peer, feedback=feedback, comments=nothing)
    submit_application(by=teacher, application=second)
    with pytest.raises(WrongState):
        give_peer_feedback(by=peer, feedback=feedback, comments={1: "Late."})
    assert not feedback.comments.exists()


def test_not_the_whole_house_is_asked(cast, teacher, second):
    from tests.cast import join, person

    for number in range(MOST_PEERS):
        other = person(f"Other {number}")
        join(other, cast.school, "teacher")
        ask_peer(by=teacher, application=second, peer=other)
    with pytest.raises(InvalidInput) as refused:
        ask_peer(by=teacher, application=second, peer=cast.second_teacher)
    assert refused.value.code == "peers_many"


def test_level_1_asks_nobody(cast, teacher, badge):
    with pytest.raises(WrongState):
        ask_peer(by=teacher, application=draft(cast.teacher, badge), peer=cast.second_teacher)
    assert not PeerFeedback.objects.exists()


def test_colleagues_guided_to_a_badge_are_counted(cast, teacher, issuers):
    badge = of_level(cast, 2)
    application = draft(cast.teacher, badge)
    feedback = ask_peer(by=teacher, application=application, peer=cast.second_teacher)
    peer = cast.actor("second_teacher")
    give_peer_feedback(by=peer, feedback=feedback, comments={1: "More."})
    assert guided_colleagues(cast.second_teacher) == 0
    submit_application(by=teacher, application=application)
    award = issued_award_of(cast, application)
    assert guided_colleagues(cast.second_teacher) == 1
    award.revoked_at, award.revocation_reason = award.issued_at, "other"
    award.save()
    assert guided_colleagues(cast.second_teacher) == 0


def issued_award_of(cast, application):
    from badges.models import Award
    from badges.services.deciding import decide
    from badges.services.issuing import issue
    from tests.factories.badges import mark_all

    application.refresh_from_db()
    mark_all(application, cast.coordinator)
    decide(by=cast.actor("coordinator"), application=application, outcome="approve", revision=1)
    award = Award.objects.get(application=application)
    assert issue(award.pk)
    award.refresh_from_db()
    return award


# ------------------------------------------------------------- level 3
def test_the_plan_comes_before_the_proof(cast, teacher):
    application = draft(cast.teacher, of_level(cast, 3), answered=False)
    criterion = application.version.criteria.first()
    where = {"by": teacher, "application": application}
    assert plan_is_missing(application)
    with pytest.raises(InvalidInput) as refused:
        save_text(**where, criterion=criterion, text="Proof.")
    assert refused.value.code == "plan_first"
    with pytest.raises(InvalidInput):
        write_plan(**where, text="  ")
    write_plan(**where, text="Before and after.")
    write_plan(**where, text="Before, after, and who confirms it.")
    assert OwnPlan.objects.get().text.startswith("Before, after")
    assert not plan_is_missing(application)
    assert save_text(**where, criterion=criterion, text="Proof.")
    with pytest.raises(NotAllowed):
        write_plan(by=cast.actor("second_teacher"), application=application, text="Mine.")


def test_other_levels_have_no_plan(cast, teacher, badge):
    with pytest.raises(WrongState):
        write_plan(by=teacher, application=draft(cast.teacher, badge), text="A plan.")


# ------------------------------------------------------------- answers and rounds
@pytest.fixture
def back(cast, badge):
    application = submitted(cast.teacher, badge)
    first = application.version.criteria.first()
    set_mark(
        by=cast.actor("coordinator"),
        application=application,
        criterion=first,
        revision=1,
        mark=Mark.NOT_YET,
        note="When was it?",
    )
    from badges.services.deciding import decide

    decide(by=cast.actor("coordinator"), application=application, outcome="return", revision=1)
    application.refresh_from_db()
    return application


def test_the_note_is_answered(cast, teacher, back):
    first, second = back.version.criteria.all()
    where = {"by": teacher, "application": back}
    (mark,) = answer_note(**where, criterion=first, text=" In May. ")
    assert (mark.answer, mark.answered_at is not None) == ("In May.", True)
    (mark,) = answer_note(**where, criterion=first, text="")
    assert (mark.answer, mark.answered_at) == ("", None)
    with pytest.raises(InvalidInput):
        answer_note(**where, criterion=second, text="There was no note.")
    with pytest.raises(InvalidInput):
        answer_note(**where, criterion=first, text="x" * 2001)
    with pytest.raises(NotAllowed):
        answer_note(by=cast.actor("coordinator"), application=back, criterion=first, text="x")


def test_earlier_rounds_stay_as_they_were(cast, teacher, back):
    first, _second = back.version.criteria.all()
    save_text(by=teacher, application=back, criterion=first, text="In May, with two students.")
    submit_application(by=teacher, application=back)
    one, two = (
        sent_revision(back, revision) for revision in back.sent_revisions.order_by("number")
    )
    assert one[0].evidence[0].text == "What I did for criterion 1."
    assert two[0].evidence[0].text == "In May, with two students."
    assert [row.is_changed for row in one] == [False, False]
    assert [row.is_changed for row in two] == [True, False]
    assert [mark.note for mark in one[0].marks] == ["When was it?"]
    assert two[0].marks == []


# ------------------------------------------------------------- the self-check
def remarks(application):
    return [check.remarks for check in check_of(application, criteria_of(application))]


def test_what_is_missing_is_said_in_words(cast, teacher, badge):
    application = draft(cast.teacher, badge, answered=False)
    first, _second = application.version.criteria.all()
    where = {"by": teacher, "application": application}
    assert remarks(application) == [("There is no evidence yet.",)] * 2
    save_text(**where, criterion=first, text="Three short words")
    (of_first, _rest) = remarks(application)
    assert any("3 words" in one for one in of_first)
    assert any("Confirmed weeks" in one for one in of_first)
    save_text(**where, criterion=first, text=LONG)
    add_link(**where, criterion=first, url="https://example.org/plan")
    assert remarks(application)[0] == ()


@pytest.mark.parametrize(
    ("facts", "is_old"),
    [
        ({"last_week": "2019-W10"}, True),
        ({"published_on": "2018-01-31"}, True),
        ({"ended_on": "2100-01-01"}, False),
        ({"last_week": "2100-W10"}, False),
        ({"last_day": "no day"}, False),
        ({}, False),
    ],
)
def test_old_proof_is_named(cast, teacher, badge, facts, is_old):
    application = draft(cast.teacher, badge, answered=False)
    first = application.version.criteria.first()
    application.evidence.create(
        criterion=first, kind="confirmed_weeks", snapshot={"title": "Weeks", "facts": facts}
    )
    said = any("older than three years" in one for one in remarks(application)[0])
    assert said is is_old


def test_a_note_without_an_answer_is_named(cast, teacher, back):
    first = back.version.criteria.first()
    words = "The reviewer’s note is neither answered nor acted on."
    assert words in remarks(back)[0]
    answer_note(by=teacher, application=back, criterion=first, text="In May.")
    assert words not in remarks(back)[0]


def test_the_meta_badge_is_checked_by_its_rule(cast):
    from badges.models import Application

    load_content(by=Actor.system())
    expert = Achievement.objects.get(code="WBL_GUIDANCE_EXPERT").versions.get()
    application = Application.objects.create(
        applicant=cast.teacher, version=expert, issuer=cast.school
    )
    reflection = expert.criteria.get(code="EXPERT-2")
    application.evidence.create(criterion=reflection, kind="text", text="word " * 20)
    found = remarks(application)
    assert any("0 of 2 colleagues" in one for one in found[0])
    assert found[1] == ("Your reflection has 20 words; 600 to 900 are asked for.",)
    assert "An endorsement by a company is missing." in found[3]
    assert "An endorsement by an institution is missing." in found[3]
    assert endorsements_of(cast.teacher) == {"company": 0, "institution": 0}
    application.evidence.update(text="word " * 700)
    assert remarks(application)[1] == ()


def test_one_may_send_all_the_same(cast, teacher, badge):
    application = draft(cast.teacher, badge)
    assert all(remarks(application))
    assert submit_application(by=teacher, application=application).revision == 1

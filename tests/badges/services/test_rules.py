"""Badges by rule: a table of cases, properties over all rules, and giving them exactly once."""

import random
import threading
from itertools import pairwise

import pytest
from django.db import connection

from badges.enums import AwardBasis, AwardBy, AwardState
from badges.models import Achievement, Application, Award
from badges.selectors.catalogue import catalogue
from badges.selectors.rules import holds, parts_of, rule_is_met, rule_lines
from badges.services.applying import start_application
from badges.services.content import load_content
from badges.services.issuing import issue
from badges.services.revoking import revoke_award
from badges.services.rules import award_by_rules, award_due, award_for_recipient
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import WrongState
from tests.factories.badges import issued_award, make_badge, ready_issuers

RULES = catalogue().rules
CODES = sorted({one["code"] for one in catalogue().achievements})
INSTRUCTOR = {"WGB-L2", "AWP-L1", "SAFE-L1", "GDE-L1"}
AMBASSADOR = {"WCO-L2", "CGW-L2", "AWP-L2", "WGB-L1", "GDE-L1"}
EXPERT = {"WORKPLACE_INSTRUCTOR", "WGB-L3", "GDE-L3", "WCO-L3", "LANG-L1"}


@pytest.mark.parametrize(
    ("code", "held", "is_met"),
    [
        ("WORKPLACE_INSTRUCTOR", set(), False),
        ("WORKPLACE_INSTRUCTOR", INSTRUCTOR, True),
        ("WORKPLACE_INSTRUCTOR", INSTRUCTOR - {"WGB-L2"} | {"WGB-L1"}, False),
        ("WORKPLACE_INSTRUCTOR", INSTRUCTOR - {"WGB-L2"} | {"WGB-L3"}, True),
        ("WORKPLACE_INSTRUCTOR", INSTRUCTOR - {"GDE-L1"} | {"WCO-L3"}, True),
        ("WORKPLACE_INSTRUCTOR", INSTRUCTOR - {"GDE-L1"} | {"LANG-L1"}, False),
        ("LEARNING_AMBASSADOR", AMBASSADOR, True),
        ("LEARNING_AMBASSADOR", AMBASSADOR - {"CGW-L2"} | {"CGW-L1"}, False),
        ("WBL_GUIDANCE_EXPERT", EXPERT, True),
        ("WBL_GUIDANCE_EXPERT", EXPERT - {"WORKPLACE_INSTRUCTOR"}, False),
        ("WBL_GUIDANCE_EXPERT", EXPERT - {"WCO-L3"} | {"CGW-L3"}, False),  # WCO or AWP among them
        ("WBL_GUIDANCE_EXPERT", EXPERT - {"WGB-L3"}, False),  # three at level 3
        ("WBL_GUIDANCE_EXPERT", EXPERT - {"LANG-L1"} | {"SAFE-L2"}, True),
    ],
)
def test_each_rule_by_cases(code, held, is_met):
    assert holds(RULES[code], held) is is_met


def test_more_badges_never_break_a_rule_and_order_does_not_matter():
    chance = random.Random(7)
    for rule in RULES.values():
        for _round in range(60):
            order = chance.sample(CODES, len(CODES))
            steps = [set(order[:count]) for count in range(len(order) + 1)]
            met = [holds(rule, held) for held in steps]
            assert all(later or not earlier for earlier, later in pairwise(met))
            assert met[-1], "all badges together meet every rule"
            assert not met[0]


def test_a_rule_needs_each_of_its_parts():
    for rule in RULES.values():
        for line in rule["requires"]:
            without = {code for code in CODES if code not in line["of"]}
            assert not holds(rule, without)
            part = next(p for p in parts_of(rule, without) if p.of == tuple(line["of"]))
            assert not part.is_met
            assert part.held == ()


# ------------------------------------------------------------- giving
@pytest.fixture
def track(cast, issuers, monkeypatch):
    """A track badge that asks for WGB at level 1 and SAFE at level 1."""
    rule = {
        "gives": "WORKPLACE_INSTRUCTOR",
        "sentence": "Both.",
        "requires": [{"count": 1, "of": ["WGB-L1"]}, {"count": 1, "of": ["SAFE-L1"]}],
    }
    monkeypatch.setitem(catalogue().rules, "WORKPLACE_INSTRUCTOR", rule)
    achievement = make_badge(
        cast.school, "WORKPLACE_INSTRUCTOR", family="WORKPLACE_INSTRUCTOR", level=0, criteria=0
    )
    Achievement.objects.filter(pk=achievement.pk).update(award_by=AwardBy.RULE, is_open=False)
    return achievement


@pytest.fixture
def parts(cast, badge):
    return badge, make_badge(cast.school, "SAFE-L1", family="SAFE")


def by_rule(person):
    return Award.objects.filter(recipient=person, basis=AwardBasis.RULE)


def test_the_last_part_brings_the_track_badge_at_once(
    cast, track, parts, django_capture_on_commit_callbacks
):
    issued_award(cast.teacher, parts[0], cast.coordinator)
    assert award_by_rules(cast.teacher) == []
    with django_capture_on_commit_callbacks(execute=True):
        last = issued_award(cast.teacher, parts[1], cast.coordinator)
    award = by_rule(cast.teacher).get()
    assert award.rule_facts["rule"] == "WORKPLACE_INSTRUCTOR"
    assert str(last.public_id) in award.rule_facts["parts"]
    assert len(award.rule_facts["parts"]) == 2
    assert (award.state, award.issuer, award.decision) == (AwardState.QUEUED, cast.school, None)
    assert issue(award.pk)


def test_twice_gives_one(cast, track, parts):
    for one in parts:
        issued_award(cast.teacher, one, cast.coordinator)
    assert len(award_by_rules(cast.teacher)) == 1
    assert award_by_rules(cast.teacher) == []
    assert award_due() == 0
    assert by_rule(cast.teacher).count() == 1


def test_the_sweeper_finds_what_was_lost(cast, track, parts):
    for one in parts:
        issued_award(cast.teacher, one, cast.coordinator)
    issued_award(cast.second_teacher, parts[0], cast.coordinator)
    assert award_due() == 1
    assert by_rule(cast.teacher).exists()
    assert not by_rule(cast.second_teacher).exists()


def test_parts_that_ended_or_are_on_their_way_do_not_count(cast, track, parts):
    first, second = (issued_award(cast.teacher, one, cast.coordinator) for one in parts)
    Award.objects.filter(pk=first.pk).update(valid_until=now())
    assert award_by_rules(cast.teacher) == []
    Award.objects.filter(pk=first.pk).update(valid_until=None)
    Award.objects.filter(pk=second.pk).update(state=AwardState.QUEUED)
    assert award_by_rules(cast.teacher) == []
    assert award_due() == 0


def test_a_revoked_track_badge_comes_back_only_with_another_part(cast, track, parts):
    for one in parts:
        issued_award(cast.teacher, one, cast.coordinator)
    (award,) = award_by_rules(cast.teacher)
    assert issue(award.pk)
    revoke_award(by=cast.actor("coordinator"), award=award, reason="issued_in_error")
    assert award_by_rules(cast.teacher) == []
    old = Award.objects.get(recipient=cast.teacher, version__achievement=parts[0])
    Award.objects.filter(pk=old.pk).update(valid_until=now())
    issued_award(cast.teacher, parts[0], cast.coordinator)
    assert len(award_by_rules(cast.teacher)) == 1


def test_after_its_end_it_comes_again_and_names_the_earlier_one(cast, track, parts):
    for one in parts:
        issued_award(cast.teacher, one, cast.coordinator)
    (award,) = award_by_rules(cast.teacher)
    Award.objects.filter(pk=award.pk).update(valid_until=now())
    (again,) = award_by_rules(cast.teacher)
    assert again.renews == award


def test_without_anybody_to_issue_nothing_is_given(cast, track, parts):
    for one in parts:
        issued_award(cast.teacher, one, cast.coordinator)
    track.versions.all().delete()
    assert award_by_rules(cast.teacher) == []
    award_for_recipient(None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_give_one_badge(cast, track, parts):
    for one in parts:
        issued_award(cast.teacher, one, cast.coordinator)
    by_rule(cast.teacher).delete()
    start = threading.Barrier(3)

    def work():
        try:
            start.wait()
            award_by_rules(cast.teacher)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _one in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert by_rule(cast.teacher).count() == 1


# ------------------------------------------------------------- the rule that opens an application
def test_the_meta_badge_opens_with_its_parts(cast):
    load_content(by=Actor.system())
    ready_issuers()
    expert = Achievement.objects.get(code="WBL_GUIDANCE_EXPERT")
    assert expert.is_open
    assert not rule_is_met(cast.teacher.pk, expert)
    with pytest.raises(WrongState) as refused:
        start_application(by=cast.actor("teacher"), achievement=expert)
    assert refused.value.code == "rule_not_met"
    assert not Application.objects.exists()
    give_all(cast, EXPERT)
    assert rule_is_met(cast.teacher.pk, expert)
    application = start_application(by=cast.actor("teacher"), achievement=expert)
    assert application.version.reviewers == 2


def test_the_rule_as_text_with_what_one_has(cast):
    load_content(by=Actor.system())
    ready_issuers()
    track = Achievement.objects.get(code="WORKPLACE_INSTRUCTOR")
    give_all(cast, {"WGB-L2"})
    lines = rule_lines(track, cast.teacher.pk)
    assert [line["is_met"] for line in lines] == [True, False, False, False]
    assert "Workplace guidance 2" in lines[0]["text"]
    assert [line["have"] for line in rule_lines(track, None)] == [0, 0, 0, 0]
    assert rule_lines(Achievement.objects.get(code="WGB-L1"), None) == []


def give_all(cast, codes):
    """Awards as another basis would give them; what the rule sees is only that they are valid."""
    from badges.services.awarding import queue_award

    for code in codes:
        version = Achievement.objects.get(code=code).versions.get()
        award = queue_award(
            by=Actor.system(),
            basis=AwardBasis.RULE,
            recipient=cast.teacher,
            version=version,
            issuer=cast.school,
            rule_facts={"rule": "test", "parts": []},
        )
        assert issue(award.pk)

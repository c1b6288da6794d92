"""The quiz of badge 0: every try is kept; a passed one and the own badge page earn the badge."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import AwardBasis
from badges.models import Achievement, Award, QuizAttempt
from badges.permissions import can_apply
from badges.selectors.achievements import valid_awards_of
from badges.selectors.catalogue import catalogue
from badges.selectors.issuers import issuer_for
from badges.services.applying import newest_published
from badges.services.awarding import queue_award
from partners.models import User
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed, WrongState


@transaction.atomic
def answer_quiz(*, by: Actor, achievement: Achievement, answers: Mapping[str, int]) -> QuizAttempt:
    """Keeps one try with its result; as many as the person wants."""
    quiz = _quiz_of(achievement)
    _require(by)
    assert by.user is not None
    version = newest_published(achievement)
    if version is None:
        raise WrongState("not_open", _("This quiz is not open yet."))
    given = {}
    for question in quiz["questions"]:
        chosen = answers.get(question["code"])
        if chosen is None or not 0 <= chosen < len(question["options"]):
            raise InvalidInput("answer", _("Choose an answer for every question."))
        given[question["code"]] = chosen
    correct = sum(given[one["code"]] == one["answer"] for one in quiz["questions"])
    return QuizAttempt.objects.create(
        version=version,
        person=by.user,
        answers=given,
        correct=correct,
        total=len(given),
        is_passed=correct >= quiz["pass_mark"],
    )


@transaction.atomic
def open_quiz_badge(*, by: Actor, attempt: QuizAttempt) -> Award:
    """The second criterion: the person opens their own badge page, and the badge is made.

    Opening it again, or twice at once, leads to the same award.
    """
    _require(by)
    assert by.user is not None
    if attempt.person_id != by.user.pk:
        raise NotAllowed("not_yours", _("This is somebody else's result."))
    if not attempt.is_passed:
        raise WrongState("not_passed", _("Pass the quiz first. You may try again at once."))
    User.objects.select_for_update().get(pk=by.user.pk)
    made = Award.objects.filter(quiz_attempt=attempt).first()
    achievement = attempt.version.achievement
    made = made or valid_awards_of(by.user.pk).filter(version__achievement=achievement).first()
    if made is not None:
        return made
    issuer = issuer_for(by.user)
    if issuer is None:
        raise WrongState("no_issuer", _("No institution can issue this badge yet."))
    return queue_award(
        by=by,
        basis=AwardBasis.QUIZ,
        recipient=by.user,
        version=attempt.version,
        issuer=issuer,
        quiz_attempt=attempt,
    )


def _quiz_of(achievement: Achievement) -> dict[str, Any]:
    quiz = catalogue().quizzes.get(achievement.code)
    if quiz is None:
        raise WrongState("no_quiz", _("This badge has no quiz."))
    return quiz


def _require(by: Actor) -> None:
    if not can_apply(by):
        raise NotAllowed("cannot_apply", _("Teachers and people at workplaces earn badges here."))

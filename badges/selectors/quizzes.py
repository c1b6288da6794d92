"""The quiz and the start test as content, and what their answers say."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from badges.models import Achievement, QuizAttempt
from badges.selectors.catalogue import catalogue
from materials.selectors.entries import entries_for_criterion
from techvet.actor import Actor

OFTEN, SOMETIMES, NOT_YET = "often", "sometimes", "not_yet"
LEVEL_FOR = {OFTEN: 2, SOMETIMES: 1, NOT_YET: 1}


def attempts_of(actor: Actor) -> QuerySet[QuizAttempt]:
    """The person's own tries, newest first."""
    if actor.user is None:
        return QuizAttempt.objects.none()
    return QuizAttempt.objects.filter(person=actor.user).select_related("version__achievement")


def quiz_of(achievement: Achievement) -> dict[str, Any] | None:
    return catalogue().quizzes.get(achievement.code)


def explained(attempt: QuizAttempt) -> list[dict[str, Any]]:
    """Each question with what was chosen, what is right, and why."""
    quiz = catalogue().quizzes.get(attempt.version.achievement.code, {"questions": []})
    rows = []
    for question in quiz["questions"]:
        chosen = attempt.answers.get(question["code"])
        rows.append(
            {
                "text": question["text"],
                "chosen": question["options"][chosen] if chosen is not None else "",
                "right": question["options"][question["answer"]],
                "is_right": chosen == question["answer"],
                "explanation": question["explanation"],
            }
        )
    return rows


def suggestions(answers: Mapping[str, str]) -> list[dict[str, Any]]:
    """Where to begin, the strongest first; `answers` is by question number. Nothing is stored.

    A family with several questions counts by its best answer, so that one thing done often is
    enough to begin there.
    """
    best: dict[str, tuple[int, dict[str, Any]]] = {}
    order = {OFTEN: 0, SOMETIMES: 1, NOT_YET: 2}
    for question in catalogue().start_test:
        answer = answers.get(str(question["number"]), NOT_YET)
        rank = order.get(answer, 2)
        if question["family"] not in best or rank < best[question["family"]][0]:
            best[question["family"]] = (rank, {**question, "answer": answer})
    ranked = sorted(best.values(), key=lambda one: one[0])
    return [found for _rank, one in ranked if (found := _suggestion(one)) is not None]


def _suggestion(question: Mapping[str, Any]) -> dict[str, Any] | None:
    family = catalogue().families.get(question["family"])
    answer = question["answer"]
    code = f"{question['family']}-L{LEVEL_FOR.get(answer, 1)}"
    if family is None or not Achievement.objects.filter(code=code).exists():
        return None
    material = entries_for_criterion(question["criterion"]).first() if answer == NOT_YET else None
    return {
        "name": family.name,
        "url": reverse("achievement_show", kwargs={"code": code}),
        "level": LEVEL_FOR.get(answer, 1),
        "because": question["text"],
        "answer": answer,
        "advice": catalogue().start_answers.get(answer, ""),
        "material": material,
    }

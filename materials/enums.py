"""Words of the materials app."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from techvet.choices import StateChoices


class MaterialKind(models.TextChoices):
    GUIDANCE_MATERIAL = "guidance_material", _("Guidance material")
    BEST_PRACTICE = "best_practice", _("Best practice")


class Audience(models.TextChoices):
    WORKPLACE = "workplace", _("Workplace instructors")
    TEACHER = "teacher", _("Teachers")
    STUDENT = "student", _("Students")


class Theme(models.TextChoices):
    FIRST_DAYS = "first_days", _("First days")
    INSTRUCTION = "instruction", _("Teaching a task")
    FEEDBACK = "feedback", _("Feedback")
    GOALS = "goals", _("Goals and tasks")
    CAREER_GUIDANCE = "career_guidance", _("Career guidance")
    DIGITAL_GUIDANCE = "digital_guidance", _("Digital guidance")
    ASSESSMENT = "assessment", _("Assessment")
    SAFETY_INCLUSION = "safety_inclusion", _("Safety and inclusion")
    COOPERATION = "cooperation", _("Cooperation")


class Phase(models.TextChoices):
    BEFORE = "before", _("Before the start")
    START = "start", _("First week")
    DURING = "during", _("During the placement")
    ASSESSMENT = "assessment", _("Assessment")
    AFTER = "after", _("Afterwards")


class Licence(models.TextChoices):
    """Creative Commons 4.0 licences by their SPDX identifiers, and public domain."""

    CC_BY = "CC-BY-4.0", _("CC BY 4.0: use and change it, name the author")
    CC_BY_SA = "CC-BY-SA-4.0", _("CC BY-SA 4.0: the same, and share your changes alike")
    CC0 = "CC0-1.0", _("CC0: use it as you like")


class Question(models.TextChoices):
    """Where a search begins: what somebody says on a Friday afternoon."""

    STUDENT_ON_MONDAY = "student_on_monday", _("My student comes on Monday")
    HARDLY_TALK = "hardly_talk", _("They hardly talk")
    ASSESS_ON_FRIDAY = "assess_on_friday", _("I must assess on Friday")
    TEACH_A_TASK = "teach_a_task", _("I have to teach a task")
    FAR_AWAY = "far_away", _("My student works far away")
    SOMETHING_IS_WRONG = "something_is_wrong", _("Something is not right")
    NEXT_STEPS = "next_steps", _("They ask what comes next")
    WORK_TOGETHER = "work_together", _("School and workplace hardly meet")


class MaterialState(StateChoices):
    DRAFT = "draft", _("Draft")
    IN_CHECK = "in_check", _("Waiting for a check")
    RETURNED = "returned", _("Returned with notes")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {
            "draft": "info",
            "in_check": "wait",
            "returned": "attention",
            "published": "ok",
            "retired": "quiet",
        }


class ReviewOutcome(models.TextChoices):
    PUBLISH = "publish", _("Publish")
    RETURN = "return", _("Return with notes")

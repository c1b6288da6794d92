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

    @property
    def short(self) -> str:
        """The name of the licence alone: CC BY 4.0."""
        return {"CC-BY-4.0": "CC BY 4.0", "CC-BY-SA-4.0": "CC BY-SA 4.0"}.get(self.value, "CC0 1.0")

    @property
    def url(self) -> str:
        """The deed of the licence at creativecommons.org."""
        part = {
            "CC-BY-4.0": "licenses/by/4.0",
            "CC-BY-SA-4.0": "licenses/by-sa/4.0",
            "CC0-1.0": "publicdomain/zero/1.0",
        }[self.value]
        return f"https://creativecommons.org/{part}/"


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


class CheckPoint(models.TextChoices):
    """What a colleague looks at before an entry is published."""

    LICENCE = "licence", _("Sources are named, and the licence may be given")
    PLAIN_LANGUAGE = "plain_language", _("Plain language and short sentences")
    NO_PERSONAL_DATA = "no_personal_data", _("Nobody can be recognised who has not agreed")
    ACCESSIBLE = "accessible", _("Headings, lists and pictures make sense when read aloud")
    CORRECT = "correct", _("Correct, as far as you can judge")
    USEFUL = "useful", _("Somebody can do something with it at work tomorrow")
    COMPLETE = "complete", _("Title, summary and audience fit the text")
    NO_ADVERTISING = "no_advertising", _("No advertising for a product or a company")

    @property
    def missing(self) -> str:
        """What is said when neither OK nor Fix was chosen."""
        sentences = {
            "licence": _("Choose OK or Fix for sources and licence."),
            "plain_language": _("Choose OK or Fix for the language."),
            "no_personal_data": _("Choose OK or Fix for people in it."),
            "accessible": _("Choose OK or Fix for reading aloud."),
            "correct": _("Choose OK or Fix for correctness."),
            "useful": _("Choose OK or Fix for use at work."),
            "complete": _("Choose OK or Fix for title and summary."),
            "no_advertising": _("Choose OK or Fix for advertising."),
        }
        return sentences[self.value]


class PointMark(models.TextChoices):
    OK = "ok", _("OK")
    FIX = "fix", _("Fix")


class Reading(models.TextChoices):
    """How long somebody has."""

    FIVE = "5", _("Up to 5 minutes")
    TEN = "10", _("6 to 10 minutes")
    TWENTY = "20", _("11 to 20 minutes")
    MORE = "more", _("More than 20 minutes")

    @property
    def span(self) -> tuple[int, int]:
        """The shortest and the longest time, in minutes."""
        spans = {"5": (0, 5), "10": (6, 10), "20": (11, 20), "more": (21, 32767)}
        return spans[self.value]

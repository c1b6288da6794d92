"""Demo rows: the built-in entries, and what teachers of a school are just writing."""

from django.db.models import Q

from materials.enums import Audience, CheckPoint, MaterialKind, Phase, PointMark, Question, Theme
from materials.models import Material, MaterialReview
from materials.services.content import load_content
from materials.services.publishing import check_material, submit_for_check
from materials.services.writing import create_draft, delete_files_of, save_draft
from partners.models import User
from partners.selectors.actors import actor_of
from techvet.actor import Actor

_DRAFT = {
    "title": "A tool of the week",
    "summary": "One tool, ten minutes, every Monday: what it is for and how to keep it.",
    "audiences": [Audience.WORKPLACE],
    "theme": Theme.INSTRUCTION,
    "phases": [Phase.DURING],
    "minutes": 5,
    "body": "Choose a tool that the student will need this week.\n\n## Steps\n\n"
    "1. Show it without words.\n2. Let the student name its parts.\n",
}
_WAITING = {
    "title": "Questions for the first call",
    "summary": "Six questions a teacher asks a new workplace before the student starts, and why.",
    "audiences": [Audience.TEACHER],
    "theme": Theme.COOPERATION,
    "phases": [Phase.BEFORE],
    "questions": [Question.WORK_TOGETHER],
    "minutes": 4,
    "body": "Call before you write. A call of ten minutes saves a week of messages.\n\n"
    "## The six questions\n\n1. Who will be there on the first morning?\n"
    "2. Which work can a beginner do with you?\n3. What must a beginner never do with you?\n"
    "4. How do you reach us, and when?\n5. What went well with the last student?\n"
    "6. What do you need from us?\n\n## At the workplace in five minutes\n\n"
    "- [ ] Name the person who will be there\n- [ ] Choose one task for the first day\n",
}
_RETURNED = {
    "title": "Diary lines that help",
    "summary": "How to answer a student's diary line so that the next one says more.",
    "audiences": [Audience.TEACHER, Audience.WORKPLACE],
    "theme": Theme.FEEDBACK,
    "phases": [Phase.DURING],
    "questions": [Question.HARDLY_TALK],
    "minutes": 3,
    "body": "A line such as “did welding” is a beginning. Ask one question back.\n\n"
    "## Three questions back\n\n- What was new?\n- What would you do again?\n"
    "- What was in the way?\n",
}
_NOTE = "Good questions. Please add an example of a line and of an answer, without real names."


def seed(*, by: Actor) -> None:
    """The built-in entries, a draft, an entry that waits and one that was returned."""
    load_content(by=by)
    mikko, sari, jussi = (_person(name) for name in ("mikko", "sari", "jussi"))
    _write(mikko, _DRAFT)
    if waiting := _write(sari, _WAITING):
        submit_for_check(by=sari, material=waiting)
    if returned := _write(mikko, _RETURNED):
        submit_for_check(by=mikko, material=returned)
        points = dict.fromkeys(CheckPoint.values, PointMark.OK.value)
        points[CheckPoint.USEFUL] = PointMark.FIX.value
        check_material(by=jussi, material=returned, points=points, note=_NOTE, outcome="return")


def remove(*, by: Actor) -> None:
    """Everything that demo people wrote or checked; the built-in entries stay."""
    rows = Material.objects.filter(Q(is_demo=True) | Q(author__is_demo=True, content_hash=""))
    for material in rows:
        delete_files_of(material)
    MaterialReview.objects.filter(Q(reviewer__is_demo=True) | Q(author__is_demo=True)).delete()
    rows.delete()


def _person(name: str) -> Actor:
    return actor_of(User.objects.get(email__iexact=f"{name}.demo@example.org"))


def _write(author: Actor, values: dict[str, object]) -> Material | None:
    """The entry as a draft, or None when it is there already."""
    if Material.objects.filter(author=author.user, title=values["title"]).exists():
        return None
    draft = create_draft(by=author, kind=MaterialKind.GUIDANCE_MATERIAL, language="en")
    return save_draft(by=author, material=draft, **values)

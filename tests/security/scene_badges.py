"""The part of the scene that stands beside an application: own badges, voices, kept badges."""

from typing import TYPE_CHECKING

from badges.models import BackpackCredential, Endorsement, QuizAttempt
from badges.services.endorsement_signing import sign_due_endorsements
from badges.services.endorsing import ask_endorsement, endorse
from tests.factories import editor as make_own

if TYPE_CHECKING:
    from badges.models import AchievementVersion, Award
    from tests.security.scene import Scene


def own_badges(scene: "Scene") -> None:
    """A draft and a pilot that the school's coordinator made."""
    draft = make_own.complete(scene.cast.actor("coordinator"), scene.cast.school)
    scene.ids |= {
        "own_draft": draft.public_id,
        "own_criterion": draft.criteria.get(number=1).public_id,
        "own_pilot": make_own.piloted(scene.cast, short_name="Pilot").public_id,
    }


def attempts(scene: "Scene", version: "AchievementVersion") -> None:
    """A passed quiz of the teacher and one of the instructor."""
    for name, person in (("attempt", scene.cast.teacher), ("work_attempt", scene.cast.instructor)):
        row = QuizAttempt.objects.create(
            version=version, person=person, correct=8, total=8, is_passed=True
        )
        scene.ids[name] = row.public_id


def voices(scene: "Scene", award: "Award") -> None:
    """The company has endorsed the teacher's badge; the instructor is asked to do the same."""
    cast = scene.cast
    signed = endorse(
        by=cast.actor("manager"), subject=award, endorser=cast.company, comment="We saw it."
    )
    sign_due_endorsements()
    assert ask_endorsement(
        by=cast.actor("teacher"), subject=award, email=cast.instructor.email or ""
    )
    asked = Endorsement.objects.get(asked=cast.instructor)
    kept = BackpackCredential.objects.create(
        person=cast.teacher, credential_id="urn:uuid:1", form="json", body="{}", body_sha256=""
    )
    scene.ids |= {"voice": signed.public_id, "asked_voice": asked.public_id, "kept": kept.public_id}

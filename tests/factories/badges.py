"""Badges, applications and awards for tests, made through the services themselves."""

from badges.enums import EvidenceKind, Mark, Outcome
from badges.models import Achievement, AchievementVersion, Application, Award, Criterion, Review
from badges.selectors.scaffolding import needs_plan
from badges.services.applying import start_application, submit_application
from badges.services.deciding import decide
from badges.services.evidence import save_text
from badges.services.issuing import issue
from badges.services.keys import ensure_all_keys
from badges.services.reviewing import set_mark
from badges.services.scaffolding import write_plan
from badges.services.status_lists import publish_due
from partners.models import Organisation, User
from partners.selectors.actors import actor_of
from techvet.actor import Actor

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="5" cy="5" r="4"/></svg>'
)
KINDS = [kind.value for kind in EvidenceKind]


def make_badge(
    creator: Organisation,
    code: str = "WGB-L1",
    *,
    family: str = "WGB",
    level: int = 1,
    criteria: int = 2,
    **version_fields: object,
) -> Achievement:
    """An open badge with its first version, criteria numbered from 1."""
    achievement = Achievement.objects.create(code=code, family=family, level=level)
    make_version(achievement, creator, criteria=criteria, **version_fields)
    return achievement


def make_version(
    achievement: Achievement, creator: Organisation, *, criteria: int = 2, **fields: object
) -> AchievementVersion:
    number = achievement.versions.count() + 1
    version = AchievementVersion.objects.create(
        **{
            "achievement": achievement,
            "number": number,
            "creator": creator,
            "name": f"Workplace guidance basics, level {achievement.level}",
            "short_name": f"Workplace guidance {achievement.level}",
            "competence_objective": "Plans, starts and carries out the guidance of a student.",
            "demonstration_instructions": "Show one thing for **each** criterion.\n\n- Be brief.",
            "eqf_level": 4,
            "isced_f": "0114",
            "workload_hours": 8,
            "validity_years": 3,
            "tags": ["guidance"],
            "alignments": [
                {
                    "uri": "http://data.europa.eu/esco/skill/699e7c26-6502-4e78-a823-3656ff5a5b8b",
                    "label": "instruct others",
                    "kind": "skill",
                }
            ],
            "picture_svg": SVG,
            "content_sha256": f"{achievement.code}-{number}".ljust(64, "0"),
            **fields,
        }
    )
    for one in range(1, criteria + 1):
        Criterion.objects.create(
            version=version,
            number=one,
            code=f"{achievement.family}-{one}",
            title=f"Criterion number {one}",
            description=f"What counts for {one}.",
            evidence_kinds=KINDS,
            good_example="A plan with dates.",
            weak_example="We always do.",
        )
    return version


def ready_issuers() -> None:
    """Keys and published status lists for every issuer of the test."""
    ensure_all_keys(by=Actor.system())
    publish_due()


def draft(applicant: User, achievement: Achievement, *, answered: bool = True) -> Application:
    actor = actor_of(applicant)
    application = start_application(by=actor, achievement=achievement)
    if answered and needs_plan(application):
        write_plan(by=actor, application=application, text="What I want to show, and with what.")
    if answered:
        for criterion in application.version.criteria.all():
            save_text(
                by=actor,
                application=application,
                criterion=criterion,
                text=f"What I did for criterion {criterion.number}.",
            )
    return application


def submitted(applicant: User, achievement: Achievement) -> Application:
    application = draft(applicant, achievement)
    return submit_application(by=actor_of(applicant), application=application)


def mark_all(application: Application, reviewer: User, mark: str = Mark.MET) -> None:
    for criterion in application.version.criteria.all():
        set_mark(
            by=actor_of(reviewer),
            application=application,
            criterion=criterion,
            revision=application.revision,
            mark=mark,
            note="",
        )


def returned(applicant: User, achievement: Achievement, reviewer: User) -> Application:
    application = submitted(applicant, achievement)
    decide(
        by=actor_of(reviewer),
        application=application,
        outcome=Outcome.RETURN,
        revision=application.revision,
        note="Say what the student did afterwards.",
    )
    application.refresh_from_db()
    return application


def queued_award(applicant: User, achievement: Achievement, reviewer: User) -> Award:
    """An approved application; keys must exist."""
    application = submitted(applicant, achievement)
    mark_all(application, reviewer)
    decide(
        by=actor_of(reviewer),
        application=application,
        outcome=Outcome.APPROVE,
        revision=application.revision,
    )
    return Award.objects.get(application=application)


def issued_award(applicant: User, achievement: Achievement, reviewer: User) -> Award:
    award = queued_award(applicant, achievement, reviewer)
    assert issue(award.pk)
    award.refresh_from_db()
    return award


def at_work(application: Application) -> list[User]:
    """Who has an open review of the present revision."""
    rows = Review.objects.filter(
        application=application, revision=application.revision, finished_at=None
    )
    return [one.reviewer for one in rows.select_related("reviewer")]

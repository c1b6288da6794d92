"""Who reviews moves from the application to reviews of their own, and the database guards them.

A reviewer is never the applicant; a final decision on a badge that two decide needs as many
finished reviews of that outcome, and those can neither be changed nor deleted afterwards.
"""

from django.db import migrations, models

# Claims of today, and what was decided before reviews had rows of their own.
MOVE = [
    # No trigger may be pending when the tables are changed below.
    "SET CONSTRAINTS ALL IMMEDIATE",
    """
    INSERT INTO badges_review (public_id, application_id, revision, reviewer_id, organisation_id,
                               kind, claimed_at, outcome, note, finished_at)
    SELECT gen_random_uuid(), application_id, revision, reviewer_id,
           (SELECT issuer_id FROM badges_application a WHERE a.id = application_id),
           'institution', made_at, outcome, note, made_at
    FROM badges_decision
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO badges_review (public_id, application_id, revision, reviewer_id, organisation_id,
                               kind, claimed_at, outcome, note)
    SELECT gen_random_uuid(), id, revision, reviewer_id, issuer_id, 'institution',
           coalesce(claimed_at, updated_at), '', ''
    FROM badges_application
    WHERE reviewer_id IS NOT NULL AND state = 'in_review'
    ON CONFLICT DO NOTHING
    """,
    "UPDATE badges_achievementversion SET needs_world_of_work = true WHERE reviewers > 1",
    "SET CONSTRAINTS ALL DEFERRED",
]
GUARDS = """
CREATE FUNCTION badges_review_guard() RETURNS trigger AS $$
BEGIN
    IF TG_OP <> 'DELETE' AND NEW.reviewer_id = (
        SELECT applicant_id FROM badges_application WHERE id = NEW.application_id
    ) THEN
        RAISE EXCEPTION 'a review of one''s own application'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'badges_review_not_own';
    END IF;
    IF TG_OP <> 'INSERT' AND OLD.finished_at IS NOT NULL AND (
        TG_OP = 'DELETE'
        OR (NEW.application_id, NEW.revision, NEW.reviewer_id, NEW.outcome)
           IS DISTINCT FROM (OLD.application_id, OLD.revision, OLD.reviewer_id, OLD.outcome)
        OR NEW.finished_at IS NULL
    ) AND EXISTS (
        SELECT 1 FROM badges_decision d
        JOIN badges_application a ON a.id = d.application_id
        JOIN badges_achievementversion v ON v.id = a.version_id
        WHERE d.application_id = OLD.application_id AND d.revision = OLD.revision
          AND d.is_final AND v.reviewers > 1
    ) THEN
        RAISE EXCEPTION 'a review on which a decision rests'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'badges_review_decided';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER badges_review_guard BEFORE INSERT OR UPDATE OR DELETE ON badges_review
    FOR EACH ROW EXECUTE FUNCTION badges_review_guard();

CREATE FUNCTION badges_decision_guard() RETURNS trigger AS $$
DECLARE
    wanted integer;
BEGIN
    SELECT v.reviewers INTO wanted
    FROM badges_application a JOIN badges_achievementversion v ON v.id = a.version_id
    WHERE a.id = NEW.application_id;
    IF NEW.is_final AND wanted > 1 AND wanted > (
        SELECT count(*) FROM badges_review r
        WHERE r.application_id = NEW.application_id AND r.revision = NEW.revision
          AND r.outcome = NEW.outcome AND r.finished_at IS NOT NULL
          AND r.reviewer_id <> NEW.applicant_id
    ) THEN
        RAISE EXCEPTION 'a final decision with too few reviews'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'badges_decision_enough_reviews';
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER badges_decision_guard BEFORE INSERT OR UPDATE ON badges_decision
    FOR EACH ROW EXECUTE FUNCTION badges_decision_guard();
"""
NO_GUARDS = """
DROP TRIGGER badges_decision_guard ON badges_decision;
DROP FUNCTION badges_decision_guard();
DROP TRIGGER badges_review_guard ON badges_review;
DROP FUNCTION badges_review_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("badges", "0006_status_list_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="achievementversion",
            name="needs_world_of_work",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="review",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="application",
            name="badges_application_not_own_review",
        ),
        migrations.RemoveField(
            model_name="application",
            name="claimed_at",
        ),
        migrations.RemoveField(
            model_name="application",
            name="reviewer",
        ),
        migrations.RunSQL(GUARDS, NO_GUARDS),
    ]

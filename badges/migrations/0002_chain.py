"""No credential without a final approval by somebody else: held by the database itself.

credential -> award -> decision (approve, final) -> application and its applicant. A check on the
decision refuses a reviewer who is the applicant; the composite keys make lying about it useless.
"""

from django.db import migrations

TIES = [
    (
        "badges_decision",
        "badges_decision_of_applicant",
        "FOREIGN KEY (application_id, applicant_id) REFERENCES badges_application (id, applicant_id)",
    ),
    (
        "badges_award",
        "badges_award_final_approval",
        "FOREIGN KEY (decision_id, application_id, outcome, is_final)"
        " REFERENCES badges_decision (id, application_id, outcome, is_final)",
    ),
    (
        "badges_award",
        "badges_award_to_applicant",
        "FOREIGN KEY (application_id, recipient_id) REFERENCES badges_application (id, applicant_id)",
    ),
    (
        "badges_credential",
        "badges_credential_of_award",
        "FOREIGN KEY (award_id, application_id) REFERENCES badges_award (id, application_id)",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("badges", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule} DEFERRABLE INITIALLY IMMEDIATE",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, rule in TIES
    ]

"""Seals over the audit log, and a second fence: its rows are not changed or deleted.

Only a person or an organisation that is erased may disappear from a row.
"""

import django.contrib.postgres.fields
import django.db.models.functions.datetime
from django.db import migrations, models

FENCE = """
CREATE FUNCTION partners_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
     AND (NEW.by_id IS NULL OR NEW.by_id = OLD.by_id)
     AND (NEW.organisation_id IS NULL OR NEW.organisation_id = OLD.organisation_id)
     AND (NEW.id, NEW.public_id, NEW.at, NEW.assurance, NEW.verb, NEW.thing_type, NEW.thing_id,
          NEW.data)
         IS NOT DISTINCT FROM
         (OLD.id, OLD.public_id, OLD.at, OLD.assurance, OLD.verb, OLD.thing_type, OLD.thing_id,
          OLD.data)
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit events are kept as they are' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER partners_audit_kept BEFORE UPDATE OR DELETE ON partners_auditevent
  FOR EACH ROW EXECUTE FUNCTION partners_audit_is_kept();
CREATE FUNCTION partners_audit_seal_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'seals of the audit log are kept' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER partners_audit_seal_kept BEFORE UPDATE OR DELETE ON partners_auditseal
  FOR EACH ROW EXECUTE FUNCTION partners_audit_seal_is_kept();
"""
NO_FENCE = """
DROP TRIGGER partners_audit_seal_kept ON partners_auditseal;
DROP FUNCTION partners_audit_seal_is_kept();
DROP TRIGGER partners_audit_kept ON partners_auditevent;
DROP FUNCTION partners_audit_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_cache_table")]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                (
                    "event_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("digests", models.BinaryField()),
                ("previous_sha256", models.CharField(blank=True, max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.RunSQL(FENCE, NO_FENCE),
    ]

"""What the API takes and gives."""

from typing import Any

from rest_framework import serializers

from badges.models import AchievementVersion
from badges.services.check_words import CheckLine
from badges.services.documents import achievement_address
from badges.services.verifying import Verification
from techvet.origin import address


class VerifySerializer(serializers.Serializer):
    """`credential` is an object, its text, or the address of a badge."""

    credential = serializers.JSONField()
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)

    def validate_credential(self, value: Any) -> Any:
        if not isinstance(value, str | dict):
            raise serializers.ValidationError("Send an object, its text, or an address.")
        return value


def verification_data(result: Verification) -> dict[str, Any]:
    """`badge` and `issuer` are from our own records; `claims` is what the badge says of itself."""
    return {
        "outcome": result.outcome,
        "kind": result.kind,
        "issuer_standing": result.standing,
        "checks": [_check_data(line) for line in result.checks],
        "badge": result.award.version.name if result.award else None,
        "issuer": result.award.issuer.name if result.award else None,
        "claims": result.shown,
    }


def _check_data(line: CheckLine) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": line.key,
        "outcome": line.outcome,
        "code": line.code,
        "text": line.text,
    }
    if line.each:
        found["each"] = [{"by": one["by"], "code": one["code"]} for one in line.each]
    return found


def achievement_data(version: AchievementVersion) -> dict[str, Any]:
    return {
        "code": version.achievement.code,
        "id": achievement_address(version),
        "url": address("achievement_show", code=version.achievement.code),
        "name": version.name,
        "level": version.achievement.level,
        "is_open": version.achievement.is_open,
        "eqf_level": version.eqf_level,
        "workload_hours": version.workload_hours,
        "competence_objective": version.competence_objective,
        "criteria": [
            {"number": one.number, "title": one.title, "description": one.description}
            for one in version.criteria.all()
        ],
        "picture": address("achievement_picture", public_id=version.public_id, form="png"),
    }

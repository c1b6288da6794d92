"""From rows to the documents that machines read (Open Badges 3.0, VC 2.0, did:web, status lists).

Nothing here signs. `unsigned_credential` gives the exact text that is frozen with an award.
"""

import secrets
from dataclasses import replace
from typing import Any

from django.conf import settings

from badges.models import AchievementVersion, Award, SigningKey, StatusList
from badges.openbadges import credential as ob_credential
from badges.openbadges import documents as ob
from badges.openbadges import keys as ob_keys
from badges.selectors.endorsements import bodies_about
from badges.selectors.issuers import did_of
from badges.services.status_lists import suspension_list_of
from partners.models import Organisation
from techvet.origin import address

EQF_FRAMEWORK = "European Qualifications Framework (comparable level of the learning outcome)"
EQF_URL = "http://data.europa.eu/snb/eqf/{level}"


def credential_address(award: Award) -> str:
    """The id of the credential, which is also where it can be read."""
    return address("credential_document", public_id=award.public_id)


def status_list_address(status_list: StatusList) -> str:
    return address("status_list_document", public_id=status_list.public_id)


def achievement_address(version: AchievementVersion) -> str:
    return address("achievement_document", public_id=version.public_id)


def verification_method(key: SigningKey) -> str:
    return ob_keys.verification_method(did_of(key.issuer), key.public_key_multibase)


def issuer_facts(issuer: Organisation) -> ob.IssuerFacts:
    return ob.IssuerFacts(
        did=did_of(issuer),
        name=issuer.name,
        url=address("issuer_show", slug=issuer.slug),
        description=issuer.english_name,
    )


def achievement_facts(
    version: AchievementVersion, endorsements: tuple[bytes, ...] = ()
) -> ob.AchievementFacts:
    achievement = version.achievement
    return ob.AchievementFacts(
        id=achievement_address(version),
        name=version.name,
        description=version.competence_objective,
        criteria_narrative=criteria_narrative(version),
        criteria_id=address("achievement_show", code=achievement.code),
        picture=ob.Picture(
            id=address("achievement_picture", public_id=version.public_id, form="png"),
            caption=version.name,
        ),
        alignments=tuple(_alignments(version)),
        tags=tuple(version.tags),
        creator=issuer_facts(version.creator),
        in_language=version.language,
        version=str(version.number),
        human_code=achievement.code,
        field_of_study=version.isced_f,
        endorsements=endorsements,
    )


def criteria_narrative(version: AchievementVersion) -> str:
    """The criteria and the demonstration instructions as Markdown, as Open Badges asks for."""
    lines = [f"{one.number}. {one.title}: {one.description}" for one in version.criteria.all()]
    parts = ["\n".join(lines), version.demonstration_instructions]
    return "\n\n".join(part for part in parts if part) or version.competence_objective


def unsigned_credential(award: Award) -> str:
    """The credential without its proof, as text; drawn once, since it holds a fresh salt."""
    of_issuer, of_version = did_of(award.issuer), achievement_address(award.version)
    said = bodies_about([of_issuer, of_version], award.issuer, award.version.achievement)
    facts = ob_credential.CredentialFacts(
        id=credential_address(award),
        issuer=replace(issuer_facts(award.issuer), endorsements=said[of_issuer]),
        recipient=_recipient(award),
        achievement=achievement_facts(award.version, said[of_version]),
        valid_from=award.issued_at,
        valid_until=award.valid_until,
        name=award.version.name,
        status=status_facts(award.status_list, award.status_index),
    )
    return ob.serialise(ob_credential.build_credential(facts)).decode()


def status_facts(status_list: StatusList, index: int) -> tuple[ob_credential.StatusFacts, ...]:
    """Where a verifier looks: the list of revoked badges, and by setting that of suspended ones.

    The data model of Open Badges 3.0 allows one entry only, although VC 2.0 allows more.
    """
    lists = [status_list]
    if settings.SUSPENSION_ENTRY:
        lists.append(suspension_list_of(status_list))
    return tuple(
        ob_credential.StatusFacts(
            list_url=status_list_address(one), index=index, purpose=str(one.purpose)
        )
        for one in lists
    )


def _recipient(award: Award) -> ob_credential.RecipientFacts:
    """An opaque id, and the e-mail address as a salted hash: only who knows it can check."""
    identity = f"urn:uuid:{award.public_id}"
    email = award.recipient_email or (award.recipient.email if award.recipient else "")
    if not email:
        return ob_credential.RecipientFacts(id=identity)
    salt = secrets.token_hex(16)
    return ob_credential.RecipientFacts(
        id=identity, identity_hash=ob_credential.hash_email(email, salt), salt=salt
    )


def _alignments(version: AchievementVersion) -> list[ob.AlignmentFacts]:
    found = [
        ob.AlignmentFacts(
            target_name=one["label"],
            target_url=one["uri"],
            target_framework="ESCO",
            target_description=_KINDS.get(one.get("kind", ""), ""),
        )
        for one in version.alignments
    ]
    if version.eqf_level:
        found.append(
            ob.AlignmentFacts(
                target_name=f"EQF level {version.eqf_level}",
                target_url=EQF_URL.format(level=version.eqf_level),
                target_framework=EQF_FRAMEWORK,
                target_code=str(version.eqf_level),
            )
        )
    return found


_KINDS = {
    "skill": "A skill that this badge shows",
    "skill_group": "A group of skills to which this badge belongs",
    "occupation": "A related occupation; the badge is not a qualification for it",
}


def issuer_document(issuer: Organisation) -> dict[str, Any]:
    return ob.issuer_document(issuer_facts(issuer))


def achievement_document(version: AchievementVersion) -> dict[str, Any]:
    subject = achievement_address(version)
    said = bodies_about([subject], version.creator, version.achievement)
    return ob.achievement_document(achievement_facts(version, said[subject]))

"""The badge picture with the credential inside, made when somebody asks for it (milliseconds)."""

from badges.models import Award
from badges.openbadges.baking import Generation, bake_png, bake_svg
from badges.openbadges.documents import serialise
from badges.services.content import picture_png
from badges.services.ob2_documents import assertion_document

FORMS = ("png", "svg")


def baked_picture(*, award: Award, form: str, generation: Generation) -> bytes | None:
    """PNG or SVG; None when there is nothing of that generation to bake (see `ob2_documents`).

    Raises BadImage for a picture of a version that cannot hold a credential.
    """
    content: str | bytes = award.credential.body
    if generation == Generation.OPEN_BADGES_2:
        assertion = assertion_document(award)
        if assertion is None or assertion.get("revoked"):
            return None
        content = serialise(assertion)
    if form == "svg":
        return bake_svg(award.version.picture_svg, content, generation)
    return bake_png(picture_png(version=award.version), content, generation)

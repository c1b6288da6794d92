"""The picture of a draft: composed from shape, symbol and colour, or an uploaded PNG."""

import io

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from badges.models import AchievementVersion
from badges.pictures import GROUNDS, SHAPES, SYMBOLS_TO_CHOOSE
from badges.services.editing import keep_picture, locked_draft
from techvet.actor import Actor
from techvet.errors import InvalidInput
from techvet.files import accept_image

LEAST_PIXELS = 256
KEPT_PIXELS = 512  # as composed pictures are; a larger upload is made smaller
OWN_LOOK = ("hexagon", "night")


def check_parts(*, shape: str, symbol: str, colour: str) -> dict[str, str]:
    """The three choices; raises InvalidInput. The look of the constellation is not to choose."""
    if shape not in SHAPES or symbol not in SYMBOLS_TO_CHOOSE or colour not in GROUNDS:
        raise InvalidInput("unknown_picture", _("Choose a shape, a symbol and a colour."))
    if (shape, colour) == OWN_LOOK:
        raise InvalidInput(
            "own_look",
            _("The night blue hexagon is kept for the constellation. Choose another colour."),
            "colour",
        )
    return {"shape": shape, "symbol": symbol, "colour": colour}


@transaction.atomic
def compose_picture(
    *, by: Actor, version: AchievementVersion, shape: str, symbol: str, colour: str
) -> AchievementVersion:
    version = locked_draft(by, version)
    version.picture_parts = check_parts(shape=shape, symbol=symbol, colour=colour)
    return keep_picture(by, version)


@transaction.atomic
def upload_picture(
    *, by: Actor, version: AchievementVersion, upload: UploadedFile
) -> AchievementVersion:
    """A square PNG, encoded anew, at least 256 pixels wide; raises InvalidInput with the reason."""
    version = locked_draft(by, version)
    version.picture_parts, version.picture_png = {}, _square_png(upload)
    return keep_picture(by, version)


def _square_png(upload: UploadedFile) -> bytes:
    checked = accept_image(upload)
    if checked.content_type != "image/png":
        raise InvalidInput("not_png", _("Send the picture as PNG."), "upload")
    picture = Image.open(io.BytesIO(checked.content), formats=["PNG"])
    if picture.width != picture.height:
        raise InvalidInput("not_square", _("Send a square picture."), "upload")
    if picture.width < LEAST_PIXELS:
        raise InvalidInput(
            "too_small",
            _("Send a picture that is at least %(size)s pixels wide.") % {"size": LEAST_PIXELS},
            "upload",
        )
    if picture.width <= KEPT_PIXELS:
        return checked.content
    out = io.BytesIO()
    picture.resize((KEPT_PIXELS, KEPT_PIXELS)).save(out, "PNG", optimize=True)
    return out.getvalue()

"""Uploads are judged by their content, never by their name or the type the browser claims."""

import hashlib
import io
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from techvet.errors import InvalidInput
from techvet.text import clean_text

MAX_PIXELS = 25_000_000  # as decoded; a phone's photo has 12 to 20 million
KEPT_PIXELS = 2_000_000  # as stored
MAX_UNPACKED = 200 * 1024 * 1024  # bytes in all members of an office file
DOCUMENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
}
IMAGE_TYPES = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


@dataclass(frozen=True)
class CheckedFile:
    """A file that passed; `original_name` is for showing only."""

    content: bytes
    content_type: str
    extension: str
    original_name: str
    sha256: str


def accept_document(upload: UploadedFile) -> CheckedFile:
    """A PDF, office document, picture or plain text; raises InvalidInput with the reason."""
    content = _read(upload)
    kind = filetype.guess(content)
    extension = kind.extension if kind else ""
    if extension in IMAGE_TYPES:
        return _image(upload, content, extension)
    if extension in DOCUMENT_TYPES:
        if extension != "pdf":
            _check_archive(content)
        return _checked(upload, content, DOCUMENT_TYPES[extension], extension)
    if not kind and _is_plain_text(upload, content):
        return _checked(upload, content, "text/plain; charset=utf-8", "txt")
    raise InvalidInput(
        "file_type",
        _("This kind of file cannot be used. Send a PDF, a picture, an office document or text."),
    )


def accept_image(upload: UploadedFile) -> CheckedFile:
    """A JPEG, PNG or WebP picture, re-encoded without hidden data; raises InvalidInput."""
    content = _read(upload)
    kind = filetype.guess(content)
    if not kind or kind.extension not in IMAGE_TYPES:
        raise InvalidInput("image_type", _("Send a photo as JPEG, PNG or WebP."))
    return _image(upload, content, kind.extension)


def _read(upload: UploadedFile) -> bytes:
    size = upload.size or 0
    if size == 0:
        raise InvalidInput("file_empty", _("The file is empty."))
    if size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise InvalidInput(
            "file_size",
            _("The file is too large. The limit is %(limit)s MB.") % {"limit": limit},
        )
    return upload.read()


def _checked(upload: UploadedFile, content: bytes, content_type: str, ext: str) -> CheckedFile:
    name = clean_text(PurePath((upload.name or "").replace("\\", "/")).name).strip(" .")
    stem = PurePath(name).stem[:120] or "file"
    return CheckedFile(
        content=content,
        content_type=content_type,
        extension=ext,
        original_name=f"{stem}.{ext}",
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _image(upload: UploadedFile, content: bytes, extension: str) -> CheckedFile:
    unreadable = InvalidInput("image_broken", _("This picture cannot be read."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=[IMAGE_TYPES[extension]])
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise InvalidInput("image_pixels", _("This picture is too large to be read."))
            picture = ImageOps.exif_transpose(picture)
            scale = (KEPT_PIXELS / (width * height)) ** 0.5
            if scale < 1:
                picture.thumbnail((int(picture.width * scale), int(picture.height * scale)))
            out = io.BytesIO()
            if extension == "png":
                picture.convert("RGBA").save(out, "PNG", optimize=True)
                return _checked(upload, out.getvalue(), "image/png", "png")
            picture.convert("RGB").save(out, "JPEG", quality=85)
            return _checked(upload, out.getvalue(), "image/jpeg", "jpg")
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
    ):
        raise unreadable from None


def _check_archive(content: bytes) -> None:
    """Office files are archives: refuse bombs, without unpacking anything."""
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise InvalidInput("file_broken", _("This file cannot be read.")) from None
    unpacked = sum(member.file_size for member in members)
    if len(members) > 5000 or unpacked > MAX_UNPACKED or unpacked > 200 * len(content):
        raise InvalidInput("file_bomb", _("This file cannot be read."))


def _is_plain_text(upload: UploadedFile, content: bytes) -> bool:
    if not (upload.name or "").lower().endswith((".txt", ".md", ".csv")):
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text

"""Guidance materials and best practices: written, checked by a peer, published, retired."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from materials.enums import (
    Audience,
    Licence,
    MaterialKind,
    MaterialState,
    Phase,
    Question,
    ReviewOutcome,
    Theme,
)
from partners.models import Organisation, User

MAX_BODY = 60_000  # characters


class Entry(models.Model):
    """What an entry says and how it is found; shared by the draft and by what was published."""

    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=MaterialKind.choices,
        default=MaterialKind.GUIDANCE_MATERIAL,
    )
    title = models.CharField(_("title"), max_length=120, blank=True)
    summary = models.CharField(_("summary"), max_length=240, blank=True)
    language = models.CharField(_("language"), max_length=5, default="en")
    audiences = ArrayField(
        models.CharField(max_length=12, choices=Audience.choices), default=list, blank=True
    )
    theme = models.CharField(_("theme"), max_length=20, choices=Theme.choices, blank=True)
    licence = models.CharField(
        _("licence"), max_length=20, choices=Licence.choices, default=Licence.CC_BY
    )
    body = models.TextField(_("text"), blank=True, max_length=MAX_BODY)
    phases = ArrayField(
        models.CharField(max_length=12, choices=Phase.choices), default=list, blank=True
    )
    questions = ArrayField(
        models.CharField(max_length=24, choices=Question.choices), default=list, blank=True
    )
    minutes = models.PositiveSmallIntegerField(_("reading time in minutes"), null=True, blank=True)
    # Codes of badge criteria, for instance WGB-5: the badges app reads them, this one does not.
    criteria = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def audience_names(self) -> list[str]:
        return [str(Audience(value).label) for value in self.audiences]

    @property
    def phase_names(self) -> list[str]:
        return [str(Phase(value).label) for value in self.phases]

    @property
    def language_name(self) -> str:
        """In the language itself: suomi, eesti."""
        return str(get_language_info(self.language)["name_local"])


ENTRY_FIELDS = tuple(field.name for field in Entry._meta.local_fields)


class Material(Entry):
    """One entry in one language, as its author sees it. `body` is Markdown, never stored as HTML.

    What the public reads is the current `MaterialVersion`: a published entry that is being
    changed goes on being read as it was.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Given at the first publishing and never changed.
    slug = models.SlugField(max_length=80, unique=True, null=True, blank=True)
    author = models.ForeignKey(User, models.PROTECT, related_name="materials")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="materials")
    change_note = models.CharField(_("what changed"), max_length=240, blank=True)
    state = models.CharField(
        max_length=10, choices=MaterialState.choices, default=MaterialState.DRAFT
    )
    state_since = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=0)
    # SHA-256 of the file that a built-in entry comes from; empty for what people write.
    content_hash = models.CharField(max_length=64, blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=MaterialState.PUBLISHED)
                | (
                    Q(slug__isnull=False)
                    & Q(published_at__isnull=False)
                    & Q(version__gte=1)
                    & ~Q(title="")
                ),
                name="materials_material_published_complete",
                violation_error_message=_("A published entry needs its address and version."),
            )
        ]


class MaterialVersion(Entry):
    """What was published, exactly; stays readable under its number."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    change_note = models.CharField(_("what changed"), max_length=240, blank=True)
    published_at = models.DateTimeField(default=timezone.now)
    checked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    attachments = models.ManyToManyField("Attachment", related_name="versions", blank=True)
    # The one that is found and read; none when the entry is retired.
    is_current = models.BooleanField(default=False)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        ordering = ["-number"]
        indexes = [GinIndex(fields=["search"], name="materials_version_search")]
        constraints = [
            models.UniqueConstraint(
                fields=["material", "number"], name="materials_version_number_unique"
            ),
            models.UniqueConstraint(
                fields=["material"],
                condition=Q(is_current=True),
                name="materials_version_one_current",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"


class SearchWord(models.Model):
    """A word of a published text, for misspelt searches; `plain` is lower case without accents."""

    word = models.CharField(max_length=40)
    plain = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.word


class MaterialReview(models.Model):
    """A colleague's check: eight points and a decision; never by the author."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    material = models.ForeignKey(Material, models.CASCADE, related_name="reviews")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    points = models.JSONField(default=dict)  # check point code -> "ok" or "fix"
    note = models.TextField(_("note"), blank=True, max_length=2000)
    outcome = models.CharField(max_length=10, choices=ReviewOutcome.choices)
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(author=models.F("reviewer")),
                name="materials_review_not_own",
                violation_error_message=_("Somebody else has to check your own material."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.material}: {self.outcome}"


class MaterialMove(models.Model):
    """One step of an entry's life, as shown in its timeline."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=10, choices=MaterialState.choices, blank=True)
    to_state = models.CharField(max_length=10, choices=MaterialState.choices)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.material}: {self.to_state}"


class Attachment(models.Model):
    """A file beside an entry, checked by its content when it came in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    material = models.ForeignKey(Material, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/")
    original_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    description = models.CharField(_("description"), max_length=240, blank=True)
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    # Taken out of the draft; published versions that had it keep it.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.original_name

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def embed_code(self) -> str:
        """What the author writes to show the picture in the text."""
        words = self.description.replace("[", "(").replace("]", ")")
        return f"![{words}](attachment:{self.public_id})"

"""Schools and companies, their places, and who belongs to them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.enums import Country, FieldOfStudy, OrganisationKind, Role


class Organisation(models.Model):
    """A VET institution or a company; its card is public."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Part of the did:web of an issuer: never changed once a badge is issued.
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=OrganisationKind.choices)
    name = models.CharField(_("official name"), max_length=200)
    display_name = models.CharField(_("name shown"), max_length=120)
    english_name = models.CharField(_("English name"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    town = models.CharField(_("town"), max_length=80)
    website = models.URLField(_("website"), blank=True)
    registry_number = models.CharField(_("registry number"), max_length=40, blank=True)
    fields_of_study = ArrayField(
        models.CharField(max_length=4, choices=FieldOfStudy.choices),
        default=list,
        blank=True,
        verbose_name=_("fields"),
    )
    staff_count = models.PositiveIntegerField(_("number of staff"), null=True, blank=True)
    about = models.TextField(_("about"), blank=True, max_length=1000)
    is_issuer = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["display_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "registry_number"],
                condition=~Q(registry_number=""),
                name="partners_organisation_registry_unique",
                violation_error_message=_(
                    "An organisation with this registry number is already here."
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_issuer=False) | Q(kind=OrganisationKind.INSTITUTION),
                name="partners_organisation_issuer_is_institution",
                violation_error_message=_("Only institutions issue badges."),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class Site(models.Model):
    """A place where an organisation works."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="sites")
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=200, blank=True)
    town = models.CharField(_("town"), max_length=80)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    capacity = models.PositiveSmallIntegerField(_("places for students"), null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.town}"


class Membership(models.Model):
    """Who belongs where, as what. Leaving ends the row; history keeps it.

    `ends_on` is the first day without the role, so that rights end at once, not at midnight.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey("partners.User", models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    starts_on = models.DateField(default=timezone.localdate)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=Q(ends_on__isnull=True),
                name="partners_membership_once",
                violation_error_message=_("This person already has this role here."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="partners_membership_dates",
                violation_error_message=_("The end must not be before the start."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.organisation}"

"""Words of the partners app; labels are what people read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from techvet.choices import StateChoices


class Country(models.TextChoices):
    FI = "FI", _("Finland")
    LV = "LV", _("Latvia")
    EE = "EE", _("Estonia")
    NL = "NL", _("Netherlands")


class OrganisationKind(models.TextChoices):
    INSTITUTION = "institution", _("VET institution")
    COMPANY = "company", _("Company")


class Role(models.TextChoices):
    STUDENT = "student", _("Student")
    TEACHER = "teacher", _("Teacher")
    COORDINATOR = "coordinator", _("Coordinator")
    INSTRUCTOR = "instructor", _("Workplace instructor")
    MANAGER = "manager", _("Manager")
    SIGNATORY = "signatory", _("Signatory")
    PROJECT_ADMIN = "project_admin", _("Project administrator")


SCHOOL_ROLES = (Role.STUDENT, Role.TEACHER, Role.COORDINATOR)
COMPANY_ROLES = (Role.INSTRUCTOR, Role.MANAGER, Role.SIGNATORY)
# They work from a personal link; everybody else signs in.
LINK_ROLES = (Role.INSTRUCTOR, Role.SIGNATORY)
# Signing in with these needs a second factor.
SECOND_FACTOR_ROLES = (Role.COORDINATOR, Role.PROJECT_ADMIN)


class FieldOfStudy(models.TextChoices):
    """ISCED-F 2013, four digits (UNESCO Institute for Statistics)."""

    TEACHER_TRAINING = "0114", _("Teacher training with subject specialisation")
    HANDICRAFTS = "0214", _("Handicrafts")
    DESIGN = "0212", _("Fashion, interior and industrial design")
    FINE_ARTS = "0213", _("Fine arts")
    MANAGEMENT = "0413", _("Management and administration")
    SALES = "0416", _("Wholesale and retail sales")
    COMPUTER_USE = "0611", _("Computer use")
    NETWORKS = "0612", _("Database and network design")
    SOFTWARE = "0613", _("Software development")
    ELECTRICITY = "0713", _("Electricity and energy")
    ELECTRONICS = "0714", _("Electronics and automation")
    MECHANICS = "0715", _("Mechanics and metal trades")
    VEHICLES = "0716", _("Motor vehicles, ships and aircraft")
    FOOD = "0721", _("Food processing")
    MATERIALS = "0722", _("Materials: glass, paper, plastic and wood")
    ARCHITECTURE = "0731", _("Architecture and town planning")
    BUILDING = "0732", _("Building and civil engineering")
    CROPS = "0811", _("Crop and livestock production")
    FORESTRY = "0821", _("Forestry")
    NURSING = "0913", _("Nursing and midwifery")
    CARE = "0921", _("Care of elderly and disabled people")
    CHILD_CARE = "0922", _("Child care and youth services")
    BEAUTY = "1012", _("Hair and beauty services")
    CATERING = "1013", _("Hotel, restaurants and catering")
    TRAVEL = "1015", _("Travel, tourism and leisure")
    TRANSPORT = "1041", _("Transport services")


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("Text message")


class MessageState(StateChoices):
    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    PARKED = "parked", _("Not delivered")
    CANCELLED = "cancelled", _("Not needed any more")

    @classmethod
    def tones(cls) -> dict[str, str]:
        return {"queued": "wait", "sent": "ok", "parked": "attention"}


class LinkReason(models.TextChoices):
    """Why a personal link is sent; it chooses the first sentence of the message."""

    WELCOME = "welcome", _("You joined")
    HAND_OVER = "hand_over", _("A colleague handed over")
    RESENT = "resent", _("You asked for it")
    STUDENT = "student", _("A student comes to you")

"""`manage.py seed`: the built-in content, and the demo people and their story unless told not to."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from badges.services import demo as badges_demo
from guidance.services import demo as guidance_demo
from materials.services import demo as materials_demo
from partners.services import demo as partners_demo
from techvet.actor import Actor


class Command(BaseCommand):
    help = "Fills an empty portal with its content and a demo; running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quiet", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Actor.system()
        for step, app in (
            ("organisations and people", partners_demo),
            ("guidance materials", materials_demo),
            ("placements", guidance_demo),
            ("badges", badges_demo),
        ):
            if not options["quiet"]:
                self.stdout.write(f"Seeding {step}")
                self.stdout.flush()
            app.seed(by=by)

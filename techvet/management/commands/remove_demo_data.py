"""`manage.py remove_demo_data`: takes every demo person, company and what they did away again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from badges.services import demo as badges_demo
from guidance.services import demo as guidance_demo
from materials.services import demo as materials_demo
from partners.services import demo as partners_demo
from techvet.actor import Actor


class Command(BaseCommand):
    help = "Removes all demo data; the institutions and the built-in materials and badges stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask first")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"] and input("Remove all demo data? Type yes: ").strip() != "yes":
            self.stdout.write("Nothing was removed.")
            return
        by = Actor.system()
        with transaction.atomic():
            for app in (badges_demo, guidance_demo, materials_demo, partners_demo):
                app.remove(by=by)
        self.stdout.write("All demo data is gone.")

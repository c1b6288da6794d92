"""`manage.py routes [--json]`: every route with its access rule."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from techvet.routes import all_routes


class Command(BaseCommand):
    help = "Prints every route with who may use it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        routes = all_routes()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(r) for r in routes], indent=2))
            return
        for route in routes:
            self.stdout.write(f"/{route.path:<60} {route.access}")

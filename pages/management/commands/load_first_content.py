from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from pages import first_content


class Command(BaseCommand):
    help = "Write and publish the first content, if there is no page yet."

    def handle(self, *_args: Any, **_options: Any) -> None:
        loaded = first_content.load(now=timezone.now())
        self.stdout.write(
            f"First content: {loaded} pages published."
            if loaded
            else "First content: nothing to do, there are pages already."
        )

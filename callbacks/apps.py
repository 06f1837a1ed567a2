from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    name = "callbacks"
    verbose_name = "Callbacks"

    def ready(self) -> None:
        """Have Django find our checks, count a call in progress as being busy, and monitors told of what
        is owed."""
        from django.utils import timezone

        from callbacks import checks, notices  # noqa: F401
        from callbacks.models import CallbackRequest
        from firm_site import health, sessions

        health.reported["seconds_owed"] = lambda: notices.seconds_owed(now=timezone.now())

        sessions.is_busy.append(lambda user: CallbackRequest.objects.in_a_call_with(user).exists())

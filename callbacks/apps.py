from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    name = "callbacks"
    verbose_name = "Callbacks"

    def ready(self) -> None:
        """Have Django find our checks, and count a call in progress as being busy."""
        from callbacks import checks  # noqa: F401
        from callbacks.models import CallbackRequest
        from firm_site import sessions

        sessions.is_busy.append(lambda user: CallbackRequest.objects.in_a_call_with(user).exists())

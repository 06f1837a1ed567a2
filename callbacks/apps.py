from django.apps import AppConfig


class CallbacksConfig(AppConfig):
    name = "callbacks"
    verbose_name = "Callbacks"

    def ready(self) -> None:
        """Have Django find our checks."""
        from callbacks import checks  # noqa: F401

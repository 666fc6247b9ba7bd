from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MilestonesConfig(AppConfig):
    name = "milestones"
    verbose_name = _("Steps and milestones")

    def ready(self) -> None:
        """Let whoever sends notices know ours."""
        from milestones import notices  # noqa: F401

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = _("People and places")

    def ready(self) -> None:
        from stakeholders import arriving, sessions  # noqa: F401  (their functions listen for who comes and goes)

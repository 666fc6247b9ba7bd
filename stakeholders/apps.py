from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = _("People and places")

    def ready(self) -> None:
        from stakeholders import arriving  # noqa: F401  (its functions listen for sign-ins)

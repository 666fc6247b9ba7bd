from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StakeholdersConfig(AppConfig):
    name = "stakeholders"
    verbose_name = _("People and places")

    def ready(self) -> None:
        from stakeholders import queues
        from stakeholders.coming_in import arriving, sessions  # noqa: F401  (they listen for who comes and goes)
        from stakeholders.models import Invitation, Notice

        queues.add(
            queues.letters(
                "notices",
                _("Notices"),
                Notice,
                lambda row: f"{row.subject} → {row.person.email}",
                ("person",),
            )
        )
        queues.add(queues.letters("invitations", _("Invitations"), Invitation, lambda row: row.email, ()))

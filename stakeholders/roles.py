"""Naming roles. A role is known by its title, in capitals or not, once per district."""

from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from stakeholders.edit_forms import EditForm
from stakeholders.editing import lock
from stakeholders.models import District, Person, Role


@transaction.atomic
def role_called(title: str, *, district: District, by: Person) -> Role:
    """Return the district's role of this title; a new one when there is none."""
    lock(district)
    role = _of_title(title, district).first()
    if role is None:
        role = Role(district=district, title=title)
        role._history_user = by
        role.save()
    return role


class RoleForm(EditForm):
    twin_words = _("The district has a role of this title already.")

    class Meta:
        model = Role
        fields = ["title"]

    def has_twin(self) -> bool:
        return _of_title(self.cleaned_data["title"], self.district).exclude(pk=self.instance.pk).exists()

    @transaction.atomic
    def save_edit(self, *, by: Person) -> bool:
        lock(self.district)
        if self.has_twin():
            self.add_error("title", self.twin_words)
            return False
        return super().save_edit(by=by)


def _of_title(title: str, district: District) -> models.QuerySet[Role]:
    """The same comparison as that of the constraint, so that the two cannot disagree about capitals."""
    roles = Role.objects.in_district(district).annotate(known_by=Lower("title"))
    return roles.filter(known_by=Lower(Value(title)))

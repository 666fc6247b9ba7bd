from django.utils.translation import gettext_lazy as _

from milestones.models import Milestone
from stakeholders.edit_forms import EditForm, LongLine


class TitleForm(EditForm):
    """The words of a milestone."""

    class Meta:
        model = Milestone
        fields = ["title"]
        widgets = {"title": LongLine}
        help_texts = {
            "title": _(
                "Something that everybody can see has happened. Left empty, it is called like its step."
            )
        }

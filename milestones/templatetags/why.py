from datetime import date

from django import template

from milestones.models import Milestone
from milestones.reasons import why as reason_in_words

register = template.Library()


@register.simple_tag
def why(milestone: Milestone, today: date) -> str:
    """Return why a milestone shows its word: the rule that decided it, with the facts that it used."""
    return reason_in_words(milestone, today=today)

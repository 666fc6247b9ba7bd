"""What a role may do, in the cells of a table: an answer, or that nobody has said it yet."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def said(answer: bool | None) -> str:
    """Return "yes", "no" or, quietly, that it was not said."""
    return _not_said() if answer is None else _("yes") if answer else _("no")


@register.filter
def dollars(amount: Decimal | None) -> str:
    """Return "$2,500", "nothing", or that it was not said."""
    if amount is None:
        return _not_said()
    return _("up to $%(amount)s") % {"amount": figure(amount, 2)} if amount else _("nothing")


@register.filter
def hours(number: Decimal | None) -> str:
    """Return "6", "7.5", or that it was not said."""
    return _not_said() if number is None else figure(number, 1)


def figure(number: Decimal, places: int) -> str:
    """Return a number without needless zeros: "2,500", "7.5"."""
    whole = number == number.to_integral_value()
    return number_format(number, 0 if whole else places, force_grouping=True)


def _not_said() -> SafeString:
    return format_html('<span class="meta">{}</span>', _("not said"))

"""What each word means that a milestone can show, in the order in which they are tried."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milestones.status import MEANING
from stakeholders.access import in_district


@require_safe
@in_district()
def words(request: HttpRequest) -> HttpResponse:
    return render(request, "milestones/words.html", {"words": MEANING.items()})

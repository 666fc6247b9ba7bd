from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from stakeholders import welcome
from stakeholders.access import in_district


@require_POST
@in_district()
def put_away(request: HttpRequest) -> HttpResponse:
    """Put the words of welcome away, for good, and lead back to the first page."""
    welcome.put_away(request.membership, now=request.now)
    return redirect(f"/d/{request.district.slug}/")

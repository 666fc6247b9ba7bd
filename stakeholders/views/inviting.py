"""Inviting people, and the list of invitations with what can be done about each."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stakeholders import invitations as inviting
from stakeholders.access import in_district
from stakeholders.context import mail_folder
from stakeholders.edit_pages import form_page
from stakeholders.invitations import NotAccepted, Result, levels_to_give, new_link
from stakeholders.models import Invitation, Level
from stakeholders.people_forms import InviteForm

PER_PAGE = 60


@require_http_methods(["GET", "HEAD", "POST"])
@in_district(Level.EDITOR)
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """Take a pasted list of addresses, invite whom it names, and say what became of each."""
    slug, here = request.district.slug, {"district": request.district, "membership": request.membership}
    form = InviteForm(request.POST or None, **here)
    crumbs = [(_("People"), reverse("people", args=[slug]))]
    if request.method != "POST" or not form.is_valid():
        return form_page(
            request,
            form,
            template="stakeholders/invite.html",
            back=reverse("people", args=[slug]),
            crumbs=crumbs,
        )
    results = inviting.invite(
        form.found,
        district=request.district,
        level=Level(form.cleaned_data["level"]),
        words=form.cleaned_data["words"],
        by=request.user,
        now=request.now,
    )
    again = {"addresses": "\n".join(one.text for one in form.unread)}
    again |= {name: form.cleaned_data[name] for name in ("level", "words")}
    context = {
        "links": _links(request, results),
        "results": results,
        "unread": form.unread,
        "form": InviteForm(initial=again, **here) if form.unread else None,
        "crumbs": crumbs,
    }
    return render(request, "stakeholders/invited.html", context)


def _links(request: HttpRequest, results: list[Result]) -> list[tuple[Invitation, str]]:
    """Return a link to hand over for each new invitation while no mail is sent; nothing otherwise."""
    if not mail_folder():
        return []
    rows = [one.invitation for one in results if one.what in ("invited", "again")]
    return [(row, new_link(row, handed_by=request.user)) for row in rows]


@require_safe
@in_district(Level.EDITOR)
def invitations(request: HttpRequest) -> HttpResponse:
    """List the invitations, those first that may still be accepted."""
    rows = Invitation.objects.in_district(request.district)
    standing = rows.standing(now=request.now).filter(pk=OuterRef("pk"))
    listed = rows.annotate(is_standing=Exists(standing)).select_related(
        "invited_by", "accepted_by", "revoked_by"
    )
    ordered = listed.order_by("-is_standing", "-made_at", "-pk")
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "may_give": [level.value for level in levels_to_give(request.membership)],
        "crumbs": [(_("People"), reverse("people", args=[request.district.slug]))],
    }
    return render(request, "stakeholders/invitations.html", context)


@require_POST
@in_district(Level.EDITOR)
def invitation_revoke(request: HttpRequest, invitation: int) -> HttpResponse:
    """Take an invitation back: its link leads nowhere from now on."""
    row = _find(request, invitation)
    if inviting.revoke(row, by=request.user, now=request.now):
        messages.success(request, _("The invitation for %(who)s is taken back.") % {"who": row})
    else:
        messages.info(request, _("That invitation was accepted or taken back before."))
    return redirect("invitations", request.district.slug)


@require_POST
@in_district(Level.EDITOR)
def invitation_again(request: HttpRequest, invitation: int) -> HttpResponse:
    """Send an invitation again, for two weeks from now."""
    row = _find(request, invitation)
    try:
        inviting.send_again(row, by=request.user, now=request.now)
    except NotAccepted:
        words = _("%(who)s is in already, or holds another invitation that counts.")
        messages.info(request, words % {"who": row})
    else:
        messages.success(request, _("The invitation for %(who)s is sent again.") % {"who": row})
    return redirect("invitations", request.district.slug)


@require_POST
@in_district(Level.EDITOR)
@never_cache
def invitation_link(request: HttpRequest, invitation: int) -> HttpResponse:
    """Show a new link to hand over, this once."""
    row = _find(request, invitation)
    if not Invitation.objects.standing(now=request.now).filter(pk=row.pk).exists():
        messages.info(request, _("That invitation counts no more. Send it again first."))
        return redirect("invitations", request.district.slug)
    context = {
        "links": [(row, new_link(row, handed_by=request.user))],
        "crumbs": [
            (_("People"), reverse("people", args=[request.district.slug])),
            (_("Invitations"), reverse("invitations", args=[request.district.slug])),
        ],
    }
    return render(request, "stakeholders/invitation_link.html", context)


def _find(request: HttpRequest, invitation: int) -> Invitation:
    """Return the district's invitation. One to a level that the visitor may not give is not theirs to touch."""
    levels = levels_to_give(request.membership)
    rows = Invitation.objects.in_district(request.district).select_related("invited_by")
    row = get_object_or_404(rows, pk=invitation)
    if Level(row.level) not in levels:
        raise PermissionDenied(
            _("Leaders may do this: this invitation makes somebody an editor or a leader.")
        )
    row.district = request.district
    return row

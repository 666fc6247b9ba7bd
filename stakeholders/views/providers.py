"""Coming in by a provider, and what one's account page says of it."""

import logging
from collections.abc import Callable
from functools import wraps

from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from stakeholders.coming_in.providers import Protocol, Provider, ProviderAdapter, form_origins, origin_of
from stakeholders.coming_in.sessions import renew
from stakeholders.views.confirm import proved

log = logging.getLogger(__name__)


def configured_only(view: Callable) -> Callable:
    """Swap the name of a provider for the provider. One that is not configured is not there, whatever the method."""

    @wraps(view)
    def guarded(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            provider = ProviderAdapter(request).get_provider(request, provider_id)
        except SocialApp.DoesNotExist:
            raise Http404 from None
        return view(request, provider)

    return guarded


@never_cache
@configured_only
@require_POST
def with_provider(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Lead to the provider. By POST: a link on another site must not be able to begin this."""
    try:
        response = provider.redirect(request, process="login", next_url=get_next_redirect_url(request))
    except (RequestException, OAuth2Error, ValueError) as error:
        return _failed(request, provider, error)
    if origin_of(response["Location"]) in form_origins():
        return response
    # The policy of the page that we come from does not name this address, so its form must not lead there.
    return render(request, "account/onward.html", {"provider": provider, "url": response["Location"]})


@never_cache
@configured_only
@require_safe
def back_from_provider(request: HttpRequest, provider: Provider) -> HttpResponse:
    """Take what the provider says. A GET, because the protocol has it so; only the provider's word makes it write."""
    try:
        return OAuth2CallbackView.adapter_view(Protocol(request, provider.sub_id))(request)
    except (OAuth2Error, RequestException, KeyError, TypeError, ValueError, AttributeError) as error:
        return _failed(request, provider, error)


def _failed(request: HttpRequest, provider: Provider, error: Exception) -> HttpResponse:
    log.warning("sign-in by %s failed: %s", provider.sub_id, type(error).__name__)
    try:
        ProviderAdapter(request).on_authentication_error(request, provider, exception=error)
    except ImmediateHttpResponse as answer:
        return answer.response


@require_POST
@login_required
@proved
def unlink(request: HttpRequest, link: int) -> HttpResponse:
    """Remove the link to an account of a provider. Its next sign-in makes a new one, if its address is proven."""
    account = get_object_or_404(SocialAccount.objects.filter(user=request.user), pk=link)
    account.delete()
    renew(request)
    messages.success(request, _("The link is removed."))
    return redirect("account")

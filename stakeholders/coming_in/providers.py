"""Signing in by Google, Microsoft or another OpenID Connect provider: allauth speaks the protocol, we decide who comes in.

Added to what allauth does: the token's signature is always verified, with a nonce; PKCE is always on; what the provider
publishes about itself is kept for an hour. `vouching.py` says what a provider's word is worth.
"""

import hashlib
import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from stakeholders.coming_in import vouching
from stakeholders.coming_in.sessions import STAYS
from stakeholders.invitations import standing_for
from stakeholders.models import District, Person

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
FRESH_FOR = 3600
_published: dict[str, tuple[float, dict]] = {}


def configured(provider_id: str) -> Any:
    """Return the settings of a provider. Raises SocialApp.DoesNotExist."""
    for provider in settings.SIGN_IN_PROVIDERS:
        if provider.id == provider_id:
            return provider
    raise SocialApp.DoesNotExist


def form_origins() -> list[str]:
    """Return the origins that the buttons of the sign-in pages lead to: Chromium asks the policy about redirects, too."""
    return sorted({origin_of(provider.issuer) for provider in settings.SIGN_IN_PROVIDERS})


def origin_of(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


def published(url: str, *, anew: bool = False) -> dict:
    """Return what a provider publishes at `url`, at most an hour old."""
    kept = _published.get(url)
    if kept and not anew and time.monotonic() - kept[0] < FRESH_FOR:
        return kept[1]
    with ProviderAdapter().get_requests_session() as session:
        answer = session.get(url)
        answer.raise_for_status()
        found = answer.json()
    if not isinstance(found, dict):
        raise OAuth2Error(f"{url} is no object")
    _published[url] = (time.monotonic(), found)
    return found


class Protocol(OpenIDConnectOAuth2Adapter):
    """OpenID Connect as allauth speaks it, with nothing taken on trust."""

    nonce = ""

    @property
    def openid_config(self) -> dict:
        found = published(self.get_provider().server_url)
        if missing := [name for name in NEEDED if not isinstance(found.get(name), str)]:
            raise OAuth2Error(f"{self.provider_id} publishes no {', '.join(missing)}")
        return found

    def get_access_token_data(self, request, app, client, pkce_code_verifier=None):
        self.nonce = nonce_of(pkce_code_verifier)
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app, token, **kwargs) -> SocialLogin:
        written = kwargs["response"].get("id_token")
        if not isinstance(written, str):
            raise OAuth2Error("no id_token")
        claims = self._decode_id_token(app, written)
        if "email" not in claims and self.openid_config.get("userinfo_endpoint"):
            said = self._fetch_user_info(token.token)
            if said.get("sub") != claims["sub"]:
                raise OAuth2Error("userinfo is about somebody else")
            claims = {**said, **claims}
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _decode_id_token(self, app, id_token: str) -> dict:
        try:
            claims = jwt.decode(
                id_token,
                key=self._key(id_token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                options={"require": ["iss", "sub", "aud", "exp", "iat"], "verify_iss": False},
                leeway=60,
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"id_token: {error}") from error
        issuer = self.openid_config["issuer"].replace("{tenantid}", str(claims.get("tid", "")))
        if claims["iss"] != issuer:
            raise OAuth2Error("id_token: another issuer")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("id_token: for another client")
        if not self.nonce or claims.get("nonce") != self.nonce:
            raise OAuth2Error("id_token: another nonce")
        return claims

    def _key(self, id_token: str) -> Any:
        """Return the provider's key that the token names. A key that we do not know yet is asked for once."""
        named = jwt.get_unverified_header(id_token).get("kid")
        for anew in (False, True):
            keys = jwt.PyJWKSet.from_dict(published(self.openid_config["jwks_uri"], anew=anew)).keys
            for key in keys:
                if key.key_id == named and key.public_key_use in (None, "sig"):
                    return key
        raise jwt.InvalidKeyError("signed with an unknown key")


class Provider(OpenIDConnectProvider):
    """One of the providers that the environment names."""

    oauth2_adapter_class = Protocol

    def get_pkce_params(self) -> dict:
        made = generate_code_challenge()
        return {**made, "nonce": nonce_of(made["code_verifier"])}

    def extract_uid(self, data: dict) -> str:
        """One subject of one issuer, whatever the provider is called here."""
        claims = data["id_token"]
        return hashlib.sha256(f"{claims['iss']}|{claims['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict) -> dict:
        """Keep what the account page shows, and nothing else of what the provider tells."""
        return {"email": vouching.stated_address(data["id_token"])}

    def extract_email_addresses(self, data: dict) -> list:
        return []

    def extract_common_fields(self, data: dict) -> dict:
        self.claims = data["id_token"]
        return {}


def nonce_of(verifier: str | None) -> str:
    """Derive the nonce from the secret of this sign-in that the session keeps."""
    return hashlib.sha256(f"nonce {verifier}".encode()).hexdigest() if verifier else ""


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Who comes in by a provider."""

    def list_apps(self, request, provider=None, client_id=None) -> list[SocialApp]:
        """Providers come from the environment alone, never from rows that somebody could add."""
        return [self._app(one) for one in settings.SIGN_IN_PROVIDERS if provider in (None, one.id)]

    def get_provider(self, request, provider, client_id=None) -> Provider:
        return Provider(request, app=self._app(configured(provider)))

    @staticmethod
    def _app(one) -> SocialApp:
        return SocialApp(
            provider="openid_connect",
            provider_id=one.id,
            name=one.name,
            client_id=one.client_id,
            secret=one.secret,
            settings={"server_url": one.issuer},
        )

    def get_requests_session(self):
        session = super().get_requests_session()
        session.max_redirects = 0  # what a provider publishes stands at its own address
        return session

    def on_authentication_error(
        self, request, provider, error=None, exception=None, extra_context=None
    ) -> None:
        if error == AuthError.CANCELLED:
            words = _("You stopped at %(provider)s, so nothing has happened here.")
        else:
            words = _("Signing in by %(provider)s did not work. Please try again, or use a code by e-mail.")
        raise ImmediateHttpResponse(back_to_sign_in(request, words % {"provider": provider.name}))

    def is_open_for_signup(self, request, sociallogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Decide who this is: whose account is linked, whose address is proven, or who is invited. Else nobody."""
        if request.user.is_authenticated:
            logout(request)
        provider, claims = configured(sociallogin.provider.sub_id), sociallogin.provider.claims
        visitor = SimpleNamespace(provider=provider, claims=claims, address=vouching.stated_address(claims))
        person = sociallogin.user if sociallogin.is_existing else None
        if person and provider.kind == "microsoft" and not self._tenant_may_say(visitor, person):
            person = None
        elif person is None:
            person = self._by_address(request, visitor, sociallogin)
        if person is None:
            raise ImmediateHttpResponse(back_to_sign_in(request, self._not_known(visitor)))
        account = vouching.account_in_short(provider, claims)
        districts = list(vouching.districts_of(person))
        if districts and not any(vouching.takes(district, account) for district in districts):
            raise ImmediateHttpResponse(back_to_sign_in(request, wrong_account(districts, account)))
        sociallogin.user = person
        request.session[vouching.CAME_BY] = {**account, "person": person.pk}
        request.session[STAYS] = False  # the provider knows the device; coming again is one button

    @staticmethod
    def _tenant_may_say(visitor, person: Person) -> bool:
        return vouching.proves_tenant(
            visitor.provider,
            visitor.claims,
            districts=vouching.districts_of(person),
            runs_this_place=person.is_staff or person.is_superuser,
        )

    def _by_address(self, request: HttpRequest, visitor, sociallogin: SocialLogin) -> Person | None:
        """Return the person of the proven address, linked from now on; one is made where an invitation stands."""
        person = Person.objects.filter(email__iexact=visitor.address).first() if visitor.address else None
        standing = standing_for(visitor.address, now=timezone.now())
        invited = list(standing.select_related("district")) if visitor.address else []
        districts = list(vouching.districts_of(person)) if person else []
        districts += [invitation.district for invitation in invited]
        proven = vouching.proves_address(
            visitor.provider,
            visitor.claims,
            districts=districts,
            runs_this_place=bool(person and (person.is_staff or person.is_superuser)),
        )
        if not proven or not (person or invited):
            return None
        with transaction.atomic():
            if person is None:
                name = str(visitor.claims.get("name") or "")[:150].replace("\x00", "")
                person = Person.objects.create_user(visitor.address, name=name)
            return self._link(request, visitor, sociallogin, person)

    @staticmethod
    def _link(request: HttpRequest, visitor, sociallogin: SocialLogin, person: Person) -> Person:
        """Link the account. Where another one of the same provider is linked, the address may have got a new owner."""
        account = sociallogin.account
        others = SocialAccount.objects.filter(user=person, provider=account.provider).exclude(uid=account.uid)
        if others.exists():
            words = _(
                "Another %(provider)s account is linked with %(address)s. Come in with a code by e-mail, and remove that "
                "link on your account page."
            )
            raise ImmediateHttpResponse(
                back_to_sign_in(
                    request, words % {"provider": visitor.provider.name, "address": visitor.address}
                )
            )
        sociallogin.account, _new = SocialAccount.objects.get_or_create(
            provider=account.provider,
            uid=account.uid,
            defaults={"user": person, "extra_data": account.extra_data},
        )
        return sociallogin.account.user

    @staticmethod
    def _not_known(visitor) -> str:
        """One answer for addresses that are not proven and for those that nobody here has."""
        districts = list(District.objects.filter(is_sample=False)[:2])
        if len(districts) == 1 and districts[0].domains:
            account = vouching.account_in_short(visitor.provider, visitor.claims)
            if not vouching.takes(districts[0], account):
                return wrong_account(districts, account)
        return _(
            "%(provider)s says that you are %(address)s. That account does not lead to anybody here. Use another "
            "account, or a code by e-mail."
        ) % {
            "provider": visitor.provider.name,
            "address": visitor.address or _("somebody without an address"),
        }


def wrong_account(districts: list[District], account: dict) -> str:
    """Say which accounts would be right. The person belongs to these districts, or there is one only."""
    domains = sorted({domain for district in districts for domain in district.domains})
    if domains and not set(domains) & set(account["domains"]):
        where = ", ".join(domains)
    else:
        where = ", ".join(district.name for district in districts)
    return _("That account is not in %(where)s. Use another account, or a code by e-mail.") % {"where": where}


def back_to_sign_in(request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect("account_request_login_code")

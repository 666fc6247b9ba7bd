"""What the word of a sign-in provider is worth: when its e-mail address counts as proven, and which districts take it.

A provider tells who is there by a subject that never changes, and by an address that may be anybody's: in a Microsoft
tenant of their own, anyone can write your superintendent's address into their account. So an address leads to a person
only when

    google      it belongs to a Workspace domain, or ends with gmail.com, and Google has verified it
    microsoft   its tenant is trusted by the installation, or named by every district of that person, who does not
                run this place
    another     the provider says that it verified it, or the installation trusts it with the address's domain

Once an account is linked, its subject leads to the person. A district that names its domains or its tenant is open to
sign-ins by such accounts only; that is asked at each request, so that a person of several districts can use the others.
"""

from collections.abc import Iterable

from allauth.account.internal.flows.login import get_authentication_records
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest

from stakeholders.models import District, Person

CAME_BY = "came-by"  # in the session: the account of a provider that this visitor came in with


def stated_address(claims: dict) -> str:
    """Return the e-mail address that the provider states, in small letters; nothing when it is none."""
    address = claims.get("email")
    try:
        validate_email(address)
    except (ValidationError, TypeError):
        return ""
    return address.lower()


def proves_address(provider, claims: dict, *, districts: Iterable[District], runs_this_place: bool) -> bool:
    """Whether the stated address is proven. `districts`: where its person belongs or is invited to."""
    address = stated_address(claims)
    verified = claims.get("email_verified")
    if not address:
        return False
    if provider.kind == "google":
        return verified is True and (bool(claims.get("hd")) or address.endswith("@gmail.com"))
    if provider.kind == "microsoft":
        return proves_tenant(provider, claims, districts=districts, runs_this_place=runs_this_place)
    if provider.domains:
        return address.rpartition("@")[2] in provider.domains and verified not in (False, "false")
    return verified in (True, "true")


def proves_tenant(provider, claims: dict, *, districts: Iterable[District], runs_this_place: bool) -> bool:
    """Whether a Microsoft tenant may say who these are. A district's own tenant may only for people who are its own alone:
    else whoever leads one district could make themselves a leader of another.
    """
    tenant = str(claims.get("tid", "")).lower()
    if not tenant:
        return False
    if tenant in provider.tenants:
        return True
    named = {district.microsoft_tenant.lower() for district in districts}
    return named == {tenant} and not runs_this_place


def account_in_short(provider, claims: dict) -> dict:
    """Return what is kept in the session of the account that somebody came in with."""
    domains = {stated_address(claims).rpartition("@")[2]}
    if provider.kind == "google":
        domains.add(str(claims.get("hd", "")).lower())
    tenant = str(claims.get("tid", "")).lower() if provider.kind == "microsoft" else ""
    factors = claims.get("amr")
    return {
        "name": provider.name,
        "kind": provider.kind,
        "address": stated_address(claims),
        "domains": sorted(domains - {""}),
        "tenant": tenant,
        "trusted": tenant in provider.tenants,
        "second_factor": isinstance(factors, list) and "mfa" in factors,
    }


def takes(district: District, account: dict) -> bool:
    """Whether `district` lets in whoever came with this account of a provider."""
    if account["kind"] == "microsoft":
        tenant = district.microsoft_tenant.lower()
        if account["tenant"] != tenant if tenant else not account["trusted"]:
            return False
    return not district.domains or bool(set(district.domains) & set(account["domains"]))


def came_by(request: HttpRequest) -> dict | None:
    """Return the account of a provider that this session was begun with, or None: by code, password or passkey."""
    account = request.session.get(CAME_BY)
    if not account or account.get("person") != request.user.pk:
        return None
    ways = [record["method"] for record in get_authentication_records(request, request.user)]
    began = [way for way in ways if way != "mfa"]
    return account if began and began[-1] == "socialaccount" else None


def districts_of(person: Person) -> QuerySet[District]:
    """Return the districts in which a person has a standing membership."""
    standing = person.memberships.standing()
    return District.objects.filter(pk__in=standing.values("district"))

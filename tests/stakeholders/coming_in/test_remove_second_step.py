import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from tests.coming_in import by_code, with_app


def test_whoever_lost_everything_comes_in_by_code_again(client, cast):
    by_code(before := Client(), cast.sue)
    with_app(cast.sue)
    with_app(cast.bob)

    call_command("remove_second_step", "Sue@example.org")

    assert by_code(client, cast.sue).url == "/"
    assert before.get("/account/").status_code == 302
    assert {row.user for row in Authenticator.objects.all()} == {cast.bob}


def test_an_unknown_address_is_said(db):
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("remove_second_step", "nobody@example.org")

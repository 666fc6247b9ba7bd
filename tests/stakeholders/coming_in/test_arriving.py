import re

from django.core import mail
from django.utils import timezone

from stakeholders.models import Person, SignInCode
from tests.builders import make_person


def come_by_mail(client, email: str) -> None:
    client.post("/sign-in/", {"email": email})
    client.post("/sign-in/code/", {"code": re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]})


def test_a_code_from_the_mailbox_proves_the_address(client, cast):
    ivy = make_person(cast.cedar, "Ivy")

    come_by_mail(client, "ivy@example.org")

    ivy.refresh_from_db()
    assert ivy.proven_at


def test_a_code_that_was_handed_over_and_a_password_prove_nothing(client, cast):
    ivy = make_person(cast.cedar, "Ivy", password="five words that go together")
    client.post("/first-sign-in/", {"email": ivy.email, "code": SignInCode.make(ivy, now=timezone.now())})
    client.post("/sign-out/")
    client.post("/sign-in/password/", {"login": ivy.email, "password": "five words that go together"})

    ivy.refresh_from_db()
    assert ivy.last_login
    assert ivy.proven_at is None


def test_what_was_set_up_before_the_address_was_proven_counts_no_more(client, cast, django_user_model):
    """Somebody else may have come in first, with a code that a leader handed over, and have set a password."""
    ivy = make_person(cast.cedar, "Ivy", password="set by somebody else")
    other = type(client)()
    other.force_login(ivy, backend="django.contrib.auth.backends.ModelBackend")

    come_by_mail(client, ivy.email)

    ivy = Person.objects.get(pk=ivy.pk)
    assert not ivy.has_usable_password()
    assert client.get("/d/cedar/people/").status_code == 200
    assert other.get("/d/cedar/people/").status_code == 302


def test_a_second_proof_leaves_everything_as_it_is(client, cast):
    ivy = make_person(cast.cedar, "Ivy", password="set by herself", proven_at=timezone.now())

    come_by_mail(client, ivy.email)

    assert Person.objects.get(pk=ivy.pk).has_usable_password()

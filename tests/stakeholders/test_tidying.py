from datetime import timedelta

from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from stakeholders.models import Delay, Kept, SignedIn
from stakeholders.tasks import sweep
from stakeholders.tidying import tidy
from tests.coming_in import by_code


def leave_something(cast) -> None:
    by_code(client := Client(), cast.sue)
    client.session.delete()
    cache.set("used", "y", timeout=30)
    Delay.objects.create(key="old", count=1, last_at=timezone.now() - timedelta(days=2))


def test_what_nobody_needs_is_removed(cast):
    leave_something(cast)

    tidy(now=timezone.now() + timedelta(minutes=1))

    assert not SignedIn.objects.exists()
    assert not Kept.objects.exists()
    assert not Delay.objects.filter(key="old").exists()


def test_the_sweep_and_the_command_do_so(cast):
    for run in (sweep, lambda: call_command("tidy_sign_in")):
        leave_something(cast)

        run()

        assert not SignedIn.objects.exists()
        assert not Delay.objects.filter(key="old").exists()


def test_where_there_is_nothing_nothing_is_written(db, django_assert_num_queries):
    with django_assert_num_queries(4):
        tidy(now=timezone.now())

from django.db import models

from stakeholders.models.person import Person


class Delay(models.Model):
    """How often a secret was tried lately, for one account, one source, or one account from one source.

    `stakeholders/coming_in/delays.py` decides what that means. The key is a keyed hash: nobody's address can
    be read here.
    """

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.last_at:%Y-%m-%d %H:%M:%S}"


class Kept(models.Model):
    """What Django's cache keeps, in the database: a one-time code that was used must be known to every web process."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key


class SignedIn(models.Model):
    """One place where a person is signed in: what the list "Where you are signed in" needs, and no more.

    It goes with its session. The browser's own description of itself is not kept, only the two words made of it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=40, blank=True)
    system = models.CharField(max_length=40, blank=True)
    network = models.CharField(max_length=45, blank=True)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-seen_at"], name="signed_in_latest")]

    def __str__(self) -> str:
        return f"{self.person}: {self.browser}, {self.seen_at:%Y-%m-%d %H:%M}"

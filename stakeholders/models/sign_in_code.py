import secrets
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from stakeholders.models.person import Person


class SignInCode(models.Model):
    """A code that lets a person in once, handed over by whoever runs the installation: for coming in before mail works.

    Only the newest code of a person counts, for 72 hours and five tries. What is kept is a keyed hash of it.
    """

    DIGITS = 8
    TRIES = 5
    VALID_FOR = timedelta(hours=72)

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.person}: {self.expires_at:%Y-%m-%d %H:%M}"

    @classmethod
    def make(cls, person: Person, *, now: datetime) -> str:
        """Return a new code for `person`, in digits. Earlier ones count no more."""
        code = f"{secrets.randbelow(10**cls.DIGITS):0{cls.DIGITS}}"
        cls.objects.filter(person=person).delete()
        cls.objects.create(
            person=person, code_hash=_hash(person.pk, code), made_at=now, expires_at=now + cls.VALID_FOR
        )
        return code

    @classmethod
    def redeem(cls, *, email: str, code: str, now: datetime) -> Person | None:
        """Return the person whom `code` lets in, and use it up; None when it does not, whatever the reason.

        The try is counted before the code is looked at, so that many at once get no more than five between them.
        """
        standing = cls.objects.filter(used_at__isnull=True, expires_at__gt=now)
        theirs = standing.filter(person__email__iexact=email, person__is_active=True)
        row = theirs.select_related("person").first()
        counted = standing.filter(pk=row.pk if row else 0, tries__lt=cls.TRIES).update(tries=F("tries") + 1)
        fits = constant_time_compare(_hash(row.person_id if row else 0, code), row.code_hash if row else "")
        if not (counted and fits):
            return None
        return row.person if standing.filter(pk=row.pk).update(used_at=now) else None


def _hash(person: int, code: str) -> str:
    """Keyed with SECRET_KEY: eight digits alone could be found by trying them all."""
    return salted_hmac("stakeholders.SignInCode", f"{person}:{code}", algorithm="sha256").hexdigest()

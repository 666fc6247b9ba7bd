"""What was skipped, in words: how many, never who."""

from django.utils.translation import ngettext

from stakeholders.importing import words
from stakeholders.models import PeopleImport


def skipped_words(job: PeopleImport) -> list[str]:
    """One phrase for each kind of row that was skipped, the most first."""
    counted = sorted(job.skipped.items(), key=lambda pair: -pair[1])
    return [_phrase(why, n) % {"n": f"{n:,}"} for why, n in counted]


def _phrase(why: str, n: int) -> str:
    match why:
        case words.STUDENT:
            return ngettext("%(n)s student", "%(n)s students", n)
        case words.RELATIVE:
            return ngettext("%(n)s parent or guardian", "%(n)s parents and guardians", n)
        case words.OTHER_ROLE:
            return ngettext(
                "%(n)s person with a role that is not known", "%(n)s people with a role that is not known", n
            )
        case words.NO_ROLE:
            return ngettext("%(n)s user without a role", "%(n)s users without a role", n)
        case words.GONE:
            return ngettext(
                "%(n)s staff member marked as gone or not enabled",
                "%(n)s staff members marked as gone or not enabled",
                n,
            )
        case _:
            return ngettext("%(n)s building marked as closed", "%(n)s buildings marked as closed", n)

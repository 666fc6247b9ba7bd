"""Everything about one person, taken home; and a former member's name, taken out of the records."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from milestones.models import CheckIn, Milestone
from stakeholders.models import (
    Building,
    District,
    Invitation,
    Level,
    Membership,
    Notice,
    Person,
    Redaction,
    Role,
    SignInCode,
    Visit,
    Workplace,
)
from stakeholders.records import about_person
from stakeholders.records.about_person import ELSEWHERE, OWN, all_links, belongs_to_a_district, district_links
from stakeholders.records.redaction import NOBODY_AT, REDACTED, redact, words_of
from tests.builders import TODAY, make_milestone, make_person, make_plan, make_role
from tests.filling import send
from tests.full_district import CANARY as SIGN_OF_CEDAR
from tests.full_district import rows_of

pytestmark = pytest.mark.usefixtures("on_today")
CANARY = f"Wilhelmina Canary{uuid4().hex[:8]}"
ADDRESS = f"{uuid4().hex[:8]}@canary.example.org"


@pytest.fixture
def sue(cast, signed_in):
    return signed_in(cast.sue)


@pytest.fixture
def mina(cast):
    """Somebody of Cedar who has done a bit of everything, and whom others name in their texts."""
    person = make_person(cast.cedar, "Mina", Level.EDITOR)
    Person.objects.filter(pk=person.pk).update(name=CANARY, email=ADDRESS)
    person.refresh_from_db()
    role = make_role(cast.cedar, f"Work of {CANARY}", person)
    milestone = make_milestone(make_plan(cast.cedar, adopted_by=cast.sue), by=person, lead=role, due=TODAY)
    milestone.check_in(
        by=person, today=TODAY, says="at-risk", words="The <b>cable</b> is in the harbour, =1+1"
    )
    milestone.complete(by=person, today=TODAY, done_on=TODAY, evidence=f"Ask {CANARY} or {ADDRESS.upper()}")
    milestone.step.notes = f"{CANARY}'s idea; not {CANARY}s"
    milestone.step.save_edit(by=cast.alice, version=1, fields=["notes"])
    role.title = f"Work of {CANARY}!"
    role.save_edit(by=person, version=role.version, fields=["title"])
    Notice.objects.create(
        district=cast.cedar, person=person, kind="slips", local_day=TODAY, subject="Hi", body=f"Dear {CANARY}",
        message_id=uuid4().hex,
    )  # fmt: skip
    Visit.objects.create(district=cast.cedar, person=person, page="dashboard", at=timezone.now())
    District.objects.filter(pk=cast.cedar.pk).update(in_charge=person)
    SignInCode.make(person, now=timezone.now())
    return person


def membership_of(person, district) -> Membership:
    return Membership.objects.get(person=person, district=district)


def leave(person, district) -> Membership:
    Membership.objects.filter(person=person, district=district).update(ended_at=timezone.now())
    return membership_of(person, district)


def unpacked(response) -> tuple[str, dict]:
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as packed:
        assert packed.namelist() == ["index.html", "everything.json"]
        return packed.read("index.html").decode(), json.loads(packed.read("everything.json"))


def address_of(membership, rest) -> str:
    return f"/d/cedar/people/{membership.pk}/{rest}/"


# --- where the database speaks of a person ----------------------------------------------------------


def test_every_table_that_leads_to_a_person_is_exported_or_left_out_for_a_reason():
    without_district = {link.label for link in all_links() if not belongs_to_a_district(link.model)}

    assert without_district == set(OWN) | set(ELSEWHERE)
    assert all(ELSEWHERE.values())
    assert {link.label for link in district_links()} >= {
        "milestones.CheckIn", "milestones.DateMove", "stakeholders.HistoricalRole", "stakeholders.HistoricalDistrict",
        "reports.Report", "stakeholders.Appointment", "stakeholders.Visit",
    }  # fmt: skip


def test_whoever_writes_into_an_append_only_row_can_have_it_redacted():
    """A row with an author and a free text says whose words they are, or is edited by everybody and has a history."""
    silent = []
    for link in district_links():
        if link.is_history or hasattr(link.model, "history"):
            continue
        texts = {f.name for f in about_person.text_columns(link.model)}
        mine = {c for columns in link.model.words_of.values() for c in columns}
        if texts - mine and not mine:
            silent.append(link.label)
    # Each of these holds names of files, subjects of our own, a document that is frozen, or what a roster said of
    # somebody who has not been brought in.
    assert set(silent) <= {
        "reports.Report", "milestones.PlanImport", "stakeholders.Notice", "stakeholders.CalendarImport",
        "stakeholders.Visit", "stakeholders.Redaction", "stakeholders.District", "stakeholders.InvitationKey",
        "stakeholders.PeopleImport", "stakeholders.PeopleImportRow",
    }, silent  # fmt: skip


# --- the export -------------------------------------------------------------------------------------


def test_a_leader_takes_home_everything_about_a_member(sue, cast, mina):
    page, told = unpacked(sue.post(address_of(membership_of(mina, cast.cedar), "export")))

    (place,) = told["districts"]
    by_model = {section["model"]: section for section in place["sections"]}
    assert {
        "milestones.CheckIn", "stakeholders.Appointment", "stakeholders.Membership", "stakeholders.Notice",
        "stakeholders.Visit", "stakeholders.HistoricalRole", "milestones.Milestone", "stakeholders.District",
    } <= set(by_model)  # fmt: skip
    facts = {
        tuple(fact) for entry in by_model["stakeholders.HistoricalRole"]["entries"] for fact in entry["facts"]
    }
    assert ("title", f"Work of {CANARY} → Work of {CANARY}!") in facts
    assert "The &lt;b&gt;cable&lt;/b&gt; is in the harbour, =1+1" in page
    assert "<b>" not in page


def test_where_a_member_works_is_taken_home_too(sue, cast, mina):
    membership = membership_of(mina, cast.cedar)
    lincoln = Building.objects.create(district=cast.cedar, name="Lincoln Elementary")
    Workplace.objects.create(membership=membership, building=lincoln)

    _page, told = unpacked(sue.post(address_of(membership, "export")))

    (place,) = told["districts"]
    assert "Lincoln Elementary" in json.dumps(
        next(one for one in place["sections"] if one["model"] == "stakeholders.Workplace")
    )


def test_that_somebody_took_it_home_is_kept_and_shown(sue, cast, mina):
    row = membership_of(mina, cast.cedar)
    sue.get(address_of(row, "export"))
    assert not Visit.objects.filter(page=f"export:{row.pk}").exists()

    sue.post(address_of(row, "export"))
    _page, told = unpacked(sue.post(address_of(row, "export")))

    assert Visit.objects.filter(page=f"export:{row.pk}", person=cast.sue).count() == 2
    assert "Who has exported this" in [s["title"] for s in told["districts"][0]["sections"]]
    assert "Made before" in sue.get(address_of(row, "export")).content.decode()


def test_nothing_of_another_district_and_no_secret_leaves(two_districts, client):
    """Tess belongs to both, has done the same in both, and every text of Cedar is a canary."""
    cedar, dune = two_districts
    secrets = set()
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if about_person.SECRET.search(column.name) and isinstance(column, models.CharField):
                secrets |= {
                    v for v in model._base_manager.values_list(column.name, flat=True) if v and len(v) > 8
                }
    client.force_login(dune.leader, backend="django.contrib.auth.backends.ModelBackend")

    page, told = unpacked(
        client.post(f"/d/dune/people/{membership_of(cedar.both, dune.district).pk}/export/")
    )

    assert SIGN_OF_CEDAR not in page
    assert SIGN_OF_CEDAR not in json.dumps(told)
    assert not [one for one in secrets if one in page]
    assert len(secrets) > 3


def test_oneself_takes_home_the_account_and_all_own_districts(cast, mina, client):
    Membership.objects.create(district=cast.dune, person=mina, level=Level.VIEWER)
    client.force_login(mina, backend="django.contrib.auth.backends.ModelBackend")

    page, told = unpacked(client.post("/account/export/"))

    assert [place["district"] for place in told["districts"]] == [
        "Cedar School District",
        "Dune School District",
    ]
    assert ADDRESS in page
    assert "The account" in page
    leave(mina, cast.cedar)
    _page, told = unpacked(client.post("/account/export/"))
    assert [place["district"] for place in told["districts"]] == ["Dune School District"]


def test_only_leaders_of_the_district_may(cast, signed_in, mina):
    row = leave(mina, cast.cedar)
    alice = signed_in(cast.alice)
    assert [alice.post(address_of(row, what)).status_code for what in ("export", "redact")] == [403, 403]
    charlie = signed_in(cast.charlie)
    assert [charlie.post(address_of(row, what)).status_code for what in ("export", "redact")] == [404, 404]
    assert [charlie.post(f"/d/dune/people/{row.pk}/{w}/").status_code for w in ("export", "redact")] == [
        404,
        404,
    ]


def test_the_number_of_queries_does_not_grow_with_what_somebody_did(
    sue, cast, mina, django_assert_max_num_queries
):
    url = address_of(membership_of(mina, cast.cedar), "export")
    with django_assert_max_num_queries(200) as few:
        sue.post(url)
    role = Role.objects.get(title__startswith="Work of")
    for n in range(40):
        role.title = f"Title {n}"
        role.save_edit(by=mina, version=role.version, fields=["title"])

    with django_assert_max_num_queries(len(few)):
        sue.post(url)


# --- the redaction ----------------------------------------------------------------------------------


def everything_that_says(*needles: str) -> list[str]:
    """Search every column of every table."""
    found = []
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if column.name in getattr(model, "handed_out", ()):
                continue
            if isinstance(column, (models.CharField, models.TextField, models.JSONField, models.FileField)):
                for value in model._base_manager.values_list(column.name, flat=True):
                    said = (
                        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                    ).casefold()
                    if any(needle.casefold() in said for needle in needles):
                        found.append(f"{model._meta.label}.{column.name}: {said[:80]}")
    return found


def test_the_name_is_nowhere_in_the_database_and_who_did_what_stays_readable(sue, cast, mina):
    LogEntry.objects.create(
        user=cast.sue, content_type=ContentType.objects.get_for_model(Person), object_id=str(mina.pk),
        object_repr=CANARY, action_flag=CHANGE, change_message=f"Changed {CANARY}",
    )  # fmt: skip
    sue.post(address_of(membership_of(mina, cast.cedar), "export"))
    row = leave(mina, cast.cedar)

    answer = send(sue, address_of(row, "redact"), reason=f"{CANARY} asked", confirm=CANARY.upper())

    assert answer.status_code == 302
    harmless = f"{CANARY}s".casefold()  # another word, of which the name is a part
    left = [line for line in everything_that_says(CANARY, ADDRESS) if harmless not in line]
    assert left == []
    assert not Person.objects.filter(pk=mina.pk).exists()
    done = Redaction.objects.get()
    assert (done.number, done.reason, done.by) == (1, "Former member #1 asked", cast.sue)
    stands_for = done.stands_for
    assert CheckIn.objects.filter(by=stands_for).count() == 2
    role = Role.objects.get(title="Work of Former member #1!")
    assert role.history.filter(history_user=stands_for).exists()
    milestone = Milestone.objects.get()
    assert milestone.done_by == stands_for
    assert milestone.evidence == f"Ask Former member #1 or {stands_for.email}"
    assert "Former member #1" in sue.get(f"/d/cedar/roles/{role.pk}/history/").content.decode()
    assert "Former member #1" in sue.get(f"/d/cedar/milestones/{milestone.pk}/").content.decode()
    assert not stands_for.is_active


def test_a_roster_does_not_know_them_again(cast, mina):
    Membership.objects.filter(person=mina).update(source_id="T-4711")
    membership = leave(mina, cast.cedar)

    redact(membership, by=cast.sue, now=timezone.now(), reason="Asked for it")

    membership.refresh_from_db()
    assert (membership.source_id, membership.person.name) == ("", "Former member #1")


def test_messages_lose_their_text_and_none_goes_out(cast, mina):
    redact(leave(mina, cast.cedar), by=cast.sue, now=timezone.now(), reason="Asked for")

    notice = Notice.objects.get(kind="slips")
    assert (notice.subject, notice.body) == (REDACTED, REDACTED)
    assert notice.withdrawn_at is not None


def test_sessions_end_and_the_address_is_free(cast, mina, client):
    client.force_login(mina, backend="django.contrib.auth.backends.ModelBackend")
    client.get("/account/")

    redact(leave(mina, cast.cedar), by=cast.sue, now=timezone.now(), reason="Asked for")

    assert client.get("/account/").status_code == 302
    assert not Session.objects.filter(session_key=client.cookies["sessionid"].value).exists()
    assert not SignInCode.objects.exists()
    Person.objects.create_user(ADDRESS, name="Again")


def test_whoever_belongs_to_another_district_is_redacted_here_only(cast, mina):
    there = Membership.objects.create(district=cast.dune, person=mina, level=Level.EDITOR)
    plan = make_plan(cast.dune)
    milestone = make_milestone(plan, f"Asked of {CANARY}", by=mina, due=TODAY + timedelta(days=30))
    milestone.check_in(by=mina, today=TODAY, says="on-track", words=f"So says {CANARY}")
    before = [list(rows_of(m, cast.dune).order_by("pk").values()) for m in apps.get_models()]

    redact(leave(mina, cast.cedar), by=cast.sue, now=timezone.now(), reason="Asked for")

    assert [list(rows_of(m, cast.dune).order_by("pk").values()) for m in apps.get_models()] == before
    mina.refresh_from_db()
    assert (mina.name, mina.is_active) == (CANARY, True)
    assert list(mina.memberships.all()) == [there]


def test_two_former_members_stay_two_people(cast, mina):
    bob = leave(cast.bob, cast.cedar)
    redact(leave(mina, cast.cedar), by=cast.sue, now=timezone.now(), reason="Asked for")

    redact(bob, by=cast.sue, now=timezone.now(), reason="Asked for")

    assert list(Redaction.objects.values_list("number", "stands_for__name")) == [
        (1, "Former member #1"),
        (2, "Former member #2"),
    ]


def test_texts_that_are_picked_are_replaced_with_their_copies_and_the_others_stay(sue, cast, mina):
    row = leave(mina, cast.cedar)
    words = {one.text: one.key for one in words_of(row)}
    evidence = next(text for text in words if text.startswith("Ask "))

    send(sue, address_of(row, "redact"), reason="Asked for", confirm=CANARY, texts=[words[evidence]])

    milestone = Milestone.objects.get()
    assert milestone.evidence == REDACTED
    assert REDACTED in milestone.history.values_list("evidence", flat=True)
    assert sorted(filter(None, CheckIn.objects.values_list("evidence", flat=True))) == [REDACTED]
    assert CheckIn.objects.filter(words__contains="harbour").exists()
    assert Redaction.objects.get().texts == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("confirm", "somebody else"),
        ("confirm", ""),
        ("reason", ""),
        ("reason", "x" * 301),
        ("texts", "no-such-text"),
    ],
)
def test_without_the_name_and_a_reason_nothing_happens(sue, cast, mina, field, value):
    row = leave(mina, cast.cedar)

    answer = send(sue, address_of(row, "redact"), **{"reason": "Asked for", "confirm": CANARY, field: value})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Redaction.objects.exists()


def test_whoever_still_has_access_stays(sue, cast, mina):
    row = membership_of(mina, cast.cedar)

    assert "Access has not ended" in sue.get(address_of(row, "redact")).content.decode()
    answer = sue.post(address_of(row, "redact"), {"reason": "Asked for", "confirm": CANARY})

    assert answer.status_code == 422
    assert Person.objects.filter(name=CANARY).exists()


def test_nobody_is_redacted_twice(cast, sue, mina):
    redact(leave(mina, cast.cedar), by=cast.sue, now=timezone.now(), reason="Asked for")
    row = Membership.objects.get(person__email__endswith=NOBODY_AT)

    answer = sue.post(address_of(row, "redact"), {"reason": "Again", "confirm": "Former member #1"})

    assert answer.status_code == 422
    assert Redaction.objects.count() == 1


def test_who_ran_the_installation_is_emptied_and_not_deleted(cast, mina):
    Person.objects.filter(pk=mina.pk).update(is_staff=True)

    redact(leave(mina, cast.cedar), by=cast.sue, now=timezone.now(), reason="Asked for")

    mina.refresh_from_db()
    assert (mina.name, mina.is_active, mina.is_staff) == ("Former member", False, False)
    assert everything_that_says(ADDRESS) == []


def test_an_invitation_that_waits_is_taken_back(cast, mina):
    now = timezone.now()
    waiting = Invitation.objects.create(
        district=cast.cedar, email=ADDRESS, name=CANARY, level=Level.VIEWER, invited_by=cast.sue, made_at=now,
        expires_at=now + timedelta(days=14), message_id=uuid4().hex,
    )  # fmt: skip

    redact(leave(mina, cast.cedar), by=cast.sue, now=now, reason="Asked for")

    waiting.refresh_from_db()
    assert waiting.revoked_at is not None
    assert waiting.name == "Former member #1"


def test_the_rows_of_a_redaction_are_append_only_and_whole(cast, mina):
    done = redact(leave(mina, cast.cedar), by=cast.sue, now=timezone.now(), reason="Asked for")

    with pytest.raises(ValueError, match="never changed"):
        done.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Redaction.objects.filter(pk=done.pk).update(reason="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Redaction.objects.create(
            district=cast.cedar, number=1, stands_for=cast.bob, by=cast.sue, at=timezone.now(), reason="x"
        )


def test_whoever_runs_it_redacts_somebody_who_left_everything(cast, mina, capsys):
    Membership.objects.create(district=cast.dune, person=mina, level=Level.EDITOR)
    leave(mina, cast.cedar)
    with pytest.raises(CommandError, match="still has access to dune"):
        call_command("redact_person", ADDRESS, reason="Asked for", yes=True)
    leave(mina, cast.dune)
    call_command("redact_person", ADDRESS, reason="Asked for")
    assert Person.objects.filter(pk=mina.pk).exists()

    call_command("redact_person", ADDRESS, reason="Asked for", yes=True)

    assert "cedar: Former member #1" in capsys.readouterr().out
    assert Redaction.objects.count() == 2
    assert not Person.objects.filter(pk=mina.pk).exists()
    with pytest.raises(CommandError, match="Nobody has the address"):
        call_command("redact_person", ADDRESS, reason="Asked for", yes=True)

"""A district with at least one row of every model, and two such districts side by side: what the walk goes over.

Dune is made first; then every table's counter jumps, so that no id of Cedar is an id of Dune, and the first row of each
of Cedar's tables has the same id. Every text of Cedar then begins with CANARY.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection, models
from django.db.models import Value
from django.db.models.functions import Concat, Left
from django.utils import timezone

from milestones.adoption import adopt_plan
from milestones.archiving import archive
from milestones.importing import proposals, reading
from milestones.importing.apply import apply_import
from milestones.models import (
    ActionStep,
    DateMove,
    Measure,
    Milestone,
    PlanImport,
    Slip,
    SlipNotice,
    StepBuilding,
    StepGoal,
)
from milestones.spreading import add_for_buildings
from reports.models import Report
from stakeholders.addresses import Address
from stakeholders.appointing import appoint, hand_over
from stakeholders.files.separated import grid
from stakeholders.importing.apply import apply_import as bring_in
from stakeholders.importing.keeping import keep_reading
from stakeholders.importing.lists import read_list
from stakeholders.invitations import invite, new_link, revoke
from stakeholders.models import (
    Appointment,
    Area,
    Building,
    CalendarEntry,
    CalendarImport,
    Direction,
    District,
    HandOver,
    Invitation,
    Level,
    Membership,
    Notice,
    PeopleImport,
    Person,
    Role,
    RoleArea,
    Visit,
    Workplace,
)
from stakeholders.records.redaction import redact
from tests.builders import make_district, make_person, make_plan, make_role
from vision.models import Goal, GoalTheme, Initiative, InitiativeTheme, Plan, Theme, Vision

FIRST_ID = 700_001  # of every table of Cedar
FLOORS = ("stakeholders", "vision", "milestones", "discussion", "reports")
CANARY = "WARBLER"  # not "Canary", which is a time zone; short, for columns of twenty characters
IN_BOTH = ["Tess", "Tom", "Ed"]  # people whose names are no secret of Cedar
SIGN_OF_DUNE = "DUNE-"
HOSTILE = (
    "<i id=hit>\"'{{7*7}}"  # follows it where the column is long enough: shown as text by whoever may read it
)


@dataclass
class Rows:
    """One row of each kind of a district, by the names that tests/access_table.py uses."""

    district: District
    leader: Person
    editor: Person
    committee: Person
    viewer: Person
    owner: Person  # a viewer who holds the role that leads
    helper: Person  # a viewer who holds a role that helps
    deputy: Person  # a viewer who deputises for the owner
    former: Person  # a viewer who held the role that leads until yesterday
    ended: Person
    inactive: Person
    today: date
    own_membership: Membership = None  # of the leader of both districts
    alone: Any = None  # what was seen of Dune before there was Cedar
    both: Person = None  # a leader of both districts
    torn: Person = None  # a viewer of Cedar who leads Dune
    moved: Person = None  # was a leader of Cedar, is one of Dune
    staff: Person = None  # runs the installation, and belongs to no district
    nowhere: Person = None  # belongs to no district
    invited: Person = None  # belongs to Dune, and an invitation to Cedar waits
    uninvited: Person = None  # an invitation was taken back
    too_late: Person = None  # an invitation ran out
    role: Role = None
    appointment: Appointment = None
    hand_over: HandOver = None
    plan: Plan = None
    draft: Plan = None
    goal: Goal = None
    initiative: Initiative = None
    step: ActionStep = None
    building: Building = None
    archived_building: Building = None
    milestone: Milestone = None
    move: DateMove = None
    slip: Slip = None
    measure: Measure = None
    theme: Theme = None
    archived_theme: Theme = None
    archived_plan: Plan = None
    archived_goal: Goal = None
    archived_initiative: Initiative = None
    archived_step: ActionStep = None
    archived_measure: Measure = None
    recurring_step: ActionStep = None
    paused_milestone: Milestone = None
    dropped_milestone: Milestone = None
    archived_milestone: Milestone = None
    report: Report = None
    plan_import: PlanImport = None
    invitation: Invitation = None
    membership: Membership = None
    applied_import: PlanImport = None
    people_import: PeopleImport = None
    applied_people_import: PeopleImport = None
    waiting_report: Report = None
    calendar_import: CalendarImport = None
    applied_calendar: CalendarImport = None
    entry: CalendarEntry = None
    archived_entry: CalendarEntry = None
    parked_report: Report = None


def make_full_district(slug: str, *, prefix: str) -> Rows:
    """Make a district through the verbs, with people named after `prefix`."""
    district = make_district(slug)
    now = timezone.now()
    rows = Rows(
        district,
        leader=make_person(district, f"{prefix}-Sue", Level.LEADER),
        editor=make_person(district, f"{prefix}-Alice", Level.EDITOR),
        committee=make_person(district, f"{prefix}-Bob", Level.COMMITTEE),
        viewer=make_person(district, f"{prefix}-Vera"),
        owner=make_person(district, f"{prefix}-Olga"),
        helper=make_person(district, f"{prefix}-Hal"),
        deputy=make_person(district, f"{prefix}-Dee"),
        former=make_person(district, f"{prefix}-Paul"),
        ended=make_person(district, f"{prefix}-Eve", Level.LEADER),
        inactive=make_person(district, f"{prefix}-Gus", Level.LEADER),
        today=district.today(now),
    )
    Membership.objects.filter(person=rows.ended).update(ended_at=now)
    Person.objects.filter(pk=rows.inactive.pk).update(is_active=False)
    rows.role = make_role(district, "Technology coordinator", rows.owner)
    _roles(rows, now)
    years_ago, yesterday = rows.today - timedelta(days=900), rows.today - timedelta(days=1)
    Appointment.objects.create(role=rows.role, person=rows.former, starts_on=years_ago, ends_on=yesterday)
    Appointment.objects.create(
        role=rows.role, person=rows.deputy, starts_on=years_ago, part=Appointment.Part.DEPUTISES
    )
    _why(rows)
    _steps(rows)
    _milestones(rows)
    _what_was_told(rows)
    _imports(rows, prefix, now)
    _people_imports(rows, prefix, now)
    _invited(rows, prefix, now)
    rows.membership = Membership.objects.get(district=district, person=rows.committee)
    _report(rows, now)
    Visit.objects.create(district=district, person=rows.leader, page="dashboard", at=now - timedelta(days=8))
    _calendar(rows, now)
    _former_member(rows, prefix, now)
    return rows


def _roles(rows: Rows, now: datetime) -> None:
    """Say what the role may do, and let Bob have handed his own over to Alice today."""
    district, today, by = rows.district, rows.today, rows.leader
    rows.appointment = rows.role.appointments.get(person=rows.owner)
    Role.objects.filter(pk=rows.role.pk).update(
        side="technical", decides_alone=True, decides_what="Cables", directs_others=True
    )
    helper = make_role(district, "Secretary")
    Direction.objects.create(role=rows.role, other=helper)
    RoleArea.objects.create(role=rows.role, area=Area.DATA)
    held = appoint(rows.committee, helper, by=by, today=today, starts_on=today - timedelta(days=90))
    when = {"now": now, "today": today, "first_day": today}
    rows.hand_over = hand_over(rows.committee, {held: rows.editor}, district=district, by=by, **when)


def _former_member(rows: Rows, prefix: str, now: datetime) -> None:
    """Somebody was here, left, and asked for their name to be taken out."""
    gone = make_person(rows.district, f"{prefix}-Fay")
    Membership.objects.filter(person=gone).update(ended_at=now)
    row = Membership.objects.get(person=gone)
    redact(row, by=rows.leader, now=now, reason="Asked for")


def _calendar(rows: Rows, now: datetime) -> None:
    made = {"file_name": "school.ics", "made_at": now, "made_by": rows.editor}
    event = {"first": f"{rows.today}", "last": f"{rows.today}", "title": "Fall break", "kind": "break"}
    rows.calendar_import = CalendarImport.objects.create(district=rows.district, events=[event], **made)
    rows.applied_calendar = CalendarImport.objects.create(
        district=rows.district, applied_at=now, applied_by=rows.editor, **made
    )
    rows.entry, rows.archived_entry = (
        CalendarEntry.objects.create(
            district=rows.district,
            kind="break",
            title=title,
            first_day=rows.today + timedelta(days=30),
            last_day=rows.today + timedelta(days=35),
            came_with=rows.applied_calendar,
        )
        for title in ("Winter break", "Old break")
    )
    rows.archived_entry.archive(by=rows.editor, today=rows.today)


def _why(rows: Rows) -> None:
    district, today = rows.district, rows.today
    vision = Vision.objects.create(district=district, statement="Every learner", how_we_know="We asked them")
    rows.theme = Theme.objects.create(vision=vision, title="Access", words="Everywhere")
    Theme.objects.create(vision=vision, title="Safety", words="Everybody", position=1)
    rows.archived_theme = Theme.objects.create(vision=vision, title="Old", words="Done with", position=2)
    rows.archived_theme.archive(by=rows.editor, today=today)
    years = {"starts_on": today - timedelta(days=500), "ends_on": today + timedelta(days=800)}
    rows.plan = make_plan(district, **years)
    rows.goal = Goal.objects.create(plan=rows.plan, title="Connected", words="At home too")
    other = Goal.objects.create(plan=rows.plan, title="Taught", words="By people", position=1)
    rows.initiative = Initiative.objects.create(
        goal=rows.goal, title="Wi-Fi", why="Because", summary="Half done", sponsor=rows.role
    )
    Initiative.objects.create(goal=other, title="Coaching", why="Therefore", summary="Begun")
    GoalTheme.objects.create(goal=rows.goal, theme=rows.theme)
    InitiativeTheme.objects.create(initiative=rows.initiative, theme=rows.theme)
    rows.draft = make_plan(district, title="Draft", **years)
    goal = Goal.objects.create(plan=rows.draft, title="Drafted", words="Not yet")
    Initiative.objects.create(goal=goal, title="Planned", why="Some day")
    rows.archived_plan = make_plan(district, title="Archived", **years)
    rows.archived_goal = Goal.objects.create(plan=rows.plan, title="Put away", words="Long ago", position=2)
    rows.archived_initiative = Initiative.objects.create(goal=rows.goal, title="Pagers", why="They beeped")
    for row in (rows.archived_plan, rows.archived_goal, rows.archived_initiative):
        archive(row, by=rows.editor, today=today)


def _steps(rows: Rows) -> None:
    written = {f"written_{cell}": f"written {cell}" for cell in ("who", "when", "cost", "evidence", "status")}
    rows.building = Building.objects.create(district=rows.district, name="Lincoln", nces_id="080123400001")
    rows.archived_building = Building.objects.create(district=rows.district, name="Annex")
    archive(rows.archived_building, by=rows.editor, today=rows.today)
    works_here = Membership.objects.get(district=rows.district, person=rows.editor)
    Workplace.objects.create(membership=works_here, building=rows.building)
    rows.step = ActionStep.objects.create(
        initiative=rows.initiative,
        title="Cable the rooms",
        building=rows.building,
        notes="Ladders needed",
        **written,
    )
    helps = make_role(rows.district, "Facilities", rows.helper)
    make_role(rows.district, "Librarian")
    rows.step.set_owners(lead=rows.role, support=[helps], by=rows.editor)
    StepGoal.objects.create(step=rows.step, goal=rows.plan.goals.last())
    more = {"initiative": rows.initiative, "notes": "See there"}
    ActionStep.objects.create(**more, title="Keep it running", kind="ongoing", review_on=rows.today)
    rows.recurring_step = ActionStep.objects.create(**more, title="Count again", kind="recurring")
    rows.archived_step = ActionStep.objects.create(**more, title="Buy pagers")
    archive(rows.archived_step, by=rows.editor, today=rows.today)
    adapted = StepBuilding.objects.create(
        step=rows.step, building=rows.building, differs="The gym comes last"
    )
    adapted.lead = make_role(rows.district, "Principal of Lincoln")
    adapted.save_edit(by=rows.editor, version=1, fields=["lead"])
    rows.measure = Measure.objects.create(
        step=rows.step, name="Rooms", unit="rooms", baseline=0, target=12, target_on=rows.today
    )
    rows.archived_measure = Measure.objects.create(
        step=rows.step, name="Beeps", unit="a day", archived_on=rows.today
    )
    rows.measure.add_reading(by=rows.editor, on=rows.today, value=Decimal(4), note="Counted twice")


def _milestones(rows: Rows) -> None:
    today, verbs = rows.today, {"by": rows.editor, "today": rows.today}

    def make(title: str, days: int) -> Milestone:
        due = today + timedelta(days=days)
        return rows.step.add_milestone(by=rows.editor, today=today, due=due, title=title)

    rows.milestone = make("Lincoln is cabled", 20)
    late, done, dropped, paused = make("Late", -10), make("Done", -1), make("Out", 40), make("Held", 50)
    rows.dropped_milestone, rows.paused_milestone, rows.archived_milestone = dropped, paused, make("Gone", 70)
    places = [rows.building, Building.objects.create(district=rows.district, name="Mesa")]
    soon = today + timedelta(days=25)
    add_for_buildings(
        rows.step, places, by=rows.editor, today=today, due=soon, title="The building is cabled"
    )
    adopt_plan(rows.plan, by=rows.leader, today=today - timedelta(days=30))
    late = Milestone.objects.get(pk=late.pk)
    rows.milestone.check_in(
        by=rows.owner,
        today=today,
        role=rows.role,
        says="slipping",
        words="Two rooms are locked",
        how_sure="not",
        expected=today + timedelta(days=45),
        reason="vendor",
        would_help="A key",
    )
    rows.move = rows.milestone.moves.get()
    done.complete(
        **verbs,
        done_on=today,
        evidence="Photos",
        evidence_link=f"https://{rows.district.slug}.example/",
        words="Done",
    )
    dropped.drop(**verbs, reason="Not needed")
    paused.pause(**verbs, until=today + timedelta(days=30), reason="Winter")
    late.check_in(**verbs, says="at-risk", words="Still waiting")
    archive(rows.archived_milestone, **verbs)
    before = {"by": rows.editor, "today": today - timedelta(days=8)}
    asked = late.move_due(**before, to=today - timedelta(days=3), reason="vendor", words="Boxes")
    late.decide_move(asked, by=rows.leader, today=before["today"], accept=True, note="Agreed by telephone")
    late.move_due(**verbs, to=today + timedelta(days=5), reason="money", words="More boxes")
    missed = today - timedelta(days=3)
    rows.slip = Slip.objects.create(milestone=late, due=missed, slipped_on=missed + timedelta(days=1))
    Slip.objects.filter(milestone=late).update(owner_words="The boxes were lost")
    draft = ActionStep.objects.create(
        initiative=Initiative.objects.get(goal__plan=rows.draft), title="Drafted step"
    )
    draft.add_milestone(by=rows.editor, today=today, due=today + timedelta(days=60), title="Drafted event")


def _what_was_told(rows: Rows) -> None:
    notice = Notice.objects.create(
        district=rows.district,
        person=rows.owner,
        kind="slip",
        local_day=rows.today,
        subject="A date has passed",
        body="Look at it",
        message_id=f"<1@{rows.district.slug}.example>",
    )
    SlipNotice.objects.create(slip=rows.slip, notice=notice)


def _imports(rows: Rows, prefix: str, now: datetime) -> None:
    """Read two files: one waits for a word, the other was imported."""

    def read(who: str, **into) -> PlanImport:
        table = f"Action step\tWho\tWhen\tCost\n{prefix} move\t{prefix} {who}\tJune 2099\t{prefix} money\n"
        file = {"file_name": f"{prefix}.txt", "data": table.encode(), "by": rows.editor, "now": now}
        blocks = reading.read_safely("pasted.txt", table.encode())
        job = proposals.keep_reading(rows.district, blocks, **file)
        for name, value in into.items():
            setattr(job, name, value)
        job.save()
        return job

    rows.plan_import = read("Carriers", plan=rows.plan)
    years = {"plan_starts_on": date(2098, 7, 1), "plan_ends_on": date(2100, 6, 30)}
    rows.applied_import = read("Movers", plan_title=f"{prefix} imported", **years)
    apply_import(rows.applied_import, by=rows.editor, now=now, today=rows.today)


def _people_imports(rows: Rows, prefix: str, now: datetime) -> None:
    """Read two lists of people: one waits for a word, the other was brought in."""

    def read(who: str) -> PeopleImport:
        table = [["E-mail", "Name", "Role", "School"]]
        table += [
            [f"{prefix}-{who}@example.org", f"{prefix}-{who}", f"{prefix} aide", f"{prefix} {who} school"]
        ]
        table += [["", f"{prefix} without an address", "", ""]]
        found = read_list([grid("CSV", enumerate(table, start=1))])
        return keep_reading(rows.district, found, file_name=f"{prefix}.csv", by=rows.leader, now=now)

    rows.people_import = read("ulla")
    rows.applied_people_import = read("pia")
    bring_in(rows.applied_people_import, by=rows.leader, now=now, today=rows.today)


def _invited(rows: Rows, prefix: str, now: datetime) -> None:
    """Invite Ivy, with a link that nobody here knows."""
    rows.invitation = _invite(rows, f"{prefix}-ivy@example.org".lower(), now)
    new_link(rows.invitation)


def _invite(rows: Rows, address: str, now: datetime) -> Invitation:
    into = {"district": rows.district, "level": Level.COMMITTEE, "words": "Come and see"}
    [told] = invite([Address(address, "Ivy")], **into, by=rows.leader, now=now)
    return told.invitation


def _report(rows: Rows, now: datetime) -> None:
    """Make a finished report without a renderer, its file a PDF in name only; one that waits; and one that was given up."""
    asked = {"plan": rows.plan, "by": rows.editor, "now": now, "as_of": rows.today}
    rows.report = Report.request(
        **asked, prepared_by="Coordinator", approved_by=rows.leader, asks="Agree to the date"
    )
    name = rows.district.name
    rows.report.pdf.save("report.pdf", ContentFile(f"%PDF-1.7 {rows.leader.name}".encode()), save=False)
    finished = {"state": "ready", "frozen_at": now, "ready_at": now, "pages": 1, "fingerprint": "0" * 64}
    Report.objects.filter(pk=rows.report.pk).update(
        html=f"<article>{rows.leader.name}</article>",
        facts={"district": name},
        pdf=rows.report.pdf.name,
        **finished,
    )
    rows.waiting_report = Report.request(**asked, asks="Wait")
    rows.parked_report = Report.request(**asked, asks="Try again", supersedes=rows.report)
    Report.objects.filter(pk=rows.parked_report.pk).update(state="failed", error="Too long")


def make_two_districts(look: Callable[[Rows], Any] = lambda dune: None) -> tuple[Rows, Rows]:
    """Return Cedar, whose texts are all canaries, and Dune, to which Charlie belongs; Tess belongs to both.

    `look` is called while there is only Dune; what it returns is kept as `dune.alone`.
    """
    start_ids_at(1)  # PostgreSQL's counters go on from the last module
    dune = make_full_district("dune", prefix="Dune")
    for row, name, level in (
        ("both", "Tess", Level.LEADER),
        ("torn", "Tom", Level.LEADER),
        ("moved", "Ed", Level.LEADER),
        ("invited", "Ivan", Level.VIEWER),
    ):
        setattr(dune, row, make_person(dune.district, name, level))
    dune.own_membership = Membership.objects.get(district=dune.district, person=dune.both)
    _busy(dune)
    put_signs(dune.district, SIGN_OF_DUNE)
    dune.alone = look(dune)
    start_ids_at(FIRST_ID)
    cedar = make_full_district("cedar", prefix=CANARY)
    _people_of_both_or_neither(cedar, dune)
    _busy(cedar)
    put_signs(cedar.district, f"{CANARY}-", HOSTILE)
    return cedar, dune


def _people_of_both_or_neither(cedar: Rows, dune: Rows) -> None:
    now, here = timezone.now(), Membership.objects
    cedar.both, cedar.torn, cedar.moved, cedar.invited = dune.both, dune.torn, dune.moved, dune.invited
    here.create(district=cedar.district, person=cedar.both, level=Level.LEADER)
    here.create(district=cedar.district, person=cedar.torn, level=Level.VIEWER)
    here.create(district=cedar.district, person=cedar.moved, level=Level.LEADER, ended_at=now)
    accepted = _invite(cedar, "tess.before@example.org", now)
    Invitation.objects.filter(pk=accepted.pk).update(accepted_by=cedar.both, accepted_at=now)
    handed = HandOver.objects.get(pk=cedar.hand_over.pk)
    handed.pk, handed.person = None, cedar.both
    handed.save()
    cedar.staff = make_person(None, "Stan", is_staff=True, is_superuser=True)
    cedar.nowhere = make_person(None, "Nick")
    _invite(cedar, cedar.invited.email, now)
    cedar.uninvited = make_person(None, "Rena")
    revoke(_invite(cedar, cedar.uninvited.email, now), by=cedar.leader, now=now)
    cedar.too_late = make_person(None, "Lou")
    _invite(cedar, cedar.too_late.email, now - timedelta(days=60))


def _busy(rows: Rows) -> None:
    """Let Tess hold a role here, and have said and seen something today."""
    make_role(rows.district, "Technology coordinator", rows.both)
    Role.objects.filter(district=rows.district, title="Facilities").update(building=rows.building)
    who = {"by": rows.both, "today": rows.today}
    rows.milestone.check_in(**who, says="at-risk", words="Said by Tess")
    rows.milestone.move_due(**who, to=rows.today + timedelta(days=60), reason="vendor", words="Asked by Tess")
    rows.move = rows.milestone.moves.asked().get()
    Visit.objects.create(district=rows.district, person=rows.both, page="dashboard", at=timezone.now())


def start_ids_at(first: int) -> None:
    """Let the next row of every table of ours have the id `first`."""
    ours = [m for m in apps.get_models() if m.__module__.split(".")[0] in FLOORS]
    tables = [model._meta.db_table for model in ours if isinstance(model._meta.pk, models.AutoField)]
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, first - 1])
            else:
                column = connection.introspection.get_sequences(cursor, table)[0]["column"]
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)", [f'"{table}"', column, first]
                )


def rows_of(model: type[models.Model], district: District) -> models.QuerySet:
    """Return the rows of `model` that belong to `district`, history included; none for what belongs to no district."""
    manager = model._base_manager
    if model in (District, District.history.model):
        return manager.filter(id=district.pk)
    if model is Person:
        return manager.filter(memberships__district=district).exclude(name__in=IN_BOTH)
    if "district" in {f.name for f in model._meta.fields}:
        return manager.filter(district=district.pk)
    return manager.none()


def put_signs(district: District, sign: str, hostile: str = "") -> None:
    """Begin every free text of the district with `sign`, and with `hostile` where there is room."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            rows = rows_of(model, district)
            if isinstance(field, models.URLField):
                rows.exclude(**{field.name: ""}).update(**{field.name: f"https://{sign}.example/".lower()})
            elif is_free_text(field):
                roomy = not field.max_length or field.max_length >= 100
                text = Concat(
                    Value(sign + (hostile if roomy else "")),
                    models.F(field.name),
                    output_field=models.TextField(),
                )
                if field.max_length:
                    text = Left(text, field.max_length)
                rows.exclude(**{field.name: ""}).update(**{field.name: text})


def is_free_text(field: models.Field) -> bool:
    """Whether people write into this field what they like."""
    plain = type(field) in (models.CharField, models.TextField)
    return plain and not field.choices and field.name not in NOT_TEXT


# Text columns that hold what the program reads again, by the exact name.
NOT_TEXT = {
    "state",
    "html",
    "fingerprint",
    "nces_id",
    "time_zone",
    "password",
    "kind",
    "history_type",
    "page",
    "digest",
}

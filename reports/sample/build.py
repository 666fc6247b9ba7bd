"""Plays the story of Juniper Flats through the same verbs that people use, in the order of its days."""

import zoneinfo
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from milestones.adoption import adopt_plan
from milestones.flagging import flag_slips
from milestones.models import ActionStep, CheckIn, Measure, Milestone, StepBuilding
from milestones.spreading import add_for_buildings
from reports.making import wake
from reports.models import Report, SampleRemoved
from reports.sample import story
from reports.sample.remove import remove_sample
from reports.sample.school_year import school_year
from stakeholders.addresses import Address
from stakeholders.importing.keeping import keep_reading
from stakeholders.importing.lists import blocks_of_csv, read_list
from stakeholders.invitations import invite
from stakeholders.memberships import end
from stakeholders.models import (
    Appointment,
    Building,
    CalendarEntry,
    Direction,
    District,
    Invitation,
    Level,
    Membership,
    Person,
    Role,
    RoleArea,
    Visit,
    Workplace,
)
from stakeholders.visits import ANY_PAGE
from vision.models import Goal, GoalTheme, Initiative, InitiativeTheme, Plan, Theme, Vision

SLUG = "juniper-flats"
YEARS = 4
REGULAR_WEEKS = 5
NOON = time(12)
DOMAIN = "@juniperflats.example"


def address(who: str) -> str:
    """Return the invented e-mail address of one of the people; the domain is reserved and receives no mail."""
    return _address_of((story.PEOPLE.get(who) or story.HERE_TOO[who])[0])


def _address_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}{DOMAIN}"


@transaction.atomic
def build_sample(*, now: datetime) -> District:
    """Make the sample district from scratch, its dates relative to `now`; whatever stood there before is removed."""
    remove_sample()
    SampleRemoved.objects.all().delete()
    district = District.objects.create(
        slug=SLUG,
        name="Juniper Flats School District",
        state="CO",
        time_zone="America/Denver",
        is_sample=True,
    )
    return _Builder(district, today=district.today(now)).build(now)


class _Builder:
    def __init__(self, district: District, *, today: date):
        self.district, self.today = district, today
        self.said: list[tuple[date, int, Milestone, story.Said]] = []
        first_year = district.fiscal_year(today) - 2
        self.starts_on = district.fiscal_year_end(first_year - 1) + timedelta(days=1)
        self.ends_on = district.fiscal_year_end(first_year + YEARS - 1)

    def on(self, week: float) -> date:
        """Return the school day that lies `week` weeks from today: never a weekend."""
        day = self.today + timedelta(days=round(week * 7))
        return day + timedelta(days={5: -1, 6: -2}.get(day.weekday(), 0))

    def build(self, now: datetime) -> District:
        self._people()
        self._calendar()
        themes = self._vision()
        plan = Plan.objects.create(
            district=self.district,
            title=f"Technology plan {self.starts_on.year}–{self.ends_on:%y}",
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )
        for position, (title, serves, initiatives) in enumerate(story.GOALS):
            goal = Goal.objects.create(plan=plan, title=title, position=position)
            for theme in serves:
                GoalTheme.objects.create(goal=goal, theme=themes[theme])
            for number, initiative in enumerate(initiatives):
                self._initiative(goal, number, themes, *initiative)
        adopt_plan(plan, by=self.people["kim"], today=self.starts_on)
        self._date_back()
        self._play()
        flag_slips({self.today: [self.district]})
        self._ask_for_reports(plan, now)
        self._coming_and_going(now)
        staff = read_list(blocks_of_csv(story.STAFF_LIST.encode()))
        keep_reading(self.district, staff, file_name="staff.csv", by=self.people["kim"], now=now)
        Visit.objects.create(
            district=self.district, person=self.people["kim"], page="dashboard", at=now - timedelta(days=9)
        )
        return self.district

    def _ask_for_reports(self, plan: Plan, now: datetime) -> None:
        """Ask for two reports, which a worker makes like any other."""
        for number, (week, meets, asks) in enumerate(story.REPORTS):
            Report.request(
                plan=plan,
                by=self.people["dana"],
                now=now - timedelta(minutes=len(story.REPORTS) - number),
                as_of=min(self.on(week), self.today),
                meeting_on=self.on(meets),
                asks=asks,
                prepared_by="Technology Coordinator",
                approved_by=self.people["kim"],
            )
        wake()

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, NOON, tzinfo=zoneinfo.ZoneInfo(self.district.time_zone))

    def _date_back(self) -> None:
        """Let the history say that roles and plan were written when it was adopted, and not just now."""
        roles = (Role, Appointment, Direction, RoleArea)
        for model in (*roles, Vision, Theme, Plan, Goal, Initiative, ActionStep, Milestone, StepBuilding):
            model.history.filter(district=self.district).update(history_date=self._at(self.starts_on))

    def _people(self) -> None:
        self.people = {}
        for who, (name, level) in (story.PEOPLE | story.HERE_TOO).items():
            person, _new = Person.objects.get_or_create(email=address(who), defaults={"name": name})
            Membership.objects.create(district=self.district, person=person, level=level)
            self.people[who] = person
        self.district.in_charge = self.people["dana"]
        self.district.email_domains = "juniperflats.example"
        self.district.save(update_fields=["in_charge", "email_domains"])
        self.roles = {}
        for title, holders in story.ROLES.items():
            self.roles[title] = Role.objects.create(district=self.district, title=title)
            for who in holders:
                Appointment.objects.create(
                    role=self.roles[title],
                    person=self.people[who],
                    starts_on=self.starts_on - timedelta(days=400),
                )
        self.buildings = {
            name: Building.objects.create(district=self.district, name=name) for name in story.BUILDINGS
        }
        for title, (building, holders) in story.POSTS.items():
            self.roles[title] = Role.objects.create(
                district=self.district, title=title, building=self.buildings[building]
            )
            for who in holders:
                since = self.starts_on - timedelta(days=30)
                Appointment.objects.create(role=self.roles[title], person=self.people[who], starts_on=since)
        for who, building in story.WORKS_AT.items():
            member = Membership.objects.in_district(self.district).get(person=self.people[who])
            Workplace.objects.create(membership=member, building=self.buildings[building], from_file=True)
        self._hands()
        self._facts()

    def _calendar(self) -> None:
        """The school calendars of last year, this one and the next, on the days on which schools have them."""
        year = self.today.year + (self.today.month >= 7)
        for ends in (year - 1, year, year + 1):
            for kind, title, first, last in school_year(ends):
                CalendarEntry.objects.create(
                    district=self.district, kind=kind, title=title, first_day=first, last_day=last
                )

    def _coming_and_going(self, now: datetime) -> None:
        """Let the people have come when the plan began, somebody have left, and some be invited."""
        members = Membership.objects.in_district(self.district)
        began = self._at(self.starts_on)
        members.update(since=began)
        members.exclude(person__in=[self.people[who] for who in story.NOT_GREETED_YET]).update(
            welcomed_at=began
        )
        Membership.history.filter(district=self.district).update(history_date=began)
        for name, level, first, last in story.FORMER.values():
            self._has_left(name, level, self._at(self.on(first)), self._at(self.on(last)))
        for name, level, who, days in story.INVITED:
            self._invite(name, level, by=self.people[who], at=now - timedelta(days=days))
        for who, days in story.LAST_HERE.items():
            at = now - timedelta(days=days)
            Visit.objects.create(district=self.district, person=self.people[who], page=ANY_PAGE, at=at)

    def _has_left(self, name: str, level: str, first: datetime, last: datetime) -> None:
        person, _new = Person.objects.get_or_create(email=_address_of(name), defaults={"name": name})
        row = Membership.objects.create(district=self.district, person=person, level=level, welcomed_at=first)
        row.history.update(history_date=first)
        Membership.objects.filter(pk=row.pk).update(since=first)
        end(row, by=self.people["kim"], now=last)
        row.history.filter(ended_at__isnull=False).update(history_date=last)

    def _invite(self, name: str, level: str, *, by: Person, at: datetime) -> None:
        """Invite somebody in the past. The letter counts as sent: its address is nobody's."""
        who = [Address(_address_of(name), name)]
        [told] = invite(who, district=self.district, level=Level(level), words="", by=by, now=at)
        Invitation.objects.filter(pk=told.invitation.pk).update(sent_at=at)

    def _hands(self) -> None:
        """Tell who held a role before, who deputises, and who is next."""
        for title, who, first, last in story.BEFORE:
            name = story.FORMER[who][0]
            person, _new = Person.objects.get_or_create(email=_address_of(name), defaults={"name": name})
            until = self.on(last) if last is not None else self.starts_on - timedelta(days=401)
            self._appointed(title, person, self.on(first), until)
        for title, deputies in story.DEPUTIES.items():
            for who in deputies:
                self._appointed(title, self.people[who], self.on(-10), part=Appointment.Part.DEPUTISES)
        next_year = self.district.fiscal_year_end(self.district.fiscal_year(self.today)) + timedelta(days=1)
        for title, followers in story.NEXT.items():
            for who in followers:
                self._appointed(title, self.people[who], next_year)

    def _appointed(self, title: str, person: Person, first: date, last: date | None = None, **more) -> None:
        Appointment.objects.create(
            role=self.roles[title], person=person, starts_on=first, ends_on=last, **more
        )

    def _facts(self) -> None:
        """Say what each role may do here, and which areas it covers."""
        for title, told in story.FACTS.items():
            facts, role = dict(told), self.roles[title]
            areas, directs = facts.pop("areas", ()), facts.pop("directs", None)
            if directs is not None:
                facts["directs_others"] = bool(directs)
            Role.objects.filter(pk=role.pk).update(**facts)
            for other in directs or ():
                Direction.objects.create(role=role, other=self.roles[other])
            for area in areas:
                RoleArea.objects.create(role=role, area=area)

    def _vision(self) -> list[Theme]:
        vision = Vision.objects.create(
            district=self.district, statement=story.VISION, how_we_know=story.HOW_WE_KNOW
        )
        return [
            Theme.objects.create(vision=vision, title=title, words=words, position=position)
            for position, (title, words) in enumerate(story.THEMES)
        ]

    def _initiative(self, goal, position, themes, title, why, summary, sponsor, serves, steps) -> None:
        initiative = Initiative.objects.create(
            goal=goal, title=title, why=why, summary=summary, sponsor=self.roles[sponsor], position=position
        )
        for theme in serves:
            InitiativeTheme.objects.create(initiative=initiative, theme=themes[theme])
        for number, step in enumerate(steps):
            self._step(initiative, number, step)

    def _step(self, initiative: Initiative, position: int, told: story.S) -> None:
        step = ActionStep.objects.create(
            initiative=initiative,
            title=told.title,
            kind=told.kind,
            starts_on=max(self.on(told.starts), self.starts_on),
            review_on=self.on(told.review) if told.review is not None else None,
            building=self.buildings.get(told.building or ""),
            written_cost=told.cost,
            written_evidence=told.evidence,
            position=position,
        )
        lead = self.roles[told.lead] if told.lead else None
        step.set_owners(lead=lead, support=[self.roles[t] for t in told.support], by=self.people["kim"])
        for milestone in told.milestones:
            made = step.add_milestone(
                by=self.people["kim"], today=self.starts_on, due=self.on(milestone.due), title=milestone.title
            )
            self._remember(made, milestone)
        for place in told.buildings:
            self._in_building(step, told.in_buildings, place)
        if told.measure:
            self._measure(step, told.measure)

    def _in_building(self, step: ActionStep, title: str, told: story.B) -> None:
        building = self.buildings[told.building]
        (made,) = add_for_buildings(
            step,
            [building],
            by=self.people["kim"],
            today=self.starts_on,
            due=self.on(told.due),
            title=title,
        )
        for said in told.story:
            self.said.append((self.on(said.week), len(self.said), made, said))
        if told.differs or told.lead:
            adapted = StepBuilding(
                step=step, building=building, differs=told.differs, lead=self.roles.get(told.lead or "")
            )
            adapted._history_user = self.people["kim"]
            adapted.save()

    def _measure(self, step: ActionStep, told: dict) -> None:
        measure = Measure.objects.create(
            step=step,
            name=told["name"],
            unit=told["unit"],
            baseline=told["baseline"],
            target=told["target"],
            target_on=self.on(told["target_week"]),
        )
        for week, value in told["readings"]:
            measure.add_reading(by=self.people["dana"], on=self.on(week), value=Decimal(value))

    def _remember(self, made: Milestone, told: story.M) -> None:
        for said in [*_regular(told), *told.story]:
            self.said.append((self.on(said.week), len(self.said), made, said))

    def _play(self) -> None:
        for day, _order, milestone, said in sorted(self.said, key=lambda s: s[:2]):
            milestone._history_date = self._at(day)
            self._say(milestone, said, day=day)
            CheckIn.objects.filter(milestone=milestone, on=day).update(at=self._at(day))

    def _say(self, milestone: Milestone, said: story.Said, *, day: date) -> None:
        by, told = self.people[said.who], dict(said.details)
        role = self._lead_of(milestone) if self._lead_of(milestone) in self._hats(by) else None
        match said.verb:
            case "on_track" | "at_risk":
                milestone.check_in(by=by, today=day, role=role, says=said.verb.replace("_", "-"), **told)
            case "slipping":
                told["expected"] = self.on(told.pop("to"))
                told["how_sure"] = told.pop("sure", told["how_sure"])
                leads = said.who == "kim"
                milestone.check_in(by=by, today=day, role=role, says="slipping", may_approve=leads, **told)
            case "decide":
                milestone.decide_move(milestone.moves.asked().get(), by=by, today=day, **told)
            case "done":
                milestone.complete(by=by, today=day, role=role, done_on=day, **told)
            case "pause":
                milestone.pause(by=by, today=day, until=self.on(told["until"]), reason=told["reason"])
            case "drop":
                milestone.drop(by=by, today=day, reason=told["reason"])

    def _lead_of(self, milestone: Milestone) -> Role | None:
        here = StepBuilding.objects.filter(step=milestone.step_id, building=milestone.building_id).first()
        return here.lead if here and here.lead else milestone.step.lead

    def _hats(self, person: Person) -> list[Role]:
        posts = {title: holders for title, (_building, holders) in story.POSTS.items()}
        held = (story.ROLES | posts).items()
        return [self.roles[t] for t, holders in held if self.people_key(person) in holders]

    def people_key(self, person: Person) -> str:
        return next(who for who, one in self.people.items() if one == person)


def _regular(told: story.M) -> Iterator[story.Said]:
    """One-tap check-ins between `quiet_from` and the first thing that the story tells of it."""
    if told.quiet_from is None:
        return
    week, until = told.quiet_from, min((s.week for s in told.story), default=0)
    while week < until - 1:
        yield story.ok(week, sure="sure", who=told.story[-1].who if told.story else "dana")
        week += REGULAR_WEEKS


def how_to_sign_in() -> list[tuple[str, str]]:
    """Return name and address of each of the four people, for the command and for `bin/run` to print."""
    return [(f"{name} ({level})", address(who)) for who, (name, level) in story.PEOPLE.items()]

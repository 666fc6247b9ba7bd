"""What happened in Juniper Flats, told in weeks from today: negative is past, positive is to come.

Nobody and nothing in it is real. `build.py` plays it through the same verbs that people use.
"""

from dataclasses import dataclass, field
from typing import Any

PEOPLE = {
    "kim": ("Kim Alvarez", "leader"),
    "dana": ("Dana Ruiz", "editor"),
    "maria": ("Maria Lopez", "committee"),
    "robert": ("Robert Haddad", "viewer"),
}
# Who was here once: name, level, and the weeks from today in which access began and ended.
FORMER = {"lena": ("Lena Fischer", "editor", -150, -11), "lee": ("Lee Park", "editor", -420, -160)}
# Who is invited: name, level, by whom, and how many days ago. The first one's two weeks are over.
INVITED = [
    ("Omar Said", "committee", "dana", 24),
    ("Priya Nair", "committee", "dana", 3),
    ("Tom Becker", "editor", "kim", 1),
]
LAST_HERE = {"kim": 9, "dana": 1, "maria": 19}  # days ago; Robert has not come yet
NOT_GREETED_YET = ("maria",)
# Title → who holds it. Nobody holds the library post: the sample shows what a vacancy looks like.
ROLES = {
    "Superintendent": ["kim"],
    "Curriculum Director": ["kim"],
    "Technology Coordinator": ["dana"],
    "Network Technician": ["dana"],
    "Technology Committee": ["maria", "dana"],
    "Library Media Specialist": [],
    "Board of Education": ["robert"],
}
# Who held a role before: title, who, first and last week (None: until the day before today's holder came).
BEFORE = [
    ("Technology Coordinator", "lee", -420, None),
    ("Library Media Specialist", "lena", -150, -11),
]
DEPUTIES = {"Library Media Specialist": ["maria"]}
# Title → who follows from the next school year on.
NEXT = {"Technology Committee": ["robert"]}
# What each role may do here, and which areas of skill it covers. The coordinator leads most of the plan and may decide
# nothing; two areas are covered by nobody, and one by a post that nobody holds. Whatever is left out was not said.
FACTS: dict[str, dict[str, Any]] = {
    "Superintendent": {
        "side": "both",
        "in_cabinet": True,
        "decides_alone": True,
        "decides_what": "hiring, and contracts within the budget",
        "may_spend": 25_000,
        "directs": ["Curriculum Director", "Technology Coordinator", "Network Technician"],
        "hours_a_week": 2,
        "areas": ["leadership", "business"],
    },
    "Curriculum Director": {
        "side": "instructional",
        "in_cabinet": True,
        "decides_alone": True,
        "decides_what": "courses, materials and what teachers learn",
        "may_spend": 5_000,
        "directs": ["Library Media Specialist"],
        "hours_a_week": 4,
        "areas": ["instruction"],
    },
    "Technology Coordinator": {
        "side": "technical",
        "in_cabinet": False,
        "decides_alone": False,
        "may_spend": 0,
        "directs": [],
        "hours_a_week": 6,
        "areas": ["strategy", "information", "data"],
    },
    "Network Technician": {
        "side": "technical",
        "in_cabinet": False,
        "decides_alone": False,
        "may_spend": 0,
        "directs": [],
        "hours_a_week": 14,
        "areas": ["communication"],
    },
    "Library Media Specialist": {"side": "instructional", "in_cabinet": False, "areas": ["ethics"]},
    "Technology Committee": {"side": "both", "decides_alone": False, "may_spend": 0, "directs": []},
    "Board of Education": {"side": "both", "in_cabinet": False},
    "Principal, Mesa View Elementary": {"side": "instructional", "in_cabinet": True},
    "Principal, Juniper Flats High School": {"side": "instructional", "in_cabinet": True},
}
BUILDINGS = [
    "Sagebrush Elementary",
    "Mesa View Elementary",
    "Juniper Flats Middle School",
    "Juniper Flats High School",
    "Cottonwood Early Learning Center",
    "District Office",
]
# Where people work, by the roster.
WORKS_AT = {
    "kim": "District Office",
    "dana": "Juniper Flats High School",
    "nora": "Mesa View Elementary",
}
# A list that waits to be looked at: what the page of an import shows.
STAFF_LIST = """Name,E-mail,Title,School
Dana Ruiz,dana.ruiz@juniperflats.example,Technology Coordinator,Juniper Flats High School
"Okafor, Ada",ada.okafor@juniperflats.example,Principal,Sagebrush Elementary
Sam Whitehorse,sam.whitehorse@juniperflats.example,Principal,Mesa View Elementary
Ines Duarte,ines.duarte@juniperflats.example,Library Media Specialist,Juniper Flats Middle School
Lou Petersen,,Custodian,Sagebrush Elementary
"""
# Somebody who is there besides the four, and the posts of single buildings: title → building, who holds it.
HERE_TOO = {"nora": ("Nora Whitfield", "viewer")}
POSTS = {
    "Principal, Mesa View Elementary": ("Mesa View Elementary", ["nora"]),
    "Principal, Juniper Flats High School": ("Juniper Flats High School", ["kim"]),
}

VISION = (
    "Every learner in Juniper Flats can find things out, judge what they find and make something of their own with "
    "technology, at school and at home, taught by people who feel sure of it."
)
HOW_WE_KNOW = (
    "Each spring, eight in ten students show one piece of work that they could not have made without these tools, and "
    "say who helped them."
)
THEMES = [
    (
        "Access",
        "A device that works and a connection that holds, in every classroom and at every kitchen table.",
    ),
    ("Teaching", "Teachers choose a tool because it helps somebody learn, and have someone to ask."),
    ("Safety and belonging", "What we know about a child stays with the people who need it."),
]


@dataclass(frozen=True)
class Said:
    """Something that an owner did or said, so many weeks from today."""

    week: float
    verb: str  # on_track, at_risk, slipping, done, decide, pause, drop
    who: str = "dana"
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class M:
    """A milestone: its first date in weeks from today, and what happened to it."""

    title: str
    due: float
    story: tuple[Said, ...] = ()
    quiet_from: float | None = (
        None  # first of the regular one-tap check-ins, every five weeks until the story ends
    )


@dataclass(frozen=True)
class B:
    """What a building is to reach: its date in weeks from today, what happened, what differs there and which post leads."""

    building: str
    due: float
    story: tuple[Said, ...] = ()
    differs: str = ""
    lead: str | None = None


@dataclass(frozen=True)
class S:
    """An action step. `buildings` all reach the milestone `in_buildings`, each in its own time."""

    title: str
    lead: str | None
    milestones: tuple[M, ...] = ()
    support: tuple[str, ...] = ()
    kind: str = "one-time"
    starts: float = -100
    review: float | None = None
    building: str | None = None
    cost: str = ""
    evidence: str = ""
    measure: dict[str, Any] | None = None
    in_buildings: str = ""
    buildings: tuple[B, ...] = ()


def ok(week: float, words: str = "", who: str = "dana", sure: str = "sure") -> Said:
    return Said(week, "on_track", who, {"words": words, "how_sure": sure})


def risk(week: float, words: str, who: str = "dana", sure: str = "fairly") -> Said:
    return Said(week, "at_risk", who, {"words": words, "how_sure": sure})


def slipping(
    week: float, to: float, reason: str, words: str, would_help: str = "", who: str = "dana", **more
) -> Said:
    details = {
        "to": to,
        "reason": reason,
        "words": words,
        "would_help": would_help,
        "how_sure": "fairly",
        **more,
    }
    return Said(week, "slipping", who, details)


def agreed(week: float, note: str = "") -> Said:
    return Said(week, "decide", "kim", {"accept": True, "note": note})


def kept(week: float, note: str) -> Said:
    return Said(week, "decide", "kim", {"accept": False, "note": note})


def done(week: float, evidence: str, who: str = "dana", link: str = "") -> Said:
    return Said(week, "done", who, {"evidence": evidence, "evidence_link": link})


DEVICES = (
    S(
        "Choose one device for grades 6 to 12 with the people who will use it",
        "Technology Coordinator",
        (
            M(
                "Three devices tried in six classrooms",
                -88,
                (done(-89, "Notes of six teachers and 41 students"),),
                -98,
            ),
            M("One device chosen", -80, (done(-79, "Committee minutes"),), -86),
        ),
        support=("Technology Committee",),
        evidence="A choice that six teachers and forty students have tried",
    ),
    S(
        "Hand out devices, building by building",
        "Technology Coordinator",
        (
            M(
                "Middle school: every learner has one",
                -52,
                (
                    slipping(
                        -56,
                        -44,
                        "vendor",
                        "The second pallet ships late.",
                        "Nothing; the vendor confirmed a day.",
                    ),
                    agreed(-55, "Agreed. Thank you for saying it early."),
                    done(-45, "212 of 212 signed out"),
                ),
                -76,
            ),
            M(
                "High school, grades 9 and 10",
                -26,
                (
                    risk(-33, "The charging carts have no outlets in four rooms."),
                    done(-27, "188 of 190 signed out; two moved away"),
                ),
                -42,
            ),
            M(
                "High school, grades 11 and 12",
                -6,
                (
                    slipping(
                        -12,
                        5,
                        "money",
                        "The gym wing must be wired first; the estimate is $48,000.",
                        "A decision on the wiring by the end of the month",
                    ),
                    agreed(-11, "Agreed; the wiring goes to the Board."),
                    ok(-6, "Devices are in the building, in boxes."),
                    risk(-1.2, "The electrician can start the week after the Board decides.", sure="not"),
                ),
                -24,
            ),
            M(
                "Gym wing labs wired",
                -24,
                (
                    slipping(
                        -60,
                        -14,
                        "decision",
                        "The levy vote moved to spring.",
                        "Nothing yet; we plan for a yes.",
                    ),
                    agreed(-59, "Agreed."),
                    slipping(
                        -31,
                        -1,
                        "money",
                        "Two bids came in, both above what we set aside.",
                        "A second look at the scope with facilities",
                    ),
                    agreed(-30, "Agreed; the scope stays."),
                    ok(-12, "The drawings are done."),
                    slipping(
                        -0.9,
                        9,
                        "decision",
                        "We need the Board's vote before we can sign.",
                        "Put it on the agenda of the next meeting",
                    ),
                ),
                -70,
            ),
        ),
        support=("Network Technician",),
        building="Juniper Flats High School",
        cost="$140,000 over two years, capital levy",
        evidence="Every learner in grades 6 to 12 has signed for a device",
        measure={
            "name": "Learners with a device",
            "unit": "learners",
            "baseline": 96,
            "target": 610,
            "target_week": 20,
            "readings": [(-90, 96), (-45, 308), (-27, 496), (-8, 503)],
        },
    ),
    S(
        "Replace what is past its life, every year",
        "Technology Coordinator",
        (
            M("First replacement list", -70, (done(-70.5, "List of 84 machines"),), -84),
            M("Second replacement list", -18, (done(-17, "List of 61 machines"),), -30),
            M("Third replacement list", 34, (), None),
        ),
        kind="recurring",
        cost="District budget",
    ),
)

WIFI = (
    S(
        "Cable and equip every classroom",
        "Network Technician",
        (
            M("Sagebrush Elementary", -66, (done(-67, "Signal test in 18 rooms"),), -80),
            M("Mesa View Elementary", -54, (done(-50, "Signal test in 16 rooms"),), -64),
            M(
                "Middle school",
                -34,
                (
                    slipping(-40, -28, "calendar", "Testing weeks: no drilling until they are over."),
                    agreed(-39.5, "Agreed."),
                    done(-29, "Signal test in 24 rooms; slowest room 210 Mbps"),
                ),
                -50,
            ),
            M("High school", -14, (done(-15, "Signal test in 38 rooms"),), -28),
        ),
        support=("Technology Coordinator",),
        cost="$92,000, E-Rate category two",
        evidence="A signal test in every room",
        measure={
            "name": "Classrooms with a tested signal",
            "unit": "rooms",
            "baseline": 0,
            "target": 96,
            "target_week": -14,
            "readings": [(-67, 18), (-50, 34), (-29, 58), (-15, 96)],
        },
    ),
    S(
        "Watch the network and answer within a day",
        "Network Technician",
        kind="ongoing",
        review=10,
        evidence="Tickets answered within one school day",
    ),
)

HOME = (
    S(
        "Find out who has no connection at home",
        "Library Media Specialist",
        (
            M(
                "Family survey in English and Spanish",
                -44,
                (done(-41, "318 of 540 households answered", who="kim"),),
                None,
            ),
            M("Second survey of families who did not answer", -4, (), None),
        ),
        support=("Technology Committee",),
        evidence="Answers from nine in ten households",
    ),
    S(
        "Lend hotspots through the school libraries",
        "Library Media Specialist",
        (
            M("Forty hotspots ready to lend", 7, (), None),
            M(
                "Parking-lot Wi-Fi at Mesa View",
                -10,
                (Said(-22, "drop", "kim", {"reason": "The town library now covers that street."}),),
                None,
            ),
        ),
        starts=-8,
        cost="Reserve, $9,600 a year",
    ),
    S(
        "Agree on a low price with a provider",
        "Superintendent",
        (
            M(
                "Offer in writing from two providers",
                15,
                (
                    ok(-9, "Both providers have our numbers.", "kim"),
                    slipping(
                        -2,
                        21,
                        "vendor",
                        "One of the two wants to wait for its own budget year.",
                        "A joint letter with the neighbouring districts",
                        "kim",
                    ),
                ),
                None,
            ),
            M(
                "First ten families connected",
                20,
                (
                    slipping(-46, 28, "vendor", "The provider builds north of the river first.", "", "kim"),
                    slipping(
                        -14,
                        40,
                        "vendor",
                        "Its permits took the whole summer.",
                        "A word with the county",
                        "kim",
                    ),
                ),
                None,
            ),
        ),
        starts=-70,
    ),
)

COACHING = (
    S(
        "Hire five coaches",
        "Curriculum Director",
        (
            M("Two coaches at work", -62, (done(-60, "Contracts signed", "kim"),), -75),
            M(
                "Third coach at work",
                -36,
                (
                    slipping(-38, -24, "person", "Two candidates declined.", who="kim"),
                    slipping(-25, -12, "person", "Posted again; four applied.", who="kim"),
                    done(-13, "Contract signed", "kim"),
                ),
                -58,
            ),
            M(
                "All five coaches at work",
                -5,
                (
                    slipping(-18, 7, "person", "No applicant for the high school.", who="kim"),
                    slipping(
                        -2.5,
                        27,
                        "person",
                        "Two positions are unfilled; the substitute pool could cover one.",
                        "Leave to hire from the substitute pool",
                        "kim",
                        sure="not",
                        off_track=True,
                    ),
                ),
                -34,
            ),
        ),
        support=("Technology Coordinator",),
        cost="$85,000 a year, general fund and Title II-A",
        evidence="A coach in each building, one day a week",
    ),
    S(
        "Every teacher plans one lesson with a coach",
        "Technology Coordinator",
        (
            M("Elementary schools, first round", -20, (done(-20.4, "46 lesson plans"),), -32),
            M(
                "All buildings, second round",
                18,
                (
                    ok(-7, "Elementary plans are in; the middle school starts next.", sure="fairly"),
                    ok(-0.6, "The middle school has its dates.", sure="fairly"),
                ),
                None,
            ),
            M(
                "Two rounds in every building",
                4,
                (
                    slipping(-50, 12, "person", "One coach at work, two more by spring."),
                    agreed(-49, "Agreed."),
                    slipping(-24, 22, "calendar", "Testing weeks leave no room for planning days."),
                    agreed(-23, "Agreed; the second round moves to the new year."),
                    slipping(
                        -3,
                        46,
                        "person",
                        "Two buildings have no coach until the posts are filled.",
                        "Two more coaches",
                    ),
                    agreed(-2, "Agreed, with regret. The posts come first."),
                ),
                -64,
            ),
        ),
        support=("Curriculum Director",),
        measure={
            "name": "Teachers who planned with a coach",
            "unit": "teachers",
            "baseline": 0,
            "target": 74,
            "target_week": 46,
            "readings": [(-30, 12), (-20, 46), (-7, 51)],
        },
    ),
    S(
        "An afternoon with the new tools in every building",
        "Technology Coordinator",
        starts=-30,
        support=("Curriculum Director",),
        in_buildings="Every teacher has had an afternoon with the new tools",
        buildings=(
            B("Sagebrush Elementary", -9, (done(-10, "18 of 18 teachers came"),)),
            B(
                "Mesa View Elementary",
                11,
                (ok(-1.5, "The date stands on the staff calendar.", "nora"),),
                "Two teachers share one room until the roof is done, so the afternoon is held in two groups.",
                "Principal, Mesa View Elementary",
            ),
            B("Juniper Flats Middle School", -7, (done(-7.5, "24 of 25 teachers came"),)),
            B(
                "Juniper Flats High School",
                16,
                (risk(-1, "Without a coach nobody can lead the afternoon.", "kim", sure="not"),),
                "Held after the other schools: the testing weeks leave no afternoon free before.",
                "Principal, Juniper Flats High School",
            ),
            B("Cottonwood Early Learning Center", 9, (ok(-0.6, "Planned with the two elementary schools."),)),
            B("District Office", 22),
        ),
    ),
    S(
        "Workshop week, every year",
        "Technology Coordinator",
        (
            M("Second workshop week", -22, (done(-22, "31 teachers, three days"),), -40),
            M("Third workshop week", 31, (), None),
        ),
        kind="recurring",
        starts=-60,
    ),
    S(
        "A page where teachers share what worked",
        None,
        (
            M(
                "Page open to all teachers",
                12,
                (
                    Said(
                        -5,
                        "pause",
                        "dana",
                        {"until": 8, "reason": "Until the coaches are hired there is nobody to keep it."},
                    ),
                ),
                None,
            ),
        ),
        starts=-20,
    ),
)

PRIVACY = (
    S(
        "An agreement with every vendor who holds student data",
        "Technology Coordinator",
        (
            M("List of every vendor", -72, (done(-71, "58 vendors, by building"),), -84),
            M("Twenty-five signed", -40, (done(-39, "26 signed"),), -66),
            M("Forty signed", -8, (done(-9, "41 of 58 signed"),), -36),
            M(
                "Letters to the last seventeen vendors",
                -0.4,
                (done(-0.6, "Seventeen letters, sent together"),),
                -14,
            ),
            M(
                "Fifty signed",
                4,
                (
                    ok(-4, "Nine letters are out.", sure="fairly"),
                    ok(-0.5, "44 of 58 signed.", sure="sure"),
                ),
                None,
            ),
            M(
                "All signed or replaced",
                24,
                (ok(-0.5, "Three small vendors may have to be replaced.", sure="fairly"),),
                None,
            ),
        ),
        support=("Library Media Specialist",),
        evidence="A signed agreement on file for each vendor",
        measure={
            "name": "Agreements signed",
            "unit": "agreements",
            "baseline": 0,
            "target": 58,
            "target_week": 24,
            "readings": [(-60, 9), (-39, 26), (-22, 33), (-9, 41), (-0.5, 44)],
        },
    ),
    S(
        "Review who may open student records",
        "Superintendent",
        (
            M("Review, second year", -30, (done(-28, "14 accounts closed", "kim"),), None),
            M("Review, third year", 22, (ok(-5, "The list of accounts is drawn up.", "kim"),), None),
        ),
        kind="recurring",
        starts=-52,
    ),
    S(
        "Sign-in with a second step for all staff",
        "Technology Coordinator",
        (M("Pilot with the office staff", 9, (), None), M("All staff", 30, (), None)),
        starts=3,
    ),
)

# Goal → its themes → initiatives: (title, why, one sentence, sponsor, themes, steps)
GOALS = [
    ("Every learner has what they need to connect", [0], [
        ("A device for every learner, grades 6–12", "A third of our learners do homework on a telephone.",
         "Four of six grades are done; the last two wait for wiring in the gym wing.", "Superintendent", [0, 1], DEVICES),
        ("Reliable Wi-Fi in every classroom", "Lessons should not stop when a second class goes online.",
         "Installed and tested in all 96 rooms.", "Superintendent", [0], WIFI),
        ("Home internet for families who need it", "Forty families said that they have none.",
         "Nobody holds the library post that leads this.", "Board of Education", [0, 2], HOME),
    ]),
    ("Teachers are sure of the tools they teach with", [1], [
        ("Teacher coaching in every building", "A tool without a colleague to ask stays in its box.",
         "Three of five coaches are at work.", "Superintendent", [1], COACHING),
    ]),
    ("What we know about students stays safe", [2], [
        ("Student data privacy agreements", "Parents ask us where their children's data goes; we should know.",
         "44 of 58 vendors have signed.", "Superintendent", [2], PRIVACY),
    ]),
]  # fmt: skip

# As of which week, for a meeting in which week, and what the board is asked that night.
REPORTS = [
    (-9, -8.4, "Nothing tonight."),
    (0, 0.3, "Decide: approve $48,000 from the technology reserve for the wiring of the gym wing.\n"
             "For information: the coaches come later; the new date is in the table below."),
]  # fmt: skip

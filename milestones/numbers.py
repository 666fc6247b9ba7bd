"""A measure in words and as a small drawing: the number is always in the text, the drawing only repeats it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import F, Prefetch, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from milestones.models import Measure, Reading

SHOWN = 6
WIDE, HIGH, EDGE = 160, 40, 4


@dataclass(frozen=True)
class Shown:
    """A measure with its last readings, the latest first."""

    measure: Measure
    readings: list[Reading]

    @property
    def latest(self) -> Reading | None:
        return self.readings[0] if self.readings else None

    @property
    def words(self) -> str:
        """Return "41 of 58 agreements" for what is counted up to a target, else value and target apart."""
        m, unit = self.measure, self.measure.unit
        if self.latest is None:
            return _("Nothing counted yet")
        value = plain(self.latest.value)
        if m.target is None:
            return f"{value} {unit}".strip()
        named = {"value": value, "target": plain(m.target), "unit": unit}
        if self.counts_up:
            return (_("%(value)s of %(target)s %(unit)s") % named).strip()
        return _("%(value)s, target %(target)s") % {**named, "value": f"{value} {unit}".strip()}

    @property
    def counts_up(self) -> bool:
        """Whether there are things counted toward a target: only then a bar says what it seems to say."""
        m = self.measure
        return bool(
            self.latest
            and m.direction == m.Direction.MORE
            and m.target
            and m.target > 0
            and self.latest.value >= 0
        )

    @property
    def bar(self) -> str:
        """The length of the bar, of 100."""
        return f"{min(Decimal(100), 100 * self.latest.value / self.measure.target):.1f}"

    @property
    def line(self) -> "Line | None":
        """The last readings as a line; one point is no line."""
        return Line.through(self.readings[::-1], self.measure.target) if len(self.readings) > 1 else None


@dataclass(frozen=True)
class Line:
    """Coordinates in a drawing of WIDE × HIGH, as text for SVG attributes."""

    points: str
    last_x: str
    last_y: str
    target_y: str

    @classmethod
    def through(cls, readings: list[Reading], target: Decimal | None) -> "Line":
        values = [float(r.value) for r in readings]
        low, high = _ends([*values, *([float(target)] if target is not None else [])])
        first, last = readings[0].on.toordinal(), readings[-1].on.toordinal()

        def x(n: int) -> float:
            share = (
                (readings[n].on.toordinal() - first) / (last - first)
                if last > first
                else n / (len(readings) - 1)
            )
            return EDGE + share * (WIDE - 2 * EDGE)

        def y(value: float) -> float:
            return HIGH - EDGE - (value - low) / (high - low) * (HIGH - 2 * EDGE)

        spots = [(f"{x(n):.1f}", f"{y(value):.1f}") for n, value in enumerate(values)]
        return cls(
            points=" ".join(f"{across},{down}" for across, down in spots),
            last_x=spots[-1][0],
            last_y=spots[-1][1],
            target_y=f"{y(float(target)):.1f}" if target is not None else "",
        )


def _ends(values: list[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 1, high + 1)


def plain(value: Decimal) -> str:
    """Return a number without needless decimals, its thousands apart."""
    text = f"{value:f}"
    return str(intcomma(text.rstrip("0").rstrip(".") if "." in text else text))


def with_latest(measures: QuerySet[Measure]) -> list[Shown]:
    """Return `measures` with their last readings: two queries for any number of them."""
    rank = Window(RowNumber(), partition_by=F("measure_id"), order_by=[F("on").desc(), F("pk").desc()])
    last = (
        Reading.objects.annotate(rank=rank)
        .filter(rank__lte=SHOWN)
        .select_related("by")
        .order_by("-on", "-pk")
    )
    found: Iterable[Measure] = measures.prefetch_related(
        Prefetch("readings", queryset=last, to_attr="last_readings")
    )
    return [Shown(measure, measure.last_readings) for measure in found]

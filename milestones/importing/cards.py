"""Forms that stand upright: a label to the left, what it says to the right, one form a step."""

from dataclasses import dataclass

from milestones.importing import columns as c
from milestones.importing.found import Found

FIELDS = {
    c.GOAL: "goal", c.OBJECTIVE: "objective", c.STEP: "step", c.OWNER: "who", c.WHEN: "when", c.DUE: "due", c.START: "start",
    c.COST: "cost", c.EVIDENCE: "evidence", c.STATUS: "status",
}  # fmt: skip


@dataclass(slots=True)
class Cards:
    found: list[Found]

    def under(self, context):
        """The rows, below the goal and objective that stand in the text above them or in an earlier form."""
        for row in self.found:
            if row.goal:
                context.set_goal(row.goal)
            if row.objective:
                context.set_objective(row.objective)
            row.goal, row.objective = row.goal or context.goal, row.objective or context.objective
            context.come_under(row)
        return self.found


def rows_of(block):
    """The rows of an upright form, or none when the block is something else."""
    pairs = [(line, [cell for cell in line.cells if cell.text]) for line in block.lines]
    named = [c.field_of(cells[0].text) if len(cells) == 2 else None for _, cells in pairs]
    known = [name for name in named if name in FIELDS]
    if c.STEP not in known or len(set(known)) < 3 or len(known) < 0.7 * len(pairs):
        return []
    right = [c.field_of(cells[1].text) for _, cells in pairs if len(cells) == 2]
    if sum(name not in (None, c.YEAR, c.WHEN) for name in right) > len(right) // 3:
        return []  # headings to the right as well: a table of two columns
    found, loose = [], []
    for (line, cells), name in zip(pairs, named, strict=True):
        if name not in FIELDS:
            loose.append(" ".join(cell.text for cell in cells))
            continue
        begins = not found or getattr(found[-1], FIELDS[name]) or (name == c.STEP and found[-1].step)
        if begins or (name in (c.GOAL, c.OBJECTIVE) and found[-1].step):
            found.append(Found(source=line.source, has_owner_column=True, has_when_column=True, notes=loose))
            loose = []
        row = found[-1]
        if any(cell.formula for cell in cells):
            row.problem = f"A formula stands in {line.source}; only written values are read"
        else:
            setattr(row, FIELDS[name], cells[1].text)
        row.cells.extend(cell.text for cell in cells)
    found[-1].notes.extend(loose)
    return _with_goals_first(found)


def _with_goals_first(found):
    """A form that only names the goal heads the forms after it."""
    out, goal, objective = [], "", ""
    for row in found:
        goal, objective = row.goal or goal, row.objective or ("" if row.goal else objective)
        if not (row.step or row.who or row.when or row.due or row.problem):
            continue
        row.goal, row.objective = goal, objective
        out.append(row)
    return out

"""What a migration may do while the version before it still runs: add, and nothing else.

The old version goes on reading and writing while `migrate` runs and until it is stopped. It writes rows without the new
columns, reads the columns that it knows, and waits for no lock. `faults` goes over the operations of migrations.
"""

from collections.abc import Iterator

from django.db import models
from django.db.migrations import Migration
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

# What no old version notices: it loosens, or changes nothing in the database.
HARMLESS = (
    ops.CreateModel,
    ops.RemoveConstraint,
    ops.RemoveIndex,
    ops.AlterModelOptions,
    ops.AlterModelManagers,
    ops.AlterModelTableComment,
)


def faults(
    app: str, name: str, loader: MigrationLoader, *, known: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield what the old version would notice of a migration: the operation's name, and why.

    `known` are the (app, model) that the old version has.
    """
    migration = loader.graph.nodes[app, name]
    state = loader.project_state((app, name), at_end=False)
    added = added_fields(migration)
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(app, state)
        model = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
        if isinstance(operation, HARMLESS) or ((app, model) not in known and not _is_free(operation)):
            continue
        if why := _why_not(operation, app, before, state, added):
            yield f"{type(operation).__name__} {_what(operation)}", why


def added_fields(migration: Migration) -> set[tuple[str, str]]:
    return {(one.model_name_lower, one.name) for one in migration.operations if isinstance(one, ops.AddField)}


def _is_free(operation: ops.base.Operation) -> bool:
    """Whether it may do anything, to whatever table."""
    return isinstance(operation, ops.RunPython | ops.RunSQL | ops.SeparateDatabaseAndState)


def _what(operation: ops.base.Operation) -> str:
    if isinstance(operation, ops.AddConstraint):
        return operation.constraint.name
    if isinstance(operation, ops.AddIndex):
        return operation.index.name
    if isinstance(operation, ops.RunPython):
        return operation.code.__name__
    return ".".join(filter(None, (getattr(operation, "model_name", ""), getattr(operation, "name", ""))))


def _why_not(
    operation: ops.base.Operation,
    app: str,
    before: ProjectState,
    after: ProjectState,
    added: set[tuple[str, str]],
) -> str:
    """Return why the old version would notice it; empty when it would not."""
    if isinstance(operation, ops.AddField):
        field = operation.field
        if field.many_to_many or field.null or field.has_db_default():
            return ""
        return "the old version writes rows without it: let it be null, or give it a db_default"
    if isinstance(operation, ops.AlterField):
        old = before.models[app, operation.model_name_lower].fields[operation.name]
        return _narrower(old, operation.field)
    if isinstance(operation, ops.AddConstraint):
        columns = columns_of(operation.constraint)
        if columns and all((operation.model_name_lower, name) in added for name in columns - {"district"}):
            return ""
        return "the old version may write rows that break it"
    if isinstance(operation, ops.AddIndex):
        return (
            "nobody can write to the table while it is built: say why it is small, or build it concurrently"
        )
    return "the old version may miss what it takes away or changes"


def _narrower(old: models.Field, new: models.Field) -> str:
    """Return how a column is not what it was; empty when the old version finds it as it knows it, or wider."""
    if type(old) is not type(new):
        return "its type is another one"
    if old.null and not new.null:
        return "it may be null no more"
    if old.db_column != new.db_column:
        return "its name is another one"
    if (new.max_length or 0) < (old.max_length or 0) and not isinstance(new, models.TextField):
        return "it is shorter"
    if new.unique and not old.unique:
        return "it is unique now"
    if old.has_db_default() and not new.has_db_default():
        return "it has no db_default any more"
    return ""


def columns_of(constraint: models.BaseConstraint) -> set[str]:
    """Return the fields that a constraint speaks of."""
    found = set(getattr(constraint, "fields", ()))
    for part in (getattr(constraint, "condition", None), *getattr(constraint, "expressions", ())):
        if part is not None:
            found |= set(_names(part))
    return found


def _names(part: object) -> Iterator[str]:
    if isinstance(part, models.Q):
        for child in part.children:
            if isinstance(child, models.Q):
                yield from _names(child)
            elif isinstance(child, tuple):
                yield child[0].partition("__")[0]
                yield from _names(child[1])
            else:
                yield from _names(child)
    elif isinstance(part, models.F):
        yield part.name.partition("__")[0]
    elif hasattr(part, "get_source_expressions"):
        for source in part.get_source_expressions():
            yield from _names(source)

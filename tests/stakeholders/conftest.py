from tests.milestones.conftest import on_today  # noqa: F401

from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture
def on_today():
    """Let it be noon of tests.builders.TODAY in Denver."""
    with time_machine.travel(datetime(2026, 11, 17, 19, tzinfo=UTC), tick=False):
        yield

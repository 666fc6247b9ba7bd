"""The file-system broker, with real processes at both ends."""

import json
import os
import subprocess
import sys
import time
import uuid
from queue import Empty

import pytest
from kombu import Connection

PRODUCER = """
import sys
from kombu import Connection
folder, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
from tests.district_plan.test_broker import connect
with connect(folder) as connection:
    queue = connection.SimpleQueue("plan")
    for number in range(count):
        queue.put({"from": name, "number": number, "ballast": "x" * 20_000})
"""

CONSUMER = """
import sys, time
from queue import Empty
from tests.district_plan.test_broker import connect
folder, until_idle = sys.argv[1], 3.0
with connect(folder) as connection:
    queue = connection.SimpleQueue("plan")
    while True:
        try:
            message = queue.get(timeout=until_idle)
        except Empty:
            break
        print(message.payload["from"], message.payload["number"], flush=True)
        message.ack()
"""


def connect(folder) -> Connection:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": f"{folder}/control",
        "polling_interval": 0.001,
    }
    return Connection("filesystem://", transport="district_plan.broker:Transport", transport_options=options)


def start(code: str, *arguments: object, **more) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], text=True, **more)


@pytest.mark.slow
def test_no_message_is_lost_or_doubled_between_two_producers_and_two_consumers(tmp_path):
    consumers = [start(CONSUMER, tmp_path, stdout=subprocess.PIPE) for _ in range(2)]
    producers = [start(PRODUCER, tmp_path, name, 500) for name in ("a", "b")]

    received = [line for consumer in consumers for line in consumer.communicate(timeout=120)[0].splitlines()]

    assert [producer.wait() for producer in producers] == [0, 0]
    assert [consumer.returncode for consumer in consumers] == [0, 0]
    assert sorted(received) == sorted(f"{name} {number}" for name in ("a", "b") for number in range(500))
    assert list(tmp_path.glob("*.msg*")) == []


@pytest.fixture
def queue(tmp_path):
    """A queue of its own name: kombu remembers for the whole process which names it has bound."""
    with connect(tmp_path) as connection:
        yield connection.SimpleQueue(f"plan-{uuid.uuid4().hex}")


def file_in(folder, queue, name: str, ending: str = ""):
    return folder / f"{name}.{queue.queue.name}.msg{ending}"


def test_messages_come_out_in_the_order_in_which_they_went_in(queue):
    for number in range(20):
        queue.put(number)

    assert [queue.get(timeout=1).payload for _ in range(20)] == list(range(20))


def test_a_message_s_name_says_when_it_was_sent_and_where_to(queue, tmp_path):
    queue.put("whole")

    [name] = [path.name for path in tmp_path.iterdir() if path.is_file()]
    moment, _, rest = name.partition("_")
    assert len(moment) == 20
    assert abs(int(moment) - time.time_ns()) < 60e9
    assert rest.endswith(f".{queue.queue.name}.msg")


@pytest.mark.parametrize("content", [b"", b'{"body": "half', b"\xff\xfe not text", b"not json", b"[]", b"{}"])
def test_a_file_that_cannot_be_read_is_set_aside_and_the_next_one_is_taken(queue, tmp_path, content):
    bad = file_in(tmp_path, queue, f"{1:020d}_bad")
    bad.write_bytes(content)
    queue.put("good")

    assert queue.get(timeout=1).payload == "good"

    assert not bad.exists()
    assert (tmp_path / "unreadable" / bad.name).read_bytes() == content


def test_a_half_written_message_is_not_seen(queue, tmp_path):
    file_in(tmp_path, queue, f"{1:020d}_half", ".new").write_text('{"body":')

    with pytest.raises(Empty):
        queue.get(timeout=0.1)


def test_another_queue_s_message_stays_where_it_is(queue, tmp_path):
    other = file_in(tmp_path, queue, f"{1:020d}_theirs").with_suffix(".other.msg")
    other.write_text("{}")

    with pytest.raises(Empty):
        queue.get(timeout=0.1)

    assert other.exists()


def test_what_a_killed_process_left_half_done_is_removed_after_an_hour(queue, tmp_path):
    old, young = file_in(tmp_path, queue, "1_x", ".new"), file_in(tmp_path, queue, "2_x", ".taken")
    for path in (old, young):
        path.touch()
    os.utime(old, (time.time() - 3700,) * 2)

    with pytest.raises(Empty):
        queue.get(timeout=0.1)

    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.slow
def test_bindings_made_by_many_processes_at_once_are_all_kept(tmp_path):
    code = """
import sys
from tests.district_plan.test_broker import connect
with connect(sys.argv[1]) as connection:
    channel = connection.channel()
    for number in range(20):
        channel._queue_bind("all", "key", "", f"{sys.argv[2]}-{number}")
        assert channel.get_table("all")
"""
    processes = [start(code, tmp_path, name) for name in "abcd"]

    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    bound = json.loads((tmp_path / "control" / "all.exchange").read_text())
    assert {binding[2] for binding in bound} == {
        f"{name}-{number}" for name in "abcd" for number in range(20)
    }

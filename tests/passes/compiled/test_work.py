"""Threads that a loop is given to, and what is told to and fro."""

import threading
import time

import pytest

from pellucid.errors import ConfigurationError
from pellucid.passes.compiled import work
from pellucid.passes.compiled.work import Flags, cores, share_out


def test_flags_stand_where_their_addresses_say():
    flags = Flags()
    assert (flags.stop, flags.done) == (False, 0)
    flags.stop, flags.done = True, 7
    assert (flags.stop, flags.done) == (True, 7)
    flags.stop = False
    flags.ask_to_stop()
    assert flags.stop
    assert flags.done_at - flags.stop_at == flags.stop_at % 64 + 64  # cache lines of their own


def test_as_many_threads_as_cores_unless_said(monkeypatch):
    monkeypatch.delenv("PELLUCID_THREADS", raising=False)
    assert cores() >= 1
    monkeypatch.setenv("PELLUCID_THREADS", "3")
    assert cores() == 3


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "100000", ""])
def test_what_is_no_number_of_threads(said, monkeypatch):
    monkeypatch.setenv("PELLUCID_THREADS", said)
    with pytest.raises(ConfigurationError, match="PELLUCID_THREADS"):
        cores()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_all_threads_are_there_at_once(threads):
    meeting, seen = threading.Barrier(threads), []

    def together(number):
        meeting.wait(timeout=10)
        seen.append(number)
        return 10 + number

    assert share_out(together, threads, lambda: None) == 10
    assert sorted(seen) == list(range(threads))


def test_more_works_side_by_side_than_cores():
    meeting = threading.Barrier(20)

    def alone():
        share_out(lambda number: meeting.wait(timeout=10), 1, lambda: None)

    several = [threading.Thread(target=alone) for _ in range(20)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join(timeout=20)
    assert not meeting.broken


def test_a_work_is_waited_for_when_the_waiting_is_broken_off(monkeypatch):
    stopped, ended = threading.Event(), []
    waits = iter([KeyboardInterrupt])
    wait = work.wait

    def interrupted(futures):
        for error in waits:
            raise error
        return wait(futures)

    def slow(number):
        assert stopped.wait(timeout=10)
        time.sleep(0.05)
        ended.append(number)
        return 0

    monkeypatch.setattr(work, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        share_out(slow, 1, stopped.set)
    assert ended == [0]  # its memory may go away now

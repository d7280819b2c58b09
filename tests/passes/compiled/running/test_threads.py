"""Threads that share the work of a loop."""

import threading
import time

import pytest

from pellucid.errors import ConfigurationError
from pellucid.passes.compiled.running import threads as work
from pellucid.passes.compiled.running.threads import cores, share_out


def test_as_many_threads_as_cores_unless_said(monkeypatch):
    monkeypatch.delenv("PELLUCID_THREADS", raising=False)
    assert cores() >= 1
    monkeypatch.setenv("PELLUCID_THREADS", "3")
    assert cores() == 3


@pytest.mark.parametrize(
    ("said", "expected"), [("1", 1), ("0", 1), ("100000", None), ("4,2", None), ("", None)]
)
def test_no_more_threads_than_a_worker_of_joblib_may_have(said, expected, monkeypatch):
    monkeypatch.delenv("PELLUCID_THREADS", raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    everywhere = cores()
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert cores() == (expected or everywhere)


@pytest.mark.parametrize("said", ["0", "-1", "many", "1.5", "100000", ""])
def test_what_is_no_number_of_threads(said, monkeypatch):
    monkeypatch.setenv("PELLUCID_THREADS", said)
    with pytest.raises(ConfigurationError, match="PELLUCID_THREADS"):
        cores()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_all_threads_are_there_at_once(threads):
    barrier, seen = threading.Barrier(threads), []

    def together(number):
        barrier.wait(timeout=10)
        seen.append(number)
        return 10 + number

    assert share_out(together, threads, lambda: None) == 10
    assert sorted(seen) == list(range(threads))


def test_more_works_side_by_side_than_cores():
    barrier = threading.Barrier(20)

    def alone():
        share_out(lambda number: barrier.wait(timeout=10), 1, lambda: None)

    several = [threading.Thread(target=alone) for _ in range(20)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join(timeout=20)
    assert not barrier.broken


def test_outside_the_main_thread_a_single_work_needs_no_other():
    where = []

    def alone():
        share_out(lambda number: where.append(threading.current_thread()) or 0, 1, lambda: None)

    thread = threading.Thread(target=alone)
    thread.start()
    thread.join(timeout=10)
    assert where == [thread]
    alone()  # here it needs one: this thread stays open to signals
    assert where[1] is not threading.main_thread()


def test_what_a_work_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        share_out(lambda number: number // number, 3, lambda: None)


@pytest.mark.parametrize("interrupts", [1, 3])
def test_a_work_is_waited_for_however_often_the_waiting_is_broken_off(interrupts, monkeypatch):
    stopped, ended = threading.Event(), []
    left = [KeyboardInterrupt] * interrupts
    wait = work._Group.wait

    def interrupted(group):
        if left:
            raise left.pop()
        wait(group)

    def slow(number):
        assert stopped.wait(timeout=10)
        time.sleep(0.05)
        ended.append(number)
        return 0

    monkeypatch.setattr(work._Group, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        share_out(slow, 2, stopped.set)
    assert sorted(ended) == [0, 1]  # their memory may go away now


def test_if_one_thread_cannot_be_started_none_begins(monkeypatch):
    start, begun, stopped = threading.Thread.start, [], []

    def refused(thread):
        if thread.name == "pellucid-2":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refused)
    with pytest.raises(RuntimeError, match="can't start"):
        share_out(lambda number: begun.append(number) or 0, 3, lambda: stopped.append(True))
    assert begun == []  # each would have waited for ever for the third
    assert stopped == [True]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pellucid-")]

"""One thread for BLAS while anybody trains, and as before after the last one."""

import os
import threading

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from pellucid.training.blas import one_blas_thread

_BLAS = ThreadpoolController().select(user_api="blas")


def n_threads():
    return [library["num_threads"] for library in _BLAS.info()]


@pytest.fixture(autouse=True)
def two_threads():
    with _BLAS.limit(limits=2):
        yield


def test_one_inside_and_as_before_after():
    before = n_threads()
    with one_blas_thread():
        assert set(n_threads()) == {1}
        with one_blas_thread():
            assert set(n_threads()) == {1}
        assert set(n_threads()) == {1}
    assert n_threads() == before


def test_as_before_after_an_error():
    before = n_threads()
    with pytest.raises(ZeroDivisionError), one_blas_thread():
        raise ZeroDivisionError
    assert n_threads() == before


def test_overlapping_in_threads_they_do_not_disturb_each_other():
    """The first to begin is the first to end: the second still has one thread, and then all is as before."""
    before, first_began, first_may_end, first_ended = n_threads(), *(threading.Event() for _ in range(3))

    def first():
        with one_blas_thread():
            first_began.set()
            first_may_end.wait(30)
        first_ended.set()

    thread = threading.Thread(target=first)
    thread.start()
    assert first_began.wait(30)
    with one_blas_thread():
        first_may_end.set()
        assert first_ended.wait(30)
        assert set(n_threads()) == {1}
    thread.join()
    assert n_threads() == before


@pytest.mark.parametrize("first", ["main", "other"])
def test_whichever_thread_has_set_limits_before(first):
    """Who has once set a limit through threadpoolctl is the only one who can, as long as it lives."""
    before, seen = n_threads(), []

    def limited():
        with one_blas_thread():
            seen.append(set(n_threads()))

    def in_another_thread(work):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    one, other = (limited, lambda: in_another_thread(limited))
    for work in (one, other) if first == "main" else (other, one):
        work()
        assert n_threads() == before
    assert seen == [{1}, {1}]


def test_warnings_of_overflow_are_silenced_in_this_thread_alone():
    seen = []

    def elsewhere():
        seen.append(np.geterr()["over"])

    with one_blas_thread():
        assert np.geterr()["over"] == "ignore"
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert seen == ["warn"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning", "ignore:.*fork:RuntimeWarning")
def test_a_fork_forgets_the_users_in_other_threads():
    began, may_end = threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            began.set()
            may_end.wait(30)

    thread = threading.Thread(target=other)
    thread.start()
    assert began.wait(30)
    child = os.fork()
    if child == 0:
        try:
            free = 1 not in n_threads()
            with one_blas_thread():
                held = set(n_threads()) == {1}
            os._exit(0 if free and held and 1 not in n_threads() else 1)
        finally:
            os._exit(2)
    may_end.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

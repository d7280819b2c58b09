"""Which signals are answered, by whom, and who answers them afterwards."""

import signal
import threading

import pytest

from pellucid import interruption as module
from pellucid.interruption import SIGNALS, Interruption, on_interruption

OTHERS = [number for number in SIGNALS if number != signal.SIGINT]


def mine(number, frame):
    raise AssertionError


@pytest.fixture
def put_back():
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


pytestmark = pytest.mark.usefixtures("put_back")


def test_windows_apart_there_are_three():
    assert [number.name for number in SIGNALS] == ["SIGINT", "SIGTERM", "SIGHUP"]


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_the_handlers_that_were_there_come_back(error):
    signal.signal(signal.SIGINT, mine)
    try:
        with on_interruption(print):
            assert all(isinstance(signal.getsignal(number), Interruption) for number in SIGNALS)
            if error:
                raise error
    except (ValueError, KeyboardInterrupt):
        pass
    assert signal.getsignal(signal.SIGINT) is mine
    assert [signal.getsignal(number) for number in OTHERS] == [signal.SIG_DFL] * len(OTHERS)


@pytest.mark.parametrize("number", OTHERS)
def test_what_the_program_does_itself_is_left_alone(number):
    signal.signal(number, mine)
    with on_interruption(print):
        assert signal.getsignal(number) is mine
    assert signal.getsignal(number) is mine


@pytest.mark.parametrize("number", SIGNALS)
def test_what_is_ignored_stays_so(number):
    signal.signal(number, signal.SIG_IGN)  # as nohup does, or a shell for what runs in the background
    with on_interruption(print) as interruption:
        signal.raise_signal(number)
        assert interruption.number is None
        assert signal.getsignal(number) == signal.SIG_IGN
    assert signal.getsignal(number) == signal.SIG_IGN


def test_a_handler_that_is_set_meanwhile_stays():
    with on_interruption(print):
        signal.signal(signal.SIGTERM, mine)
    assert signal.getsignal(signal.SIGTERM) is mine


def test_another_thread_changes_no_handler():
    seen = []

    def work():
        with on_interruption(print):
            seen.extend(map(signal.getsignal, SIGNALS))

    before = list(map(signal.getsignal, SIGNALS))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == before


@pytest.mark.parametrize("first", SIGNALS)
def test_the_innermost_answers_and_all_know_which_came_first(first):
    told = []
    with on_interruption(lambda again: told.append(("outer", again))) as outer:
        with on_interruption(lambda again: told.append(("inner", again))) as inner:
            signal.raise_signal(first)
            assert (outer.number, inner.number) == (first, first)
        for number in SIGNALS:
            signal.raise_signal(number)
        with on_interruption(lambda again: told.append(("next", again))):
            signal.raise_signal(first)
    # A signal that is sent again is no news; Ctrl-C is.
    assert told == [("inner", False), ("outer", True)] + [("next", True)] * (first == signal.SIGINT)
    assert outer.number == first
    with on_interruption(print) as another:
        assert another.number is None


def break_off(again):
    raise KeyboardInterrupt


def test_once_it_is_broken_off_no_signal_disturbs_what_is_tidied_up(monkeypatch):
    monkeypatch.setattr(module, "_CLEANUP", 60)
    with on_interruption(lambda again: pytest.fail("it was broken off already")):
        with on_interruption(break_off):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", SIGNALS)
def test_an_error_that_was_lost_does_not_make_a_program_unstoppable(monkeypatch, number):
    monkeypatch.setattr(module, "_CLEANUP", 0)
    with on_interruption(break_off):
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)


def test_ignored_to_the_end():
    with on_interruption(print) as interruption:
        interruption.ignore()
        for number in SIGNALS:
            signal.raise_signal(number)
    assert [signal.getsignal(number) for number in SIGNALS] == [signal.SIG_IGN] * len(SIGNALS)

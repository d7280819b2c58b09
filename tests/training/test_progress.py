"""Ctrl-C: the first ends the run in good order, the second at once."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from pellucid.training import Progress
from pellucid.training.progress import stop_on_interrupt

main_thread_only = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(),
    reason="Python takes signals in its main thread",
)


@main_thread_only
def test_the_first_sets_the_flag_the_second_ends_it():
    progress = Progress()
    with stop_on_interrupt(progress):
        assert not progress.stop
        signal.raise_signal(signal.SIGINT)
        assert progress.stop
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@main_thread_only
@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_the_handler_that_was_there_comes_back(error):
    def mine(number, frame):
        raise AssertionError

    before = signal.signal(signal.SIGINT, mine)
    try:
        try:
            with stop_on_interrupt(Progress()):
                assert signal.getsignal(signal.SIGINT) is not mine
                if error:
                    raise error
        except (ValueError, KeyboardInterrupt):
            pass
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_changes_no_handler():
    seen = []

    def work():
        with stop_on_interrupt(Progress()):
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


# Real signals, from outside: what was learned is kept, the old handler is back, a second one goes through.
PROGRAM = """
import os, signal, sys, threading, time
import numpy as np
import pellucid
from pellucid.training import Progress

x = np.random.default_rng(0).normal(size=(60, 2))
data = pellucid.load_data((x, (x[:, 0] > 0).astype(int)))

def interrupt(progress, times):
    while progress.epoch < 2:
        time.sleep(0.001)
    for _ in range(times):
        os.kill(os.getpid(), signal.SIGINT)
        while not progress.stop:  # two at once would be one
            time.sleep(0.001)

def go(times, *callbacks):
    network = pellucid.build_network(data, [4])
    progress = Progress()
    threading.Thread(target=interrupt, args=(progress, times)).start()
    return network, pellucid.train(
        network, data, learning_rate=0.01, epochs=10**7, schedule="constant", progress=progress,
        callbacks=callbacks,
    )

handler = signal.getsignal(signal.SIGINT)
network, model = go(1)
assert model.stopped == "interrupted", model.stopped
assert model.history.n_epochs >= 2
assert model.history[-1]["train_cost"] < model.history[0]["train_cost"]
assert signal.getsignal(signal.SIGINT) is handler
print("kept", flush=True)

def stuck(row):
    if row["epoch"] >= 2:
        time.sleep(10)

try:
    go(2, stuck)
except KeyboardInterrupt:
    assert signal.getsignal(signal.SIGINT) is handler
    print("at once", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a single process")
def test_real_signals():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    # The first run on a machine says that it makes machine code; nothing else is said.
    said = [line for line in done.stderr.splitlines() if not line.startswith("Making machine code")]
    assert said == []
    assert done.stdout.split("\n") == ["kept", "at once", ""]

"""Signals that ask to end: the first ends the run in good order, a Ctrl-C after it at once."""

import os
import signal
import subprocess
import sys
from contextlib import nullcontext

import pytest

from pellucid.interruption import SIGNALS
from pellucid.training import Progress
from pellucid.training.progress import stop_on_interruption


@pytest.mark.parametrize("second", SIGNALS)
@pytest.mark.parametrize("first", SIGNALS)
def test_the_first_sets_the_flag_and_a_second_ends_it_if_it_is_an_interrupt(first, second):
    progress = Progress(epoch=1)
    with stop_on_interruption(progress):
        assert not progress.stop
        signal.raise_signal(first)
        assert progress.stop
        with pytest.raises(KeyboardInterrupt) if second == signal.SIGINT else nullcontext():
            signal.raise_signal(second)


@pytest.mark.parametrize("number", SIGNALS)
def test_before_the_first_epoch_there_is_nothing_to_keep(number):
    progress = Progress()
    with stop_on_interruption(progress), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    assert not progress.stop


def test_a_run_that_a_rule_has_ended_is_kept_too():
    progress = Progress(epoch=5)
    progress.stop = True  # as early stopping does; now the model is being made and saved
    with stop_on_interruption(progress):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


# Real signals, from outside: what was learned is kept, the old handler is back, a second one goes through.
PROGRAM = """
import os, signal, sys, threading, time
import numpy as np
import pellucid
from pellucid.training import Progress

x = np.random.default_rng(0).normal(size=(60, 2))
data = pellucid.load_data((x, (x[:, 0] > 0).astype(int)))

stuck_in = []

def interrupt(progress, times):
    while progress.epoch < 2 or (times == 2 and not stuck_in):
        time.sleep(0.001)
    for sent in [number, signal.SIGINT][:times]:
        os.kill(os.getpid(), sent)
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

number = int(sys.argv[1])
handler = signal.getsignal(number)
network, model = go(1)
assert model.stopped == "interrupted", model.stopped
assert model.history.n_epochs >= 2
assert model.history[-1]["train_cost"] < model.history[0]["train_cost"]
assert signal.getsignal(number) is handler
print("kept", flush=True)

def stuck(row):
    if row["epoch"] >= 2:
        stuck_in.append(row["epoch"])
        for _ in range(1000):  # a signal just before a single long sleep would be handled only after it
            time.sleep(0.01)

try:
    go(2, stuck)
except KeyboardInterrupt:
    assert signal.getsignal(number) is handler
    print("at once", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a single process")
@pytest.mark.parametrize("number", SIGNALS)
def test_real_signals(number):
    line = [sys.executable, "-c", PROGRAM, str(int(number))]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    # The first run on a machine says that it makes machine code; nothing else is said.
    said = [line for line in done.stderr.splitlines() if not line.startswith("Making machine code")]
    assert said == []
    assert done.stdout.split("\n") == ["kept", "at once", ""]

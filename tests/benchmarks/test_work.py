"""The work that all contestants do."""

import numpy as np
import pytest
from benchmarks.growth import _width as width_for
from benchmarks.growth import slope
from benchmarks.peers.threads import fastest
from benchmarks.procedure import Procedure
from benchmarks.scale import FULL, QUICK
from benchmarks.search import grid
from benchmarks.work import Work


def test_operations_of_an_example():
    # 3-4-2: forward 2 * (12 + 8), gradients the same, errors back through the second layer 2 * 8.
    assert Work((3, 4, 2), 10).flops == 40 + 40 + 16


def test_normal_numbers_have_no_zeros_and_all_classes():
    work = Work((20, 8, 10), 200, "normal")
    assert work.x.shape == (200, 20)
    assert work.x.dtype == np.float32
    assert (work.x != 0).all()
    assert set(work.labels) == set(range(10))


def test_mnist_is_as_the_network_sees_it(data_folder, monkeypatch):
    monkeypatch.setenv("PELLUCID_DATA", str(data_folder))
    work = Work((784, 128, 10), 500)
    assert work.x.max() == 1.0
    assert 0.75 < (work.x == 0).mean() < 0.85
    assert work.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_everyone_begins_with_the_same_weights():
    work = Work((20, 8, 10), 200, "normal")
    assert all(map(np.array_equal, work.start(), work.start()))


def test_rates_of_a_procedure():
    rates = Procedure("sgd", 10, 0.4, "linear", 2).rates(25)
    # Two whole batches an epoch, four updates: a fourth less each.
    assert rates == pytest.approx(np.array([[0.4, 0.3], [0.2, 0.1]]))


def test_the_grid_has_no_procedure_twice():
    procedures = list(grid())
    assert len(procedures) == len(set(procedures))


def test_the_slope_of_a_square():
    assert slope([1, 2, 4, 8], [3, 12, 48, 192]) == pytest.approx(2)


@pytest.mark.parametrize("weights", [50_000, 50_000_000])
def test_widths_lead_to_the_weights_asked_for(weights):
    width = width_for(weights)
    assert Work((784, width, width, 10), 1).n_weights == pytest.approx(weights, rel=0.02)


def test_the_fastest_number_of_threads_is_left_set(monkeypatch):
    clock, threads = [0.0], []
    monkeypatch.setattr("benchmarks.peers.threads.available", lambda: 6)
    monkeypatch.setattr("benchmarks.peers.threads.time.perf_counter", lambda: clock[0])

    tried = []

    def work():
        # Four threads are the fastest, but for a slow moment when they are tried first.
        tried.append(threads[-1])
        clock[0] += 9.0 if tried == [1, 1, 2, 2, 4, 4] else {1: 4.0, 2: 2.5, 4: 2.0, 6: 3.0}[threads[-1]]

    assert fastest(work, threads.append) == 4
    assert threads == 3 * [1, 2, 4, 6] + [4]


def test_a_scale_has_a_share_of_the_examples():
    assert FULL.examples(60_000) == 60_000
    assert QUICK.examples(60_000) == 6_000
    assert QUICK.examples(100, least=20) == 20

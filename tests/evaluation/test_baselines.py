"""What the data allow: by brute force, and in cases whose answer is known."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from pellucid.data import ClassTarget, Examples, LabelTarget, ValueTarget
from pellucid.evaluation import baselines, measure_baselines
from pellucid.random import permutation

THREE = ClassTarget(None, (0, 1, 2))


def value_target(y):
    return ValueTarget.fit(y)


def neighbours(x, row, k=10):
    """The nearest other rows, by the definition."""
    far = [
        (sum((a - b) ** 2 for a, b in zip(x[row], x[k2], strict=True)), k2)
        for k2 in range(len(x))
        if k2 != row
    ]
    return [other for _, other in sorted(far)[:k]]


def test_classes_by_brute_force():
    random = np.random.default_rng(0)
    y = np.arange(90) % 3
    x = random.normal(size=(90, 2)) + y[:, None]
    wrong = 0
    for row in range(90):
        votes = np.bincount(y[neighbours(x, row)], minlength=3)
        wrong += int(votes.argmax() != y[row])  # the first of equally many, as here
    found = measure_baselines(Examples(x, y), THREE)
    assert 0.1 < found.neighbours < 0.6
    assert found.neighbours == pytest.approx(wrong / 90, abs=1e-12)
    assert found.constant == pytest.approx(2 / 3)


@pytest.mark.parametrize("n_values", [1, 2])
def test_values_by_brute_force(n_values):
    random = np.random.default_rng(1)
    x = random.uniform(-3, 3, (80, 2))
    y = np.stack([x[:, 0] ** 2, 100 * x[:, 1]], axis=1)[:, :n_values] + random.normal(size=(80, n_values))
    errors = np.array([y[row] - y[neighbours(x, row)].mean(axis=0) for row in range(80)])
    expected = np.mean(np.sqrt((errors**2).mean(axis=0)) / y.std(axis=0))
    found = measure_baselines(Examples(x, y), value_target(y))
    assert found.neighbours == pytest.approx(expected, rel=1e-9)
    assert found.constant == 1


@pytest.mark.parametrize("k", [1, 3])
def test_labels_by_brute_force(k):
    random = np.random.default_rng(3)
    x = random.normal(size=(90, 2))
    y = np.stack([x[:, 0] > 0, x.sum(axis=1) > 0.5, random.random(90) < 0.2], axis=1)[:, :k]
    shares = []
    for row in range(90):
        votes = y[neighbours(x, row)].sum(axis=0)  # of 10: yes takes more than half
        shares.append(np.mean((votes > 5) != y[row]))
    found = measure_baselines(Examples(x, y), LabelTarget(("a", "b", "c")[:k]))
    assert found.neighbours == pytest.approx(np.mean(shares), abs=1e-12)
    commoner = [max(label.mean(), 1 - label.mean()) for label in y.T]
    assert found.constant == pytest.approx(1 - np.mean(commoner))
    assert found.quadratic < found.constant
    if found.neighbours < found.quadratic:
        assert found.sampling_error == pytest.approx(np.std(shares) / np.sqrt(90))


def test_a_label_of_a_curve_is_told_by_the_formula():
    x = np.random.default_rng(0).standard_normal((600, 8))
    y = np.stack([x[:, 0] * x[:, 1] > 0, x[:, 2] > 0], axis=1)
    found = measure_baselines(Examples(x, y), LabelTarget(("product", "sign")))
    assert found.quadratic < 0.15 < found.neighbours
    assert found.constant == pytest.approx(0.5, abs=0.05)


def test_the_baseline_is_the_commonest_class():
    y = np.array([0] * 7 + [1] * 2 + [2])
    assert measure_baselines(Examples(np.arange(10.0)[:, None], y), THREE).constant == pytest.approx(0.3)


def test_classes_apart_are_told_and_noise_is_not():
    random = np.random.default_rng(2)
    y = np.arange(600) % 2
    two = ClassTarget(None, (0, 1))
    apart = random.normal(size=(600, 2)) + 20 * y[:, None]
    assert measure_baselines(Examples(apart, y), two).neighbours == 0
    noise = random.normal(size=(600, 2))
    assert measure_baselines(Examples(noise, y), two).neighbours == pytest.approx(0.5, abs=0.08)


def test_an_example_is_not_its_own_neighbour():
    # Far apart and each of another value: whoever asked itself would be right.
    y = np.arange(30.0)[:, None]
    found = measure_baselines(Examples(100 * y, y), value_target(y))
    assert found.neighbours > 0.1


@pytest.mark.parametrize("n", [2, 3, 10])
def test_fewer_examples_than_neighbours(n):
    y = np.arange(n) % 2
    found = measure_baselines(Examples(np.arange(n, dtype=float)[:, None], y), ClassTarget(None, (0, 1)))
    assert 0 <= found.neighbours <= 1


def quadratic_features(x):
    """All that (1 + c x^T x')^2 multiplies: the constant, each input, each square, each product of two."""
    x = x - x.mean(axis=0)
    x = x / np.sqrt(np.square(x).sum() / len(x))
    pairs = [
        x[:, i] * x[:, j] * (1 if i == j else np.sqrt(2)) for i in range(x.shape[1]) for j in range(i + 1)
    ]
    return np.column_stack([np.ones(len(x)), np.sqrt(2) * x, *pairs])


@pytest.mark.parametrize("classes", [True, False])
def test_the_quadratic_formula_by_leaving_out_each_row(classes):
    random = np.random.default_rng(5)
    x = random.normal(size=(60, 3))
    value = x[:, 0] * x[:, 1] + 0.3 * random.normal(size=60)
    y = (value > 0).astype(int) + (value > 1) if classes else value[:, None]
    truth = np.eye(3)[y] if classes else y
    features, mean = quadratic_features(x), truth.mean(axis=0)
    guesses = {}
    for penalty in 10.0 ** np.arange(-3, 4):
        guesses[penalty] = np.empty_like(truth)
        for row in range(60):
            others = np.arange(60) != row
            F = features[others]
            ridge = np.linalg.solve(F.T @ F + penalty * np.eye(F.shape[1]), F.T @ (truth[others] - mean))
            guesses[penalty][row] = mean + features[row] @ ridge
    best = min(guesses.values(), key=lambda guess: np.square(guess - truth).sum())
    if classes:
        found = measure_baselines(Examples(x, y), THREE)
        assert found.quadratic == pytest.approx((best.argmax(axis=1) != y).mean(), abs=1e-12)
    else:
        found = measure_baselines(Examples(x, y), value_target(y))
        assert found.quadratic == pytest.approx(np.sqrt(np.square(best - y).mean()) / y.std(), rel=1e-6)
    assert 0.1 < found.quadratic < 0.7


def test_more_formula_than_rows_does_not_tell_noise():
    # 200 inputs, so 20,000 products, for 100 rows: what fits them all must still guess each one blindly.
    random = np.random.default_rng(6)
    y = np.arange(100) % 2
    found = measure_baselines(Examples(random.normal(size=(100, 200)), y), ClassTarget(None, (0, 1)))
    assert found.quadratic > 0.35  # 0.5 but for chance: three standard errors


@pytest.mark.parametrize("factor", [2.0**531, 2.0**-565, 1e300, 1e-290])
def test_values_of_any_size_leave_the_same_errors(factor):
    random = np.random.default_rng(2)
    x = random.uniform(-3, 3, (60, 2))
    y = x[:, :1] ** 2 + random.normal(size=(60, 1))
    usual, scaled = (measure_baselines(Examples(x, y * f), value_target(y * f)) for f in (1.0, factor))
    for name in ("constant", "neighbours", "quadratic", "sampling_error"):
        assert getattr(scaled, name) == pytest.approx(getattr(usual, name), rel=1e-9)


def test_the_better_of_the_two_is_what_the_data_say():
    random = np.random.default_rng(7)
    x = random.normal(size=(800, 12))
    two = ClassTarget(None, (0, 1))
    sphere = measure_baselines(Examples(x, (np.square(x).sum(axis=1) > 11.3).astype(int)), two)
    assert sphere.attainable == sphere.quadratic < sphere.neighbours
    angle = np.arctan2(x[:, 1], x[:, 0])
    slices = measure_baselines(Examples(x[:, :2], (np.sin(5 * angle) > 0).astype(int)), two)
    assert slices.attainable == slices.neighbours < slices.quadratic


def test_inputs_that_never_vary_are_no_trouble():
    y = np.arange(40) % 2
    found = measure_baselines(Examples(np.ones((40, 3)), y), ClassTarget(None, (0, 1)))
    assert 0.4 < found.attainable <= 1


def test_pixels_are_compared_as_the_network_sees_them():
    random = np.random.default_rng(3)
    y = np.arange(60) % 2
    pixels = (100 * y[:, None] + random.integers(0, 100, (60, 4))).astype(np.uint8)
    as_bytes = measure_baselines(Examples(pixels, y, scale=1 / 255), ClassTarget(None, (0, 1)))
    as_floats = measure_baselines(Examples(pixels / 255, y), ClassTarget(None, (0, 1)))
    assert as_bytes == as_floats


def test_of_many_examples_some_are_asked_always_the_same():
    random = np.random.default_rng(4)
    x, y = random.normal(size=(5000, 2)), random.integers(0, 2, 5000)
    first = measure_baselines(Examples(x, y), ClassTarget(None, (0, 1)))
    assert measure_baselines(Examples(x, y), ClassTarget(None, (0, 1))) == first
    # 2,000 of them: errors are so many of 2,000, against the baseline of those, as a share of the whole's.
    some = y[np.sort(permutation(5000, 0, "demonstration")[:2000])]
    wrong = first.neighbours / first.constant * min(np.bincount(some))
    assert wrong == pytest.approx(round(wrong), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_of_a_rare_class_the_baseline_is_that_of_all_rows(seed):
    # 1 % of 8,000 rows, and nothing that tells them: who always says the other class is at the baseline.
    random = np.random.default_rng(seed)
    y = (random.random(8000) < 0.01).astype(int)
    found = measure_baselines(Examples(random.normal(size=(8000, 3)), y), ClassTarget(None, (0, 1)))
    assert found.constant == pytest.approx(y.mean())
    assert found.neighbours == pytest.approx(found.constant, rel=0.15)
    assert found.attainable + 2 * found.sampling_error > found.constant


def test_the_sampling_error_is_that_of_a_share():
    random = np.random.default_rng(8)
    y = np.arange(400) % 2
    found = measure_baselines(
        Examples(random.normal(size=(400, 2)) + y[:, None], y), ClassTarget(None, (0, 1))
    )
    expected = np.sqrt(found.attainable * (1 - found.attainable) / 400)
    assert found.sampling_error == pytest.approx(expected)


class TestRemembering:
    """Many networks on the same data: their baselines are measured once."""

    def data(self, n=300):
        random = np.random.default_rng(5)
        return random.normal(size=(n, 4)), random.integers(0, 3, n)

    def test_the_same_numbers_are_measured_once(self, monkeypatch):
        measured = []
        monkeypatch.setattr(baselines, "_measured", lambda *given: measured.append(given) or len(measured))
        monkeypatch.setattr(baselines, "_known", {})
        x, y = self.data()
        assert [measure_baselines(Examples(x.copy(), y.copy()), THREE) for _ in range(3)] == [1, 1, 1]
        x[7, 2] += 1e-9  # what is changed in place is another
        assert measure_baselines(Examples(x, y), THREE) == 2
        y[7] = (y[7] + 1) % 3
        assert measure_baselines(Examples(x, y), THREE) == 3
        assert measure_baselines(Examples(x, y, scale=0.5), THREE) == 4
        assert measure_baselines(Examples(x.astype(np.float32), y), THREE) == 5
        assert measure_baselines(Examples(x[:-1], y[:-1]), THREE) == 6

    def test_only_so_many_are_remembered(self, monkeypatch):
        monkeypatch.setattr(baselines, "_measured", lambda *given: 0)
        monkeypatch.setattr(baselines, "_known", known := {})
        for n in range(100, 140):
            x, y = self.data(n)
            measure_baselines(Examples(x, y), THREE)
        assert len(known) == 16

    def test_threads_wait_for_the_one_that_measures(self, monkeypatch):
        began, measured = threading.Event(), []

        def slowly(*given):
            measured.append(given)
            began.wait(10)
            return len(measured)

        monkeypatch.setattr(baselines, "_measured", slowly)
        monkeypatch.setattr(baselines, "_known", {})
        x, y = self.data()
        with ThreadPoolExecutor(4) as pool:
            found = [pool.submit(measure_baselines, Examples(x, y), THREE) for _ in range(4)]
            began.set()
            assert [future.result(10) for future in found] == [1, 1, 1, 1]

    def test_a_failure_is_not_remembered(self, monkeypatch):
        def fail(*given):
            raise MemoryError("too little of it")

        x, y = self.data()
        monkeypatch.setattr(baselines, "_known", known := {})
        with monkeypatch.context() as patch:
            patch.setattr(baselines, "_measured", fail)
            with pytest.raises(MemoryError, match="too little"):
                measure_baselines(Examples(x, y), THREE)
        assert known == {}
        assert measure_baselines(Examples(x, y), THREE).constant > 0.5


FORK = """
import os, signal, threading
import numpy as np
from pellucid.data import ClassTarget, Examples
from pellucid.evaluation import baselines, measure_baselines

begun, forked, measured = threading.Event(), threading.Event(), baselines._measured

def slowly(*given):
    begun.set()
    forked.wait()
    return measured(*given)

def measure():
    return measure_baselines(Examples(np.eye(20), np.arange(20) % 2), ClassTarget(None, (0, 1))).constant

baselines._measured = slowly
thread = threading.Thread(target=measure)
thread.start()
begun.wait()
baselines._measured = measured
with baselines._lock:  # as another thread may hold it
    child = os.fork()
if not child:
    signal.alarm(20)
    os._exit(measure() != 0.5)
forked.set()
thread.join()
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows knows no forks")
def test_a_process_forked_while_a_thread_measures_measures_for_itself():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], timeout=60, check=False)
    assert done.returncode == 0

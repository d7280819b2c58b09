"""No number changes: every kind of training gives the weights and predictions that are stored."""

import inspect

import numpy as np
import pytest
from tests.digests.runs import digest, run
from tests.digests.settings import SETTINGS, Setting
from tests.digests.stored import STORED, stored

import pellucid
from pellucid.errors import ConfigurationError

_STORED = stored()


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("name", STORED)
def test_no_number_changes(name, threads, monkeypatch):
    monkeypatch.setenv("PELLUCID_THREADS", threads)
    monkeypatch.delenv("PELLUCID_ENGINE", raising=False)
    found, expected = run(SETTINGS[name]).digests, _STORED[name]
    changed = sorted(key for key in {*found, *expected} if found.get(key) != expected.get(key))
    assert not changed, (
        f"{name}: {', '.join(changed)} of {len(expected)} arrays are not those stored; if that is meant, "
        "python -m tests.digests writes them anew, and the changelog needs the reason"
    )


def test_what_is_stored_is_what_is_declared():
    assert list(_STORED) == STORED
    assert len(STORED) >= 80


def test_each_setting_has_numbers_of_its_own():
    """A setting that changes no number would not show when it stops working."""
    seen = {}
    for name, digests in _STORED.items():
        seen.setdefault(tuple(digests.values()), []).append(name)
    same = [names for names in seen.values() if len(names) > 1]
    # The same targets, written in two ways.
    assert same == [["optimizer sgd", "cost sparse_categorical_cross_entropy"]]


def _said(*fields):
    """Return the names of all declarations that settings use."""
    values = [getattr(setting, field) for setting in SETTINGS.values() for field in fields]
    each = [v for value in values for v in (value if isinstance(value, tuple) else [value]) if v]
    return {value.partition(":")[0] for value in each}


def _trainable(activation):
    try:
        activation.check_trainable()
    except ConfigurationError:
        return False
    return True


def test_every_declaration_is_in_a_setting():
    assert _said("optimizer") == {each.name for each in pellucid.optimizers}
    assert _said("schedule") == {each.name for each in pellucid.schedules}
    assert _said("normalise") == {each.name for each in pellucid.normalisations}
    assert _said("cost") == {each.name for each in pellucid.costs}
    trainable = {each.name for each in pellucid.activations if _trainable(each)}
    assert _said("activation", "output") == trainable


def test_every_parameter_is_said():
    """What a declaration takes unless said may change without changing a number here."""
    for field in ("optimizer", "schedule", "normalise", "cost", "activation"):
        registry = getattr(
            pellucid, {"normalise": "normalisations", "activation": "activations"}.get(field, f"{field}s")
        )
        for name in {v for s in SETTINGS.values() for v in _each(getattr(s, field))}:
            said = {pair.partition("=")[0] for pair in name.partition(":")[2].split(",") if pair}
            assert said == set(registry.get(name).parameters), name


def _each(value):
    return value if isinstance(value, tuple) else () if value is None else (value,)


def test_every_regularisation_and_clipping_is_in_a_setting():
    for field, declared in (("regularisation", pellucid.Regularisation), ("clipping", pellucid.Clipping)):
        used = {name for setting in SETTINGS.values() for name in getattr(setting, field)}
        assert used == set(inspect.signature(declared).parameters)


def test_every_field_of_a_setting_is_used():
    plain = Setting()
    for name in Setting.__dataclass_fields__:
        assert any(getattr(setting, name) != getattr(plain, name) for setting in SETTINGS.values()), name


def test_a_digest_sees_every_bit_and_the_shape():
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    nearly = array.copy()
    nearly[1, 1] = np.nextafter(4.0, 5.0)
    others = [nearly, array.reshape(4), array.astype(np.float32), array[::-1]]
    assert digest("W1", array) not in {digest("W1", other) for other in others}
    assert digest("W1", array) == digest("W1", np.asfortranarray(array)) != digest("W2", array)

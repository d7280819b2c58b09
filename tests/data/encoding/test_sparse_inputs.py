"""Sparse data from the source to the prediction: as arrays, but for how columns are scaled."""

import numpy as np
import pytest
import scipy.sparse

import pellucid
from pellucid.data import load_data
from pellucid.data.encoding.inputs import inputs_from_dict
from pellucid.data.encoding.sparse_inputs import SparseInputs
from pellucid.data.sparse_rows import SparseRows
from pellucid.errors import DataError
from pellucid.storage import load_model, save_model
from pellucid.training import Stream, build_network, train


def words(n=400, width=300, seed=0):
    """Give counts of words, of which each class has some of its own."""
    random = np.random.default_rng(seed)
    classes = random.integers(0, 3, n)
    rates = np.full((3, width), 0.02)
    for number in range(3):
        rates[number, number * 60 : number * 60 + 60] = 0.2
    rates[:, 200:] = 0  # words that nobody says
    return random.poisson(rates[classes]).astype(float), classes


def test_columns_are_scaled_and_not_shifted():
    x = np.array([[0.0, 4, 0, -8], [2, 1, 0, 0]])
    inputs = SparseInputs.fit(SparseRows.of_dense(x))
    assert inputs.largest.tolist() == [2, 4, 0, 8]
    encoded, scale = inputs.encode(scipy.sparse.csr_array([[4.0, 2, 7, 4]]))
    assert (encoded.dense().tolist(), scale) == ([[2, 0.5, 0, 0.5]], 1)
    again = inputs_from_dict(inputs.to_dict())
    assert isinstance(again, SparseInputs)
    assert (again.largest == inputs.largest).all()
    assert again.features[3] == "column 3"


def test_from_the_data_to_the_answer(tmp_path):
    x, y = words()
    data = load_data((scipy.sparse.csr_matrix(x), y), validation_size=0.1)
    assert isinstance(data.train.inputs, SparseRows)
    assert data.n_inputs == 300
    model = train(build_network(data, [16]), data, epochs=20, batch_size=8, learning_rate=0.3)
    assert model.evaluate(data.test).measures.accuracy > 0.9
    more, truth = words(seed=1)
    said = model.predict(scipy.sparse.csc_array(more))
    assert np.mean(said == truth) > 0.9
    assert (model.predict(more) == said).all(), "the same numbers as an array say something else"
    again = load_model(save_model(model, tmp_path / "words.pellucid"))
    assert (again.predict(scipy.sparse.csr_array(more)) == said).all()
    explained = pellucid.explain(model, (scipy.sparse.csr_array(more), truth), row=3)
    assert explained.trace.a[0].shape == (1, 300)


def test_the_split_is_made_again_for_the_same_rows():
    x, y = words(100)
    data = load_data((scipy.sparse.csr_array(x), y))
    same = load_data((scipy.sparse.coo_array(x), y))
    assert data.provenance["fingerprint"] == same.provenance["fingerprint"]
    other = load_data((scipy.sparse.csr_array(x * 2), y))
    assert data.provenance["fingerprint"] != other.provenance["fingerprint"]
    model = train(build_network(data, [4]), data, epochs=1)
    part = model.examples((scipy.sparse.csr_array(x), y), "test")
    assert (part.origin == data.test.origin).all()


def test_a_stream_goes_on_with_more_in_a_row():
    x, y = words(200)
    data = load_data((scipy.sparse.csr_array(x[:100]), y[:100]))
    model = train(build_network(data, [8]), data, epochs=1, batch_size=10)
    stream = Stream.of(model, batch_size=10)
    stream.partial_fit((scipy.sparse.csr_array(x[100:150]), y[100:150]))
    fuller = np.ones((20, 300))  # longer lists than any before
    stream.partial_fit((scipy.sparse.csr_array(fuller), np.arange(20) % 3))
    assert np.isfinite(stream.cost)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (scipy.sparse.csr_array([[0, np.nan], [1.0, 0]]), "row 0"),
        (scipy.sparse.csr_array([[0, 1.0], [0, np.inf]]), "row 1 .*column 1"),
        (scipy.sparse.csr_array((2, 3), dtype=complex), "complex"),
        (scipy.sparse.csr_array((0, 3)), "at least one"),
        (scipy.sparse.csr_array((9, 3)), "all values are 0"),
    ],
    ids=["nan", "infinity", "complex", "empty", "zeros"],
)
def test_what_is_refused(x, message):
    with pytest.raises(DataError, match=message):
        load_data((x, np.arange(float(x.shape[0]))), task="regression")


def test_another_width_is_refused():
    x, y = words(60)
    data = load_data((scipy.sparse.csr_array(x), y))
    model = train(build_network(data, [4]), data, epochs=1)
    with pytest.raises(DataError, match="do not have as many columns"):
        model.predict(scipy.sparse.csr_array(x[:, :10]))

import numpy as np
import polars as pl
import pytest
from scipy.sparse import csr_array

from pellucid.data import load_data
from pellucid.errors import DataError, UnknownNameError
from pellucid.network import Network
from pellucid.training import train

TABLE = pl.DataFrame(
    {
        "size": [1.0, None, 3.0, 4.0] * 5,
        "heating": ["gas", "oil", None, "wood"] * 5,
        "new": [True, False, True, True] * 5,
        "price": [0.5 * row for row in range(20)],
    }
)
X, Y = np.arange(40.0).reshape(20, 2) % 7, np.arange(20) % 3
# The data, and the inputs of each column.
KINDS = {
    "table": (TABLE, {"size": range(2), "heating": range(2, 6), "new": range(6, 8)}),
    "array": ((X, Y), {"column 0": range(1), "column 1": range(1, 2)}),
    "sparse": ((csr_array(X), Y), {"column 0": range(1), "column 1": range(1, 2)}),
    "pixels": (
        (np.arange(80, dtype=np.uint8).reshape(20, 2, 2), Y),
        {f"pixel ({k // 2}, {k % 2})": range(k, k + 1) for k in range(4)},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_and_columns_lead_to_each_other(kind):
    source, inputs = KINDS[kind]
    # All rows but one or two of each class train, so that each category is among them.
    encoding = load_data(source, test_size=3).encoding
    assert {name: encoding.inputs_of(name) for name in inputs} == inputs
    assert sum(map(len, inputs.values())) == encoding.inputs.n_inputs
    for name, numbers in inputs.items():
        for number in numbers:
            assert encoding.origin_of(number) == name
            assert encoding.inputs.features[number].startswith(name)


@pytest.mark.parametrize("index", [-1, 2, 0.5])
def test_an_input_that_does_not_exist(index):
    with pytest.raises(DataError, match="from 0 to 1"):
        load_data((X, Y)).encoding.origin_of(index)


def test_a_column_that_no_input_comes_from():
    encoding = load_data(TABLE).encoding
    with pytest.raises(UnknownNameError, match="did you mean 'size'"):
        encoding.inputs_of("sice")
    with pytest.raises(UnknownNameError):
        encoding.inputs_of("price")


def test_a_model_has_the_encoding_of_its_data():
    data = load_data((X, Y))
    model = train(Network([2, 3]), data, epochs=1)
    assert model.encoding.inputs is data.encoding.inputs
    assert model.encoding.target is data.encoding.target
    raw = model.read((X, Y))
    examples = data.encoding.encode(raw, [])
    assert np.array_equal(examples.inputs, model.examples((X, Y)).inputs)
    assert np.array_equal(examples.targets, Y)
    assert data.encoding.encode(raw, [], targets=False).targets is None

import numpy as np
import polars as pl
import pytest

from pellucid.data import ColumnInputs, load_data
from pellucid.data.encoding.index_columns import index_findings

N = 30
SIZES = [float(row * 7 % 11) for row in range(N)]


def found(name, values):
    frame = pl.DataFrame({name: values, "size": SIZES})
    return [[finding.column for finding in kind] for kind in index_findings(frame, np.arange(N))]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Id",
            "ID",
            "id",
            "PassengerId",
            "row_id",
            "index",
            "Unnamed: 0",
            "__index_level_0__",
            "No",
            "#",
            "",
        ),
        *("S.No", "SNo", "Nr.", "lfd. Nr.", "Row Number", "uid"),
    ],
)
@pytest.mark.parametrize("values", [range(N), range(1, N + 1), [row * 7 % N for row in range(N)]])
def test_an_index_or_id_is_left_out(name, values):
    assert found(name, values) == [[name], []]
    assert found(name, [str(value) for value in values]) == [[name], []]


@pytest.mark.parametrize("name", ["Id", "day"])
@pytest.mark.parametrize("values", [SIZES, [0.5 + row for row in range(N)], [None, *range(1, N)], ["a"] * N])
def test_other_values_stay(name, values):
    assert found(name, values) == [[], []]


@pytest.mark.parametrize(
    "names",
    [
        range(5, N + 5),
        [3 * row for row in range(N)],
        [f"{1 + row // 10}.{row % 10 + 1}" for row in range(N)],  # of which 1.1 and 1.10 are the same number
        [f"row {row}" for row in range(N)],
    ],
)
def test_the_names_of_rows_as_r_writes_them_are_left_out(written, names):
    rows = [
        f'"{name}",{size},{"ab"[row % 2]}\n' for name, size, row in zip(names, SIZES, range(N), strict=True)
    ]
    for table in (rows, rows[:12]):
        data = load_data(written('"","size","kind"\n' + "".join(table)))
        assert data.inputs.features == ("size",)
        assert any("'column_1': left out, because it has no name" in note for note in data.notes)


def test_words_that_come_again_in_a_first_column_without_a_name_are_categories(written):
    rows = "".join(
        f"{('north', 'south')[row % 2]},{size},{'ab'[row % 3 > 1]}\n" for row, size in enumerate(SIZES)
    )
    data = load_data(written(",size,kind\n" + rows))
    assert data.inputs.features == ("column_1 = north", "column_1 = south", "size")


def test_columns_without_names_must_count():
    counts, others = range(5, N + 5), [row * 7 % N for row in range(N)]
    for first, left_out in ((counts, ["column_1"]), (others, [])):
        frame = pl.DataFrame({"column_1": first, "column_2": SIZES})
        assert [finding.column for finding in index_findings(frame, np.arange(N))[0]] == left_out
    assert found("column_2", others) == [[], []]


@pytest.mark.parametrize("name", ["day", "paid", "nine", "idea", "casino"])
def test_a_column_with_another_name_that_counts_is_pointed_at(name):
    assert found(name, range(N)) == [[], [name]]
    assert found(name, range(N, 0, -1)) == [[], []]


def test_rows_are_counted_as_they_stand_in_the_file():
    frame = pl.DataFrame({"column_1": [3.0, 5.0, 6.0], "column_2": [1.0, 9.0, 5.0]})
    assert len(index_findings(frame, np.array([0, 2, 3]))[0]) == 1
    assert len(index_findings(frame, np.array([0, 1, 2]))[0]) == 0


def test_the_only_column_stays():
    inputs, notes = ColumnInputs.fit(pl.DataFrame({"id": range(N)}), np.arange(N))
    assert (inputs.features, notes) == (("id",), [])


def test_rows_sorted_by_class(written):
    rows = "".join(f"{row + 1},{row * 7 % 11},{'ab'[row // 15]}\n" for row in range(N))
    data = load_data(written("Id,length,kind\n" + rows))
    assert data.inputs.features == ("length",)
    (note,) = [note for note in data.notes if "'Id'" in note]
    assert "left out, because it numbers the rows; give it another name to use it" in note
    assert len(data.inputs.encode(pl.DataFrame({"Id": [99], "length": [3]}))[0]) == 1


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "__index_level_0__"])
@pytest.mark.parametrize("place", [0, 1])
def test_the_names_of_rows_as_pandas_stores_them_are_left_out(name, place):
    names = pl.Series(name, [f"row {row}" for row in range(12)])
    frame = pl.DataFrame({"size": SIZES[:12]}).insert_column(place, names)
    assert [finding.column for finding in index_findings(frame, np.arange(12))[0]] == [name]
    again = frame.with_columns(pl.Series(name, ["north", "south"] * 6))
    assert index_findings(again, np.arange(12)) == ([], [])

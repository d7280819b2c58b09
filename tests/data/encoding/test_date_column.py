import json
from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data import load_data, read_data
from pellucid.data.encoding.column_inputs import ColumnInputs
from pellucid.data.encoding.columns import column_from_dict, fit_column
from pellucid.data.encoding.word_column import WordColumn
from pellucid.data.raw import row_place
from pellucid.data.read import read_again
from pellucid.errors import DataError


def fitted(cells, train=None):
    train = np.arange(len(cells)) if train is None else np.array(train)
    column, findings = fit_column(pl.Series("d", cells), train, row_place)
    return column, [str(finding) for finding in findings]


def encoded(column, *cells):
    notes = []
    inputs = column.encode(pl.Series("d", cells, dtype=pl.String), row_place, notes)
    return inputs, notes


class TestInputs:
    def test_worked_by_hand(self):
        column, notes = fitted(["2024-01-01 06:00", "2024-07-01 06:00", "2024-07-02 18:00"], [0, 1])
        assert notes == ["'d': read as dates: year, month"]
        # Each of the two is one deviation from their mean, and April is in the middle between them.
        inputs, _ = encoded(column, "2024-01-01 06:00", "2024-07-01 06:00", "2024-04-01 06:00")
        assert column.features == ("d: year", "d: month (sin)", "d: month (cos)")
        assert inputs == pytest.approx(np.array([[-1, 0, 1], [1, 0, -1], [0, 1, 0]]), abs=1e-9)

    def test_minutes_vary_too(self):
        column, _ = fitted(["2024-01-01 06:10", "2024-01-01 06:50"])
        assert column.features == ("d: year", "d: hour (sin)", "d: hour (cos)")

    def test_weekday_and_hour(self):
        # A Monday at 6 and a Tuesday at 18 o'clock.
        column, _ = fitted(["2024-01-01 06:00", "2024-01-02 18:00"])
        assert column.features == ("d: year", "d: hour (sin)", "d: hour (cos)", "d: Monday", "d: Tuesday")
        inputs, _ = encoded(column, "2024-01-01 06:00", "2024-01-02 00:00", "2024-01-03 12:00")
        assert inputs[:, 1:] == pytest.approx(np.array([[1, 0, 1, 0], [0, 1, 0, 1], [0, -1, 0, 0]]), abs=1e-9)

    def test_times_of_day(self):
        column, notes = fitted(["06:00", "18:00", None])
        assert notes == ["'d': read as times of day: hour"]
        assert column.features == ("d: hour", "d: hour (sin)", "d: hour (cos)", "d is missing")
        inputs, _ = encoded(column, "06:00", "12:00", None)
        assert inputs == pytest.approx(np.array([[-1, 1, 0, 0], [0, 0, -1, 0], [0, 0, 0, 1]]), abs=1e-9)

    def test_the_first_day_of_each_month_has_no_weekday(self):
        column, _ = fitted(["2024-01-01", "2024-02-01", "2024-03-01"])
        assert column.features == ("d: year", "d: month (sin)", "d: month (cos)")

    @pytest.mark.parametrize(
        ("cells", "read"),
        [
            (["1990 Jan", "1990 Jul"], "'1990 Jul' is 1990-07-01"),
            (["1956 Q1", "1956 Q3"], "'1956 Q3' is 1956-07-01"),
            (["2008 W01", "2008 W20"], "'2008 W01' is 2007-12-31"),
        ],
    )
    def test_months_quarters_and_weeks(self, cells, read):
        column, notes = fitted(cells)
        assert notes == [f"'d' ({read}): read as dates: year, month"]
        assert column.features == ("d: year", "d: month (sin)", "d: month (cos)")
        assert encoded(column, *cells)[0][:, 0] == pytest.approx([-1, 1])
        stored = column_from_dict(json.loads(json.dumps(column.to_dict())))
        assert encoded(stored, *cells)[0].tolist() == encoded(column, *cells)[0].tolist()

    def test_seconds_within_one_day(self):
        column, _ = fitted(["2024-01-01 06:00:00", "2024-01-01 06:00:01"])
        assert encoded(column, "2024-01-01 06:00:00.5")[0][0, 0] == pytest.approx(0, abs=1e-3)

    def test_every_day_of_a_century(self):
        days = [date(1950, 1, 1) + timedelta(days) for days in range(0, 36_500, 7)]
        column, _ = fitted([day.isoformat() for day in days] + ["2024-01-02"])
        inputs, _ = encoded(column, *(day.isoformat() for day in days))
        numbers = np.array([day.toordinal() for day in days])
        assert np.corrcoef(numbers, inputs[:, 0])[0, 1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([20240501, 20231231, None], True),
        ([20240501, 20231232], False),
        ([20240501.5, 20231231], False),
        ([1714521600, 1714521601], False),
        ([2023, 2024], False),
        ([10240501, 10240502], False),
    ],
)
def test_whole_numbers_stay_numbers(numbers, said):
    column, notes = fitted([None if number is None else float(number) for number in numbers])
    assert column.kind == "number"
    assert bool(notes) == said
    assert fitted([None if number is None else str(number) for number in numbers])[0].kind == "number"
    if said:
        assert notes == [
            "'d' (such as 20240501): read as numbers, though they may be dates; to have them read as dates, "
            "write 2024-05-01"
        ]


def test_a_column_that_is_constant_in_the_training_set_is_left_out():
    column, notes = fitted(["2024-01-01", "2024-01-01", "2024-01-02"], [0, 1])
    assert column is None
    assert notes == ["'d': left out, because there is the same value in every row of the training set"]
    assert fitted([None, None, "2024-01-02"], [0, 1])[0] is None


def test_a_single_date_that_may_be_missing():
    column, _ = fitted(["2024-01-01", None, "2024-01-01"])
    assert column.features == ("d: year", "d is missing")
    assert encoded(column, "2024-01-01", None, "2025-01-01")[0].tolist() == [[0, 0], [0, 1], [0, 0]]


def test_a_date_far_out_is_clipped_and_named():
    days = [f"2024-01-{day:02}" for day in range(1, 29)] * 4
    frame = pl.DataFrame({"d": [*days, "2924-01-01"]})
    inputs, _ = ColumnInputs.fit(frame, np.arange(len(frame)))
    notes = []
    values, _ = inputs.encode(frame, notes=notes)
    assert np.abs(values).max() < 20
    assert "1 number in 'd' lies far out and is clipped: 2924 at row 112" in notes[0]


class TestNotes:
    @pytest.mark.parametrize(
        ("cells", "note"),
        [
            (
                ["28.07.2022", "1.5.2024"],
                "'d' ('28.07.2022' is 2022-07-28): read as dates: year, month, weekday",
            ),
            (
                ["1/1/2024", "5/3/2024"],
                "'d' ('5/3/2024' is 2024-05-03; if the day comes first, write such dates as 2024-03-05): "
                "read as dates: year, month, weekday",
            ),
            (
                ["1.1.2024", "5.3.2024"],
                "'d' ('5.3.2024' is 2024-03-05; if the month comes first, write such dates as 2024-05-03): "
                "read as dates: year, month, weekday",
            ),
            (["2024-05-01T00:00Z", "2024-05-02T01:00Z"], "'d': read as dates in UTC: year, hour, weekday"),
        ],
    )
    def test_what_was_read(self, cells, note):
        assert fitted(cells)[1] == [note]

    def test_years_that_stand_for_no_date(self):
        column, notes = fitted(["2024-01-01", "2024-05-02", "9999-12-31", None])
        assert notes[1] == "'d' (in 1 row): the years 0, 1 and 9999 stand for a missing date"
        assert column.missing
        assert encoded(column, "0001-01-01")[0][0, -1] == 1


class TestPrediction:
    column = fitted(["1.5.2024", "31.5.2024", "2.6.2024"])[0]

    def test_dates_of_a_data_frame_are_read_too(self):
        inputs, _ = encoded(self.column, "31.5.2024", "2024-05-31")
        assert inputs[0].tolist() == inputs[1].tolist()

    @pytest.mark.parametrize("cell", ["5/31/2024", "soon", "31.6.2024"])
    def test_a_cell_that_is_not_a_date_is_refused(self, cell):
        with pytest.raises(DataError, match="a column of dates contains something else") as caught:
            encoded(self.column, "31.5.2024", cell)
        error = caught.value
        assert error.received == repr(cell)
        assert error.where == "row 1 (counted from 0), column 'd'"
        assert "'d' (written as DD/MM/YYYY, as when the network was trained)" in error.expected

    def test_numbers_are_refused(self):
        with pytest.raises(DataError, match="a column of dates contains something else"):
            self.column.encode(pl.Series("d", [20240501.0]), row_place, [])

    def test_missing_cells(self):
        inputs, notes = encoded(self.column, None)
        assert not inputs.any()
        assert "1 row without 'd', which was never missing in training" in notes[0]

    def test_offsets(self):
        _, notes = encoded(self.column, "1.5.2024 1:00Z", "1.5.2024")
        assert notes == ["1 row with an offset from UTC in 'd', unlike in training: read as UTC"]
        column, _ = fitted(["2024-05-01 1:00+02:00", "2024-05-02 1:00+02:00"])
        inputs, notes = encoded(column, "2024-05-01 1:00+02:00", "2024-04-30 23:00")
        assert inputs[0].tolist() == inputs[1].tolist()
        assert notes == ["1 row without an offset from UTC in 'd': read as UTC"]


def test_a_mistake_in_the_training_data_is_refused_with_its_place():
    cells = [f"2024-01-{day:02}" for day in range(1, 29)] + ["2024-02-30"]
    with pytest.raises(DataError, match="a column of dates contains something else") as caught:
        fitted(cells)
    assert caught.value.where == "row 28 (counted from 0), column 'd'"
    assert "as in 28 of 29 cells" in caught.value.expected


class TestStored:
    column = fitted(["1.5.2024 13:00", "1.7.2024", None, "31.5.2024"])[0]

    def test_it_is_rebuilt(self):
        assert column_from_dict(self.column.to_dict()) == self.column

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("form", "%Y-%m-%d"),
            ("scale", -1.0),
            ("limit", 0.0),
            ("weekdays", [7]),
            ("month", 1),
            ("offset", None),
        ],
    )
    def test_damaged_descriptions_are_refused(self, part, value):
        with pytest.raises(ValueError, match=part):
            column_from_dict(self.column.to_dict() | {part: value})

    def test_models_of_before_read_such_cells_as_words(self):
        stored = {"kind": "words", "name": "d", "categories": ["2024-05-01", "2024-05-02"], "missing": False}
        column = column_from_dict(stored)
        assert isinstance(column, WordColumn)
        assert encoded(column, "2024-05-02")[0].tolist() == [[0, 1]]


class TestTables:
    n = 60
    moments = tuple(datetime(2024, 1, 31, 22, 15) + timedelta(hours=7 * row) for row in range(60))
    target = tuple(row * 7 % 13 + 0.5 for row in range(60))

    def table(self, column):
        return pl.DataFrame(
            {"when": column, "size": [row * 5 % 11 for row in range(self.n)], "y": self.target}
        )

    def data(self, source):
        return load_data(source, target="y", test_size=0.25)

    def test_all_sources_give_the_same_inputs(self, tmp_path):
        typed = self.table(pl.Series(self.moments))
        typed.write_parquet(tmp_path / "t.parquet")
        typed.write_csv(tmp_path / "t.csv")
        text = typed.with_columns(pl.col("when").dt.strftime("%d.%m.%Y %H:%M"))
        text.write_csv(tmp_path / "dots.csv")
        text.write_ndjson(tmp_path / "t.jsonl")
        objects = pd.DataFrame(
            {"when": pd.Series(self.moments, dtype=object), "size": typed["size"], "y": self.target}
        )
        sources = [typed, pd.DataFrame(typed.to_dict(as_series=False)), objects, text]
        sources += [tmp_path / name for name in ("t.parquet", "t.csv", "dots.csv", "t.jsonl")]
        expected = self.data(typed)
        assert expected.inputs.columns[0].kind == "dates"
        assert "column 'when': read as dates: year, month, hour, weekday" in expected.notes
        for source in sources:
            found = self.data(source)
            assert found.inputs.features == expected.inputs.features
            assert np.array_equal(found.train.inputs, expected.train.inputs)

    def test_time_zones(self):
        series = pl.Series(self.moments).dt.replace_time_zone("Europe/Berlin", ambiguous="earliest")
        local = self.data(self.table(series))
        pandas = pd.DataFrame({"when": self.moments, "size": self.table(series)["size"], "y": self.target})
        pandas["when"] = pandas["when"].dt.tz_localize("Europe/Berlin")
        utc = self.data(self.table(series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)))
        for data in (local, self.data(pandas)):
            assert np.array_equal(data.train.inputs, utc.train.inputs)
            assert "in UTC" in data.notes[0]

    def test_each_input_leads_to_its_column(self):
        encoding = self.data(self.table(pl.Series(self.moments))).encoding
        assert encoding.inputs_of("when") == range(len(encoding.inputs.features) - 1)
        assert {encoding.origin_of(index) for index in encoding.inputs_of("when")} == {"when"}

    def test_dates_are_not_taken_for_copies_of_each_other(self):
        random = np.random.default_rng(0)
        days = [
            [date(2024, 1, 1) + timedelta(int(day)) for day in random.permutation(90)[:60]] for _ in range(2)
        ]
        frame = self.table(pl.Series(days[0])).with_columns(other=pl.Series(days[1]))
        assert not any("same as another" in note for note in self.data(frame).notes)
        frame = frame.with_columns(later=pl.col("when") + timedelta(days=3))
        assert "column 'later' ('when'): the same as another column" in "".join(self.data(frame).notes)

    @pytest.mark.parametrize("task", [None, "regression"])
    def test_as_a_target_it_is_refused(self, task):
        with pytest.raises(DataError, match="the target is a date") as caught:
            load_data(self.table(pl.Series(self.moments)), target="when", task=task)
        assert "calculate a number from it" in caught.value.remedy

    def test_few_dates_may_be_classes(self):
        slots = pl.Series([time(8), time(14), time(20)] * 20)
        assert load_data(self.table(slots), target="when").n_classes == 3

    @pytest.mark.parametrize(
        ("form", "day_first"), [("%d/%m/%Y", True), ("%d.%m.%Y", True), ("%m/%d/%Y", False)]
    )
    def test_other_data_are_read_in_the_order_of_training(self, tmp_path, form, day_first):
        data = self.data(self.table(pl.Series(self.moments).dt.strftime(form)))
        other = pl.DataFrame({"when": ["05/01/2024", "06/02/2024", "07/03/2024"], "size": [1, 2, 3]})
        other = other.with_columns(pl.col("when").str.replace_all("/", form[2]))
        days = [date(2024, 1, 5), date(2024, 2, 6), date(2024, 3, 7)]
        if not day_first:
            days = [date(2024, 5, 1), date(2024, 6, 2), date(2024, 7, 3)]
        expected = data.encoding.inputs.encode(other.with_columns(when=pl.Series(days)))[0]
        other.write_csv(tmp_path / "other.csv")
        other.head(1).write_csv(tmp_path / "one.csv")
        for source in (other, other.head(1), tmp_path / "other.csv", tmp_path / "one.csv"):
            rows = read_again(source, data.provenance, require_target=False).rows
            assert np.array_equal(data.encoding.inputs.encode(rows)[0], expected[: len(rows)])

    def test_a_cell_in_another_order_is_refused(self, tmp_path):
        data = self.data(self.table(pl.Series(self.moments).dt.strftime("%d/%m/%Y")))
        (tmp_path / "other.csv").write_text("when,size\n05/01/2024,1\n01/13/2024,2\n")
        rows = read_again(tmp_path / "other.csv", data.provenance, require_target=False)
        with pytest.raises(DataError, match="a column of dates contains something else") as caught:
            data.encoding.inputs.encode(rows.rows, rows.place)
        assert caught.value.received == "'01/13/2024'"
        assert caught.value.where == "line 3 of other.csv (counted from 1), column 'when'"
        assert "written as DD/MM/YYYY, as when the network was trained" in caught.value.expected

    def test_a_date_in_the_first_line_is_data(self, written):
        rows = "".join(f"{moment:%d.%m.%Y},{row}\n" for row, moment in enumerate(self.moments))
        assert len(read_data(written(rows))) == self.n
        named = "01.02.2024,02.02.2024\n" + "".join(f"{row},{row % 7}\n" for row in range(9))
        assert len(read_data(written(named))) == 9

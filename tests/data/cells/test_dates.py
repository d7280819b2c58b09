import pandas as pd
import polars as pl
import pytest

from pellucid.data.cells.dates import find_dates


def found(*cells):
    dates = find_dates(pl.Series(cells, dtype=pl.String))
    return dates and (dates.form, dates.is_guess)


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["2024-05-01", "2024-05-01 13:45"], "YYYY-MM-DD"),
        (["1/5/2024", "13/5/2024"], "DD/MM/YYYY"),
        (["1/5/2024", "1/13/2024"], "MM/DD/YYYY"),
        (["1/22/20", "1/23/20"], "MM/DD/YY"),
        (["2024-05", "2023-11"], "YYYY-MM"),
        (["13:45", None], "HH:MM:SS"),
        (["31.12.2024", "9999-12-31"], "DD/MM/YYYY"),
        (["31.12.2024", "2025-01-01"], "DD/MM/YYYY"),
        (["0000-00-00"] * 150 + ["2024-05-01"], "YYYY-MM-DD"),
    ],
)
def test_the_form_is_found(cells, form):
    assert found(*cells) == (form, False)


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["1.5.2024", "2.6.2024"], "DD/MM/YYYY"),
        (["1-5-2024", "2-6-2024"], "DD/MM/YYYY"),
        (["1/5/2024", "2/6/2024"], "MM/DD/YYYY"),
        # The first of every month.
        (["1/1/2024", "1/2/2024", "1/3/2024"], "DD/MM/YYYY"),
        (["1.1.2024", "2.1.2024", "3.1.2024"], "MM/DD/YYYY"),
    ],
)
def test_day_or_month_first_is_a_guess(cells, form):
    assert found(*cells) == (form, True)


@pytest.mark.parametrize(
    "cell",
    [
        "1.2.3", "10.12.24", "192.168.1.10", "1:23.45", "664-123-4567", "12-34-5678", "10-12-24", "3/4",
        "10-12", "1-0", "120/80", "1/2/3", "2024", "20240501", "1714521600", "25:10", "3:7", "May-24", "May",
        "Monday", "2024-W54", "2024Q5", "2024W18", "0664-12-15", "3001-01-01", "12:30:45:10", "1 May",
        "sold 2024-05-01", "",
    ],
)  # fmt: skip
def test_what_looks_like_a_date(cell):
    assert found(*[cell] * 3) is None


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["31.12.24", "05.11.23", "01.02.24"], "DD.MM.YY"),
        (["12/31/24", "1/2/24"], "MM/DD/YY"),
        (["12/2024", "01/2024"], "MM/YYYY"),
        (["12/2024", "1/2025"], "MM/YYYY"),
        (["12-2024", "01-2024"], "MM/YYYY"),
        (["May-99", "Jun-00"], "Month-YY"),
        (["May'24", "Dec'68", "Jun'69"], "Month-YY"),
        ([f"{month}-{year}" for year in (22, 23, 24) for month in ("Jan", "Sept", "Dec")], "Month-YY"),
        (["Q1 2024", "Q4 2023"], "Qn YYYY"),
        (["q1/2024", "q4/2023"], "Qn YYYY"),
    ],
)
def test_forms_that_are_beyond_doubt(cells, form):
    assert found(*cells, None) == (form, False)


@pytest.mark.parametrize(
    "cells",
    [
        ["31.12.24", "30.11.23"],  # a version has no part such as 05, and these have none
        ["05.12.24", "06.11.23"],  # the day or the month first
        ["31.12.24", "05.11.23", "32.01.24"],
        ["31.12.24", "05.11.23", "soon"],
        ["31-12-24", "05-11-23"],
        ["1/2000", "5/2000", "12/2000"],  # shares of 2000
        ["01/1000", "05/2500"],  # scales
        ["12/2024", "01/2024", "13/2024"],
        ["May-01", "May-02", "Jun-01"],  # days
        ["Mar-31", "Jun-30", "Sep-30", "Dec-31"],
        ["Jan-12", "Jan-19", "Feb-19", "Feb-12"],
        ["Mar-24", "Dec-24"],
        ["May 24", "May 99"],
        ["24-May", "99-May"],
        ["Q1/24", "Q2/24"],
        ["1-2", "10-24", "3-4"],
        ["1.10.3", "1.9.12", "2.0.0"],
    ],
)
def test_one_cell_or_a_doubt_leaves_such_columns_as_they_are(cells):
    assert found(*cells) is None
    assert found(*cells * 40) is None


def test_seasons_are_not_months():
    assert found("2009-10", "2010-11", "2011-12") is None
    assert found("2009-10", "2010-10") == ("YYYY-MM", False)


def test_nine_of_ten_cells_decide():
    days = pd.date_range("2024-01-01", periods=90).strftime("%Y-%m-%d").tolist()
    assert found(*days, *["x"] * 10) == ("YYYY-MM-DD", False)
    assert found(*days, *["x"] * 11) is None
    assert found(*days, *[None] * 1000) == ("YYYY-MM-DD", False)


@pytest.mark.parametrize(
    "column", [pl.Series([20240501.0]), pl.Series([True]), pl.Series([None], dtype=pl.String)]
)
def test_other_columns(column):
    assert find_dates(column) is None

from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pellucid.data.cells.moments import FORMS, read_moments

# Each by hand.
READ = {
    "YYYY-MM-DD": {
        "2024-05-01": datetime(2024, 5, 1),
        "2024/5/1": datetime(2024, 5, 1),
        "2024.05.01 13:45": datetime(2024, 5, 1, 13, 45),
        "2024-05-01T13:45:10": datetime(2024, 5, 1, 13, 45, 10),
        "2024-05-01 13:45:10.123": datetime(2024, 5, 1, 13, 45, 10, 123000),
        "2024-05-01 13:45:10.123456789": datetime(2024, 5, 1, 13, 45, 10, 123456),
        "2024-05-01T13:45:10Z": datetime(2024, 5, 1, 13, 45, 10),
        "2024-05-01T00:45:00+02:00": datetime(2024, 4, 30, 22, 45),
        "2024-05-01 23:45:00-0330": datetime(2024, 5, 2, 3, 15),
        "2024-05-01 23:45 UTC": datetime(2024, 5, 1, 23, 45),
        "2024-05-01 23:45+09": datetime(2024, 5, 1, 14, 45),
        "2024-05-01 24:00": datetime(2024, 5, 2),
        "2024-02-29": datetime(2024, 2, 29),
        "0202-01-05": datetime(202, 1, 5),
    },
    "YYYYMMDDTHHMMSS": {"20141013T010203": datetime(2014, 10, 13, 1, 2, 3)},
    "DD/MM/YYYY": {
        "01.05.2024": datetime(2024, 5, 1),
        "1/5/2024": datetime(2024, 5, 1),
        "31-12-2024 1:45 PM": datetime(2024, 12, 31, 13, 45),
        "1.5.2024, 07:08:09": datetime(2024, 5, 1, 7, 8, 9),
    },
    "MM/DD/YYYY": {"5/1/2024": datetime(2024, 5, 1), "12/31/2024 12:05 a.m.": datetime(2024, 12, 31, 0, 5)},
    "DD/MM/YY": {"31/12/68": datetime(2068, 12, 31), "1/2/69": datetime(1969, 2, 1)},
    "MM/DD/YY": {"1/22/20 17:00": datetime(2020, 1, 22, 17), "12/31/99": datetime(1999, 12, 31)},
    "DD.MM.YY": {"31.12.68": datetime(2068, 12, 31), "01.02.69 13:45": datetime(1969, 2, 1, 13, 45)},
    "DD Month YYYY": {
        "1 May 2024": datetime(2024, 5, 1),
        "01-MAY-24": datetime(2024, 5, 1),
        "3rd Sept. 2024": datetime(2024, 9, 3),
        "Wed, 01 May 2024 13:45:10 +0200": datetime(2024, 5, 1, 11, 45, 10),
    },
    "Month DD, YYYY": {
        "May 1, 2024": datetime(2024, 5, 1),
        "Tuesday, December 31st 2024 12:30 pm": datetime(2024, 12, 31, 12, 30),
    },
    "YYYY-MM": {"2024-05": datetime(2024, 5, 1), "1999/12": datetime(1999, 12, 1)},
    "MM/YYYY": {"5/2024": datetime(2024, 5, 1), "12-1999": datetime(1999, 12, 1)},
    "Month-YY": {"May-24": datetime(2024, 5, 1), "sept'69": datetime(1969, 9, 1)},
    "Month YYYY": {"May 2024": datetime(2024, 5, 1), "feb-2023": datetime(2023, 2, 1)},
    "YYYY Month": {"1990 Jan": datetime(1990, 1, 1), "1978-december": datetime(1978, 12, 1)},
    "YYYY Qn": {
        "1956 Q1": datetime(1956, 1, 1),
        "1956Q4": datetime(1956, 10, 1),
        "2001-q2": datetime(2001, 4, 1),
    },
    "Qn YYYY": {
        "Q1 1956": datetime(1956, 1, 1),
        "Q41956": datetime(1956, 10, 1),
        "q2/2001": datetime(2001, 4, 1),
    },
    "YYYY-Www": {
        "2008-W01": datetime(2007, 12, 31),
        "1991 W06": datetime(1991, 2, 4),
        "2009-w53": datetime(2009, 12, 28),
    },
    "HH:MM:SS": {
        "13:45": datetime(1970, 1, 1, 13, 45),
        "1:45 PM": datetime(1970, 1, 1, 13, 45),
        "12:00am": datetime(1970, 1, 1),
        "07:08:09.5": datetime(1970, 1, 1, 7, 8, 9, 500000),
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_read(form):
    moments = read_moments(pl.Series(list(READ[form])), form)
    assert moments.values.to_list() == list(READ[form].values())
    assert not (moments.unread | moments.absent).any()


@pytest.mark.parametrize(
    "cell",
    [
        "2023-02-29", "2024-13-01", "2024-05-32", "2024-05-01 25:00", "2024-05-01 24:01", "2024-05-01 12:60",
        "2024-05-01 13:00 PM", "2024-05-01 0:30 am", "2024-05", "1.5.2024", "soon",
        "2024-05-01x", "٢٠٢٤-05-01",
    ],
)  # fmt: skip
def test_what_is_not_a_date(cell):
    moments = read_moments(pl.Series([cell, "2024-05-01", None]), "YYYY-MM-DD")
    assert moments.unread.to_list() == [True, False, False]
    assert moments.absent.to_list() == [False, False, True]


@pytest.mark.parametrize("cell", ["0000-00-00", "0001-01-01", "9999-12-31 23:59:59", "31.12.9999"])
def test_years_that_stand_for_no_date(cell):
    moments = read_moments(pl.Series([cell]), "DD/MM/YYYY")
    assert (moments.values.to_list(), moments.absent.to_list()) == ([None], [True])


def test_repeated_cells_are_read_like_single_ones():
    cells = pl.Series(["2.5.2024", None, "x", "9999-12-31", "2024-05-01T3:00+01:00", "30.5.2024"])
    once = read_moments(cells, "DD/MM/YYYY")
    order = np.random.default_rng(2).integers(0, 6, 200)
    many = read_moments(cells[order], "DD/MM/YYYY")
    for part in ("values", "absent", "offset", "unread"):
        assert getattr(many, part).to_list() == [getattr(once, part)[int(at)] for at in order]
    assert once.values.to_list() == [
        datetime(2024, 5, 2), None, None, None, datetime(2024, 5, 1, 2), datetime(2024, 5, 30)
    ]  # fmt: skip


def test_cells_with_an_offset():
    cells = pl.Series(["2024-05-01 1:00", "2024-05-01 1:00Z", "2024-05-01"])
    assert read_moments(cells, "YYYY-MM-DD").offset.to_list() == [False, True, False]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("YYYY-MM-DD", "%Y-%m-%d %H:%M:%S.%f"),
        ("DD/MM/YYYY", "%d.%m.%Y %H:%M:%S"),
        ("MM/DD/YYYY", "%m/%d/%Y %I:%M %p"),
        ("MM/DD/YY", "%m/%d/%y %H:%M"),
        ("DD Month YYYY", "%a, %d %b %Y %H:%M:%S"),
        ("Month DD, YYYY", "%B %d, %Y"),
    ],
)
def test_it_reads_like_strptime(form, written):
    seconds = np.random.default_rng(1).integers(0, 2_000_000_000, 300)
    cells = [datetime.fromtimestamp(int(second)).strftime(written) for second in seconds]
    expected = [datetime.strptime(cell, written) for cell in cells]
    assert read_moments(pl.Series(cells), form).values.to_list() == expected


def test_weeks_and_quarters_are_those_of_the_standard_library_and_of_pandas():
    weeks = {f"{year}-W{week:02}": (year, week) for year in range(1995, 2025) for week in range(1, 54)}
    moments = read_moments(pl.Series(list(weeks)), "YYYY-Www").values.to_list()
    for moment, (year, week) in zip(moments, weeks.values(), strict=True):
        has_it = week <= datetime(year, 12, 28).isocalendar().week
        assert moment == (datetime.fromisocalendar(year, week, 1) if has_it else None)
    quarters = pd.period_range("1899Q4", "2101Q1", freq="Q")
    read = read_moments(pl.Series(quarters.strftime("%Y Q%q")), "YYYY Qn").values
    assert read.to_list() == quarters.to_timestamp().to_pydatetime().tolist()


@pytest.mark.parametrize(
    "cell", ["2008 W00", "2008-W54", "2008W01", "2008 W1", "1956 Q5", "1956 Q0", "1990 Janu"]
)
def test_what_is_neither_a_week_nor_a_quarter_nor_a_month(cell):
    assert all(read_moments(pl.Series([cell]), form).unread.all() for form in FORMS)

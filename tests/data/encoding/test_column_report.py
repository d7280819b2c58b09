import polars as pl
import pytest

from pellucid.data.encoding import column_report
from pellucid.data.encoding.column_report import frame_reports


def report_on(cells):
    (report,) = frame_reports(pl.DataFrame({"a": pl.Series(cells, dtype=pl.Float64)}))
    return report


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([3.0, None, 1.0, 9.0], ((1, 3, 9), 3)),
        ([2.0, 2.0, 4.0, 8.0], ((2, 3, 8), 3)),
        ([5.0, 5.0], ((5, 5, 5), 1)),
        ([None, None], (None, 0)),
        ([-0.0, 0.0, 0.0], ((0, 0, 0), 1)),
    ],
)
@pytest.mark.parametrize("counted", [0, 100], ids=["estimated", "sorted"])
def test_range_and_distinct_numbers(monkeypatch, counted, cells, expected):
    monkeypatch.setattr(column_report, "_COUNTED", counted)
    report = report_on(cells)
    assert (report.range, report.distinct) == expected
    assert report.missing == cells.count(None)


def test_the_median_of_huge_numbers_is_finite():
    assert report_on([1e308, 1.5e308]).range == (1e308, 1.25e308, 1.5e308)

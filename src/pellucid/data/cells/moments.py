"""Dates and times of day as people write them, read as moments."""

from dataclasses import dataclass

import polars as pl

__all__ = ["FORMS", "ISO", "NO_DATE", "TIME", "Moments", "parts_of", "pattern_of", "read_moments"]

_YEAR, _SHORT_YEAR = r"(?P<year>\d{4})", r"(?P<year>\d\d)"
_MONTH, _DAY = r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_WORD = (
    r"(?P<word>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? )?"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?"
)
_ZONE = r"(?: ?(?P<zone>z|utc|gmt|[+-]\d\d(?::?\d\d)?))?"
_AND_CLOCK = f"(?:(?:t|,? ){_CLOCK}{_ZONE})?"

ISO, WEEK, TIME = "YYYY-MM-DD", "YYYY-Www", "HH:MM:SS"

# The likelier ones first. Model files contain their names. Short years are not read after two hyphens:
# 10-12-24 may be a telephone number.
FORMS = {
    ISO: f"{_YEAR}[-/.]{_MONTH}[-/.]{_DAY}{_AND_CLOCK}",
    "YYYYMMDDTHHMMSS": rf"{_YEAR}(?P<month>\d\d)(?P<day>\d\d)t(?P<hour>\d\d)(?P<minute>\d\d)"
    rf"(?P<second>\d\d){_ZONE}",
    "DD/MM/YYYY": f"{_DAY}[-/.]{_MONTH}[-/.]{_YEAR}{_AND_CLOCK}",
    "MM/DD/YYYY": f"{_MONTH}[-/.]{_DAY}[-/.]{_YEAR}{_AND_CLOCK}",
    "DD/MM/YY": f"{_DAY}/{_MONTH}/{_SHORT_YEAR}{_AND_CLOCK}",
    "MM/DD/YY": f"{_MONTH}/{_DAY}/{_SHORT_YEAR}{_AND_CLOCK}",
    "DD.MM.YY": rf"(?P<day>\d\d)\.(?P<month>\d\d)\.{_SHORT_YEAR}{_AND_CLOCK}",
    "DD Month YYYY": rf"{_WEEKDAY}{_DAY}(?:st|nd|rd|th)?[- ]{_WORD},?[- ](?P<year>\d{{4}}|\d\d){_AND_CLOCK}",
    "Month DD, YYYY": f"{_WEEKDAY}{_WORD} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}{_AND_CLOCK}",
    "YYYY-MM": rf"{_YEAR}[-/](?P<month>\d\d)",
    "MM/YYYY": f"{_MONTH}[-/]{_YEAR}",
    "Month YYYY": f"{_WORD},?[- ]{_YEAR}",
    "Month-YY": f"{_WORD}[-']{_SHORT_YEAR}",
    "YYYY Month": f"{_YEAR}[- ]{_WORD}",
    "YYYY Qn": f"{_YEAR}[- ]?q(?P<quarter>[1-4])",
    "Qn YYYY": f"q(?P<quarter>[1-4])[-/ ]?{_YEAR}",
    WEEK: rf"{_YEAR}[- ]w(?P<week>\d\d)",
    TIME: _CLOCK,
}

# Years that programs write for a missing date.
NO_DATE = ("0000", "0001", "9999")

_PARTS = (
    *("year", "month", "word", "quarter", "week", "day"),
    *("hour", "minute", "second", "fraction", "half", "zone"),
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Moments:
    """The dates or times of a column.

    Parameters
    ----------
    values : polars.Series of Datetime, in microseconds
        In UTC if there is an offset; times of day on 1 January 1970; null where there is none.
    absent : polars.Series of bool
        Empty cells, and those with the year 0, 1 or 9999, which stand for no date.
    offset : polars.Series of bool
        The cells with an offset from UTC.
    """

    values: pl.Series
    absent: pl.Series
    offset: pl.Series

    @property
    def unread(self) -> pl.Series:
        """The cells that are not dates."""
        return self.values.is_null() & ~self.absent


def read_moments(column: pl.Series, form: str) -> Moments:
    """Read a column of text as dates of a form, or as in ISO 8601, which has only one meaning.

    Examples
    --------
    >>> moments = read_moments(pl.Series(["31.12.2024 1:30 PM", "2025-01-01", "9999-12-31"]), "DD/MM/YYYY")
    >>> moments.values.to_list()
    [datetime.datetime(2024, 12, 31, 13, 30), datetime.datetime(2025, 1, 1, 0, 0), None]
    >>> moments.absent.to_list()
    [False, False, True]
    """
    distinct = column.unique()
    if 4 * len(distinct) >= len(column):
        return _read_all(column, form)
    # A day that is in many rows is read once.
    moments = _read_all(distinct, form)
    at = column.replace_strict(distinct, pl.int_range(len(distinct), eager=True))
    return Moments(*(part.gather(at) for part in (moments.values, moments.absent, moments.offset)))


def pattern_of(form: str) -> str:
    """Return the pattern of whole cells of a form."""
    return f"(?i)^{FORMS[form]}$".replace(r"\d", "[0-9]")  # \d also means the digits of other scripts


def parts_of(column: pl.Series, form: str) -> pl.DataFrame:
    """Return the parts of each cell as text, null for those that are not there."""
    parts = column.str.extract_groups(pattern_of(form)).struct.unnest()
    others = [name for name in _PARTS if name not in parts.columns]
    return parts.with_columns(pl.lit(None, pl.String).alias(name) for name in others)


def _read_all(column: pl.Series, form: str) -> Moments:
    moments = _read(column, form)
    if form in (ISO, TIME) or not moments.unread.any():
        return moments
    also = _read(column, ISO)
    return Moments(
        moments.values.fill_null(also.values), moments.absent | also.absent, moments.offset | also.offset
    )


def _read(column: pl.Series, form: str) -> Moments:
    absent = pl.col("year").is_in(NO_DATE).fill_null(False)
    since_midnight = pl.duration(
        hours=_hour(), minutes=_number("minute"), seconds=_number("second"), microseconds=_microseconds()
    )
    moment = (_day(form) + since_midnight - _offset()).cast(pl.Datetime("us"))
    read = parts_of(column, form).select(
        values=pl.when(_is_time() & ~absent).then(moment), absent=absent, offset=pl.col("zone").is_not_null()
    )
    return Moments(read["values"], column.is_null() | read["absent"], read["offset"])


def _number(part: str) -> pl.Expr:
    return pl.col(part).cast(pl.Int64).fill_null(0)


def _day(form: str) -> pl.Expr:
    """Return midnight of each day, null for a day that does not exist."""
    if form == TIME:
        return pl.when(pl.col("hour").is_not_null()).then(pl.datetime(1970, 1, 1))
    if form == WEEK:  # of ISO 8601: the first one contains 4 January
        monday = pl.concat_str("year", pl.lit("-W"), "week", pl.lit("-1"))
        return monday.str.to_date("%G-W%V-%u", strict=False).cast(pl.Datetime("us"))
    year, number = pl.col("year"), pl.col("year").cast(pl.Int64)
    # As in POSIX, short years begin with 1969.
    full_year = (
        pl.when(year.str.len_bytes() == 4)
        .then(number)
        .otherwise(1900 + number + 100 * (number < 69).cast(pl.Int64))
    )
    name = pl.col("word").str.slice(0, 3).str.to_lowercase()
    of_name = name.replace_strict(_MONTHS, [str(month) for month in range(1, 13)], default=None)
    of_quarter = pl.col("quarter").replace_strict(["1", "2", "3", "4"], ["1", "4", "7", "10"], default=None)
    month, day = pl.coalesce("month", of_name, of_quarter), pl.col("day").fill_null("1")
    text = pl.concat_str(full_year.cast(pl.String).str.zfill(4), month, day, separator="-")
    return text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))


def _hour() -> pl.Expr:
    hour, half = _number("hour"), pl.col("half").str.to_lowercase()
    return pl.when(half.is_null()).then(hour).otherwise(hour % 12 + 12 * (half == "p").cast(pl.Int64))


def _is_time() -> pl.Expr:
    """Return whether the clock can show the time; 24:00 is the end of the day."""
    hour, rest = _number("hour"), _number("minute") * 60 + _number("second")
    of_half = pl.col("half").is_null() | hour.is_between(1, 12)
    within = (hour < 24) | ((hour == 24) & (rest == 0))
    return within & of_half & (_number("minute") < 60) & (_number("second") < 60)


def _microseconds() -> pl.Expr:
    return (pl.col("fraction") + "00000").str.slice(0, 6).cast(pl.Int64).fill_null(0)


def _offset() -> pl.Expr:
    """Return the offset from UTC."""
    digits = pl.col("zone").str.replace(":", "").str.extract(r"^[+-](\d+)$").str.pad_end(4, "0")
    hours, minutes = digits.str.slice(0, 2).cast(pl.Int64), digits.str.slice(2, 2).cast(pl.Int64)
    sign = pl.when(pl.col("zone").str.starts_with("-")).then(-1).otherwise(1)
    return pl.duration(minutes=(sign * (hours * 60 + minutes)).fill_null(0))

"""Numbers as people write them: with a decimal comma, thousands, a currency or a per cent sign."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import polars as pl

from pellucid.data.column_notes import ColumnNote

__all__ = ["Written", "are_thousands", "has_decimal_comma", "read_written_numbers", "written_note"]

# Cells that are examined before a column is read as a whole.
_EXAMINED, _GLANCE = 1000, 100

_CURRENCIES = "$€£¥₹₩₽₺₫₪₱₦₴฿"
_CODES = (
    "USD|EUR|GBP|JPY|CHF|CNY|INR|AUD|CAD|SEK|NOK|DKK|PLN|BRL|MXN|ZAR|KRW|SGD|HKD|NZD|THB|CZK|HUF|ILS|AED|SAR|"
    "TWD|IDR|MYR|CLP|NGN|KES|VND|RON|UAH|Euro|euro|Rs\\.?|kr\\.?|Kč|zł|Ft"
)
_DOLLARS = r"(?:US|CA|AU|NZ|HK|MX|[ACRS])\$"
_SYMBOL = rf"[%{_CURRENCIES}]|{_CODES}|{_DOLLARS}"
_PATTERN = (
    rf"(?P<sign>[+-]?)\s?(?P<before>{_SYMBOL})?\s?(?P<inner>[+-]?)"
    rf"(?P<digits>\d[\d.,'\x{{a0}}\x{{202f}} ]*|[.,]\d+)(?P<exponent>[eE][+-]?\d+)?\s?(?P<after>{_SYMBOL})?"
)
_CELL = f"^{_PATTERN}$"

# Digits in groups of three, and a fraction, with each decimal mark. Groups may be set apart by blanks or ',
# and in India, those above the first are of two.
_GROUPED = {
    ".": r"^(\d{1,3}([,' \x{a0}\x{202f}]\d{3})+|\d{1,2}(,\d{2})+,\d{3}|\d+)(\.\d*)?$|^\.\d+$",
    ",": r"^(\d{1,3}([.' \x{a0}\x{202f}]\d{3})+|\d+)(,\d*)?$|^,\d+$",
}
_WHOLE = r"^[+-]?([1-9]\d{0,2}(\.\d{3})+|\d{1,3})$"
_DECIMAL_COMMA = re.compile(rf"[+-]?(\d{{1,3}}(\.\d{{3}})+|\d+),(\d{{1,2}}|\d{{4,}})(\s?({_SYMBOL}))?")
# A single group of three, which is thousands or a fraction.
_EITHER = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")


@dataclass(frozen=True)
class Written:
    """A column that was read as numbers, with an example for the user.

    Its `thousands` are set apart by points alone, which a program reads as decimal points.
    """

    numbers: pl.Series
    example: str
    value: float
    thousands: bool = False

    @property
    def name(self) -> str:
        """The name of the column."""
        return self.numbers.name

    @property
    def read(self) -> str:
        """The example, and the number that it is."""
        return f"{self.example!r} as {self.value:.10g}"


def are_thousands(column: pl.Series) -> bool:
    """Return whether all cells are whole numbers, perhaps with points between thousands.

    Only where a comma is the decimal mark: elsewhere 597.658 is a number with three decimals.

    Examples
    --------
    >>> are_thousands(pl.Series(["628", "597.658", None])), are_thousands(pl.Series(["628.5", "597.658"]))
    (True, False)
    """
    return bool(column.str.contains(_WHOLE).all())


def has_decimal_comma(cells: Iterable[str]) -> bool:
    """Return whether a cell can only be a number with a decimal comma.

    Examples
    --------
    >>> has_decimal_comma(["x", "1.234,5 €"]), has_decimal_comma(["1,234", "1,2,3"])
    (True, False)
    """
    return any(_DECIMAL_COMMA.fullmatch(cell.strip()) for cell in cells)


def read_written_numbers(
    frame: pl.DataFrame, decimal: str | None, *, comma_likely: bool = False, thousands: Collection[str] = ()
) -> list[Written]:
    """Read columns of text that only people take for numbers.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of text are examined.
    decimal : {".", ",", "plain"} or None
        The decimal mark, None to find it for each column; with "plain" no column is read.
    comma_likely : bool
        Whether a comma is taken for the decimal mark where that is not clear, as in 1,234.
    thousands : collection of str
        The columns in which points stand between thousands, as `are_thousands` finds them.

    Examples
    --------
    >>> (found,) = read_written_numbers(pl.DataFrame({"price": ["$1,000.50", "$20"]}), None)
    >>> found.numbers.to_list()
    [1000.5, 20.0]
    >>> written_note([found])
    ["read as numbers: 'price' ('$1,000.50' as 1000.5); to leave such cells as text, use --decimal plain"]
    """
    found: list[Written] = []
    for column in frame.iter_columns():
        if decimal == "plain" or column.dtype != pl.String:
            continue
        # The first cells suffice to tell most columns of words.
        if not _look_written(_signs_first(column.head(_GLANCE))):
            continue
        cells = _signs_first(column)
        is_plain = column.cast(pl.Float64, strict=False).null_count() == column.null_count()
        if _look_written(cells) and (column.name in thousands or not is_plain):
            marks = (
                [decimal] if decimal else [","] if column.name in thousands else _marks(cells, comma_likely)
            )
            read = (numbers for mark in marks if (numbers := _read(cells, mark)) is not None)
            found += [
                Written(numbers, *_example(column, numbers), column.name in thousands)
                for numbers in islice(read, 1)
            ]
    return found


def written_note(found: Sequence[Written]) -> list[str]:
    """Return a note on the columns that were read as numbers; none if there are none."""
    if not found:
        return []
    examples = ", ".join(f"{each.name!r} ({each.read})" for each in found[:5])
    more = f" and {len(found) - 5} more columns" if len(found) > 5 else ""
    return [
        ColumnNote(
            f"read as numbers: {examples}{more}; to leave such cells as text, use --decimal plain",
            {each.name: f"read as numbers: {each.read}; as text with --decimal plain" for each in found},
        )
    ]


def _signs_first(column: pl.Series) -> pl.Series:
    """Write the numbers of bookkeeping with a sign in front, and without a dash for no cents.

    Negative ones stand in parentheses, $(5.00), or end with a minus, 5.00-; 5,- is 5.
    """
    if not column.str.contains(r"\)$|[-–—−]").any() or column.str.starts_with("(").all():
        return column
    plain = column.str.replace_all("−", "-", literal=True)
    plain = plain.str.replace(rf"^({_SYMBOL})?\s?\(([^()]*)\)\s?({_SYMBOL})?$", "-${1}${2}${3}")
    plain = plain.str.replace(r"^([^-]*[.,]\d\d)-$", "-${1}")
    return plain.str.replace(rf"(\d)[.,][-–—]+(\s?(?:{_SYMBOL}))?$", "${1}${2}")


def _example(column: pl.Series, numbers: pl.Series) -> tuple[str, float]:
    """Return the first cell that a program cannot read, and its number."""
    # Where a program reads all cells, as with points between thousands, it is the first that means another.
    others = column.cast(pl.Float64, strict=False).ne_missing(numbers)
    row = int(others.arg_max() or 0)
    return column[row], numbers[row]


def _look_written(cells: pl.Series) -> bool:
    """Return whether all cells that a program cannot read as numbers look like numbers to people."""
    plain = cells.cast(pl.Float64, strict=False)
    others = cells.filter(cells.is_not_null() & plain.is_null()).head(_EXAMINED)
    return bool(others.str.contains(_CELL).all())


def _marks(column: pl.Series, comma_likely: bool) -> Sequence[str]:
    """Return the decimal marks that may be meant, the likelier first."""
    digits = (
        column.drop_nulls().head(_EXAMINED).str.extract(_CELL, 4).str.strip_chars().drop_nulls().to_list()
    )
    commas = [each for each in digits if "," in each]
    clear_comma = any(
        each.count(",") == 1 and not _EITHER.fullmatch(each) for each in commas if "." not in each
    )
    comma_last = any("." in each and each.rfind(",") > each.rfind(".") for each in commas)
    if clear_comma or comma_last or (comma_likely and commas and not any("." in each for each in digits)):
        return (",", ".")
    return (".", ",")


def _read(column: pl.Series, decimal: str) -> pl.Series | None:
    """Read a column with a decimal mark; None if not all of its cells are such numbers of one unit."""
    glance = column.drop_nulls().head(_EXAMINED).str.extract(_CELL, 4).str.strip_chars()
    if not glance.str.contains(_GROUPED[decimal]).fill_null(False).all():
        return None
    parts = column.to_frame().select(
        sign=pl.col(column.name).str.extract(_CELL, 1),
        before=pl.col(column.name).str.extract(_CELL, 2),
        inner=pl.col(column.name).str.extract(_CELL, 3),
        digits=pl.col(column.name).str.extract(_CELL, 4).str.strip_chars(),
        exponent=pl.col(column.name).str.extract(_CELL, 5),
        after=pl.col(column.name).str.extract(_CELL, 6),
    )
    digits = parts["digits"]
    fits = digits.str.contains(_GROUPED[decimal]).fill_null(False)
    if int((~fits & column.is_not_null()).sum()):
        return None
    units = {*parts["before"].drop_nulls().unique(), *parts["after"].drop_nulls().unique()}
    signed = parts["before"].is_not_null() | parts["after"].is_not_null()
    # A share and a plain number, or two currencies, are different quantities.
    if len(units) > 1 or ("%" in units and int((signed | column.is_null()).sum()) < len(column)):
        return None
    plain = digits.str.replace_all(r"[' \x{a0}\x{202f}]", "")
    plain = plain.str.replace_all("," if decimal == "." else ".", "", literal=True)
    plain = plain.str.replace(decimal, ".", literal=True)
    signs = (parts["sign"].fill_null("") + parts["inner"].fill_null("")).str.replace("+", "", literal=True)
    numbers = (signs + plain + parts["exponent"].fill_null("")).cast(pl.Float64, strict=False)
    if numbers.null_count() > column.null_count() or not numbers.drop_nulls().is_finite().all():
        return None
    return numbers.alias(column.name)

"""Kinds of tables as people have them, each declared once: its cells, and what is right."""

import datetime
import math
import random
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ROWS = 40


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of table.

    Parameters
    ----------
    name : str
    columns : sequence of (str, list)
        Names and cells, as Python values; None for a missing one. Names may occur twice.
    features : tuple of str
        The names of the inputs.
    notes : tuple of str
        Words of the notes about columns and rows.
    error : str
        The problem, if the table must be refused.
    options : mapping
        The arguments of `load_data` besides the source.
    needs : set of str
        What a format must be able to express, besides the types of the cells.
    """

    name: str
    columns: Sequence[tuple[str, list[Any]]]
    features: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: Set[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]

    @property
    def rows(self) -> list[list[Any]]:
        """The rows; one is shorter if a column ends early."""
        height = max(len(cells) for _, cells in self.columns)
        return [[cells[row] for _, cells in self.columns if row < len(cells)] for row in range(height)]

    @property
    def required(self) -> Set[str]:
        """All that a format must be able to express: the types of the features, and other needs."""
        cells = [cell for _, column in self.columns[:-1] for cell in column]
        types = {"missing" if cell is None else type(cell).__name__ for cell in cells}
        named = {"names"} if self.options else set()
        unnamed = {"empty name"} if "" in self.names else set()
        infinite = {"infinity" for cell in cells if isinstance(cell, float) and math.isinf(cell)}
        return types | named | unnamed | infinite | self.needs


def numbers(seed: object, n: int = ROWS) -> list[float]:
    """Different numbers, to three places."""
    draw = random.Random(str(seed))
    return [round(draw.gauss(5, 2), 3) for _ in range(n)]


def drawn(*values: Any, n: int = ROWS, seed: object = 0) -> list[Any]:
    """Values drawn at random; each occurs."""
    draw = random.Random(f"{values} {seed}")
    return draw.sample([*values, *(draw.choice(values) for _ in range(n - len(values)))], n)


def gaps(cells: list[Any], step: int = 7) -> list[Any]:
    return [None if row % step == 3 else cell for row, cell in enumerate(cells)]


def days(n: int = ROWS) -> list[datetime.date]:
    draw = random.Random("days")
    return [datetime.date(2021, 1, 1) + datetime.timedelta(draw.randrange(1000)) for _ in range(n)]


def moments(offset: float | None = None) -> list[datetime.datetime]:
    zone = None if offset is None else datetime.timezone(datetime.timedelta(hours=offset))
    hours = drawn(6, 12, 23)
    times = [datetime.time(hour, 30, tzinfo=zone) for hour in hours]
    return list(map(datetime.datetime.combine, days(), times))


def written(cells: list[Any], how: Callable[[Any], str]) -> list[str]:
    return [how(cell) for cell in cells]


X, Y = ("x", numbers("x")), ("y", drawn("p", "q"))
SIZE = ("size", numbers("size"))
DATE = ("sold: year", "sold: month (sin)", "sold: month (cos)")
HOUR = ("sold: hour (sin)", "sold: hour (cos)")
WEEK = tuple(f"sold: {day}day" for day in ("Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"))
LEAK = "may give the target away"

KINDS = (
    Kind("numbers, and words to predict", [SIZE, X, Y], ("size", "x")),
    Kind("numbers to predict", [SIZE, ("y", numbers("y"))], ("size",)),
    Kind("whole numbers", [("n", drawn(*range(12))), ("y", drawn(1, 2, 3))], ("n",)),
    Kind(
        "missing numbers and words",
        [("size", gaps(SIZE[1])), ("hue", gaps(drawn("red", "blue"), 5)), Y],
        ("size", "size is missing", "hue = blue", "hue = red", "hue is missing"),
    ),
    Kind("a missing target", [X, ("y", gaps(Y[1]))], ("x",), ("6 of 40 rows have no value in 'y'",)),
    Kind(
        "empty words and blanks",
        [X, ("hue", drawn("red", "blue", "", "  ")), Y],
        ("x", "hue = blue", "hue = red", "hue is missing"),
    ),
    Kind(
        "constant and empty columns",
        [("unit", ["cm"] * ROWS), ("one", [1] * ROWS), ("void", [None] * ROWS), X, Y],
        ("x",),
        (
            "columns 'unit', 'one': left out, because there is the same value in every row",
            "column 'void': left out, because the cell is empty in every row",
        ),
    ),
    Kind("constant numbers", [X, ("one", [1] * ROWS), Y], ("x",), ("'one': left out",)),
    Kind(
        "an Id", [("Id", list(range(1, 41))), X, Y], ("x",), ("'Id': left out, because it numbers the rows",)
    ),
    Kind(
        "a day, which counts the rows",
        [("day", list(range(1, 41))), X, Y],
        ("day", "x"),
        ("'day': counts the rows of the data",),
    ),
    Kind(
        "the index of pandas",
        [("Unnamed: 0", list(range(ROWS))), X, Y],
        ("x",),
        ("'Unnamed: 0': left out, because it has no name",),
        needs={"names"},
    ),
    Kind(
        "an index without a name",
        [("", list(range(1, 41))), X, Y],
        ("x",),
        ("left out, because it",),
        needs={"names"},
    ),
    Kind(
        "names of rows",
        [("", [f"car {row}" for row in range(18)]), ("x", X[1][:18]), ("y", drawn("p", "q", n=18))],
        ("x",),
        ("left out, because it has no name and contains the names of the rows",),
        needs={"names"},
    ),
    Kind(
        "names of rows, as pandas stores them in Parquet",
        [
            ("x", X[1][:18]),
            ("y", drawn("p", "q", n=18)),
            ("__index_level_0__", [f"car {row}" for row in range(18)]),
        ],
        ("x",),
        ("left out, because it has no name and contains the names of the rows",),
        options={"target": "y"},
    ),
    Kind(
        "a copy",
        [("celsius", SIZE[1]), ("fahrenheit", [round(1.8 * c + 32, 4) for c in SIZE[1]]), Y],
        ("celsius", "fahrenheit"),
        ("column 'fahrenheit' ('celsius'): the same as another column",),
    ),
    Kind(
        "the target in other units",
        [X, ("metres", SIZE[1]), ("y", [round(100 * m, 1) for m in SIZE[1]])],
        ("x", "metres"),
        (LEAK, "'metres' (the target in other units or words)"),
    ),
    Kind(
        "the target as a sum",
        [("x", X[1]), SIZE, ("y", [round(a + b, 3) for a, b in zip(X[1], SIZE[1], strict=True)])],
        ("x", "size"),
        (LEAK, "'x' (the target is its sum with 'size')"),
    ),
    Kind("booleans", [("smoker", drawn(True, False)), X, Y], ("smoker = False", "smoker = True", "x")),
    Kind(
        "booleans in several spellings",
        [("smoker", drawn("yes", "yes", "yes", "Y", "Yes", "no", "no", "N")), X, Y],
        ("smoker = no", "smoker = yes", "x"),
    ),
    Kind(
        "booleans with gaps",
        [("ok", gaps(drawn(True, False))), Y],
        ("ok = False", "ok = True", "ok is missing"),
    ),
    Kind("booleans to predict", [X, ("y", drawn(True, False))], ("x",)),
    Kind("dates", [("sold", days()), Y], (*DATE, *WEEK)),
    Kind(
        "dates with the day first", [("sold", written(days(), lambda d: f"{d:%d.%m.%Y}")), Y], (*DATE, *WEEK)
    ),
    Kind("dates with gaps", [("sold", gaps(days())), Y], (*DATE, *WEEK[1:], "sold is missing")),
    Kind("dates and times", [("sold", moments()), Y], (*DATE, *HOUR, *WEEK)),
    Kind(
        "dates and times with an offset",
        [("sold", moments(2)), Y],
        (*DATE, *HOUR, *WEEK),
        ("read as dates in UTC",),
        needs={"offset"},
    ),
    Kind(
        "times of day",
        [("at", [moment.time() for moment in moments()]), X, Y],
        ("at: hour", "at: hour (sin)", "at: hour (cos)", "x"),
    ),
    Kind(
        "durations",
        [("took", [datetime.timedelta(hours=6 * s) for s in SIZE[1]]), Y],
        ("took",),
    ),
    Kind(
        "a date that is none",
        [("sold", [*written(days(), str)[:-1], "soon"]), Y],
        error="a column of dates contains something else",
    ),
    Kind(
        "dates to predict",
        [X, ("y", days())],
        error="the target is a date or time",
        needs={"target of dates"},
    ),
    Kind(
        "marks of missing values",
        [
            ("size", [*written(SIZE[1][4:], str), "?", "NA", "n/a", "NaN"]),
            ("hue", drawn("red", "None", "blue", "?")),
            Y,
        ],
        ("size", "size is missing", "hue = blue", "hue = red", "hue is missing"),
    ),
    Kind(
        "a number that means missing",
        [("size", [-999 if row % 9 == 4 else s for row, s in enumerate(SIZE[1])]), Y],
        ("size", "size is missing"),
        options={"missing": -999},
    ),
    Kind(
        "a number far out",
        [("size", [*SIZE[1][:17], 9831.3, *SIZE[1][18:]]), Y],
        ("size",),
        ("9831.3 at",),
    ),
    Kind("numbers as text", [("zip", [f"0{n:04}" for n in drawn(*range(7, 99, 5))]), Y], ("zip",)),
    Kind(
        "names, all different",
        [("who", [f"person {row}" for row in range(ROWS)]), X, Y],
        ("x",),
        ("column 'who' (32 distinct values in 32 training rows)",),
    ),
    Kind(
        "more than 100 categories",
        [
            ("place", [*[f"w{row:03}" for row in range(100)] * 5, *"abcdefghij"]),
            ("y", drawn("p", "q", n=510)),
        ],
        tuple(f"place = w{number:03}" for number in range(100)),
        ("the 100 most frequent categories are kept",),
    ),
    Kind(
        "numbers as people write them",
        [
            ("decimal", [f"{s:.3f}".replace(".", ",") + "5" for s in SIZE[1]]),
            ("thousands", [f"{1_000_000 + 1000 * s:,.1f}" for s in numbers("s")]),
            ("money", [f"${1000 * s * s:,.2f}" for s in X[1]]),
            ("share", [f"{n} %" for n in drawn(*range(5, 95, 4))]),
            Y,
        ],
        ("decimal", "thousands", "money", "share"),
    ),
    Kind(
        "a price to predict",
        [X, ("y", [f"${1000 * s * s:,.2f}" for s in SIZE[1]])],
        ("x",),
        needs={"words with a meaning"},
    ),
    Kind(
        "a split column with val",
        [X, ("part", ["train"] * 20 + ["val"] * 10 + ["test"] * 10), Y],
        ("x",),
        options={"split_column": "part"},
    ),
    Kind(
        "a class of one row",
        [X, ("y", ["r", *drawn("p", "q")[1:]])],
        ("x",),
        ("has no rows of class 'r'",),
    ),
    Kind(
        "None as a class",
        [X, ("y", drawn("None", "mild", "None", "severe"))],
        ("x",),
        ("is a class of 'y', because it is as frequent as other classes",),
        needs={"words with a meaning"},
    ),
    Kind(
        "NA as the most frequent class",
        [X, ("y", drawn("NA", "NA", "NA", "mild", "severe"))],
        ("x",),
        ("'NA' in", "is a class of 'y', because it is as frequent as other classes", "--no-none-as-class"),
        needs={"words with a meaning"},
    ),
    Kind(
        "NA as missing, as asked",
        [X, ("y", ["NA"] * 16 + ["mild"] * 12 + ["severe"] * 12)],
        ("x",),
        ("16 of 40 rows have no value in 'y' and are dropped",),
        options={"none_as_class": False},
        needs={"words with a meaning"},
    ),
    Kind(
        "NA as a class, as asked",
        [X, ("y", ["NA"] * 4 + ["mild"] * 18 + ["severe"] * 18)],
        ("x",),
        options={"none_as_class": True},
        needs={"words with a meaning"},
    ),
    Kind(
        "NA as a missing target",
        [X, ("y", ["NA", *Y[1][1:]])],
        ("x",),
        ("'NA' in 1 of 40 rows means a missing value of 'y'",),
        needs={"words with a meaning"},
    ),
    Kind(
        "classes that differ in capitals",
        [X, ("y", drawn("Setosa", "setosa", "other"))],
        ("x",),
        ("classes differ only in capitals",),
    ),
    Kind(
        "words of all characters",
        [
            (
                "w",
                drawn("a, b", 'say "x"', "it's", "a\nb", "😀;é", "  blank ", "a\tb", "a\\b"),
            ),
            Y,
        ],
        tuple(
            f"w = {word}"
            for word in sorted(["a, b", 'say "x"', "it's", "a\nb", "😀;é", "blank", "a\tb", "a\\b"])
        ),
    ),
    Kind(
        "odd column names",
        [
            ("a,b", numbers(1)),
            ('say "x"', numbers(2)),
            ("größe (m²); x", numbers(3)),
            ("it's 😀", numbers(4)),
            ("two\nlines", numbers(5)),
            Y,
        ],
        ("a,b", 'say "x"', "größe (m²); x", "it's 😀", "two\nlines"),
    ),
    Kind(
        "years as names", [("2019", numbers(1)), ("2020", numbers(2)), ("2021", numbers(3))], ("2019", "2020")
    ),
    Kind(
        "duplicate names",
        [X, ("x", numbers(2)), Y],
        error="two columns have the same name",
        needs={"names", "duplicate names"},
    ),
    Kind("an infinite number", [("x", [*X[1][:-1], math.inf]), Y], error="a value is infinite"),
    Kind(
        "a number too large", [("x", [*written(X[1][:-1], str), "1e999"]), Y], error="a number is too large"
    ),
    Kind("a huge number", [("x", [*X[1][:-1], 1e300]), Y], ("x",), ("1e+300 at",)),
    Kind(
        "a word among numbers",
        [("x", [*written(X[1][:-1], str), "many"]), Y],
        error="numeric column contains text",
    ),
    Kind(
        "whole numbers beyond 2^53",
        [("code", [2**60 + 10**12 * row * row for row in range(ROWS)]), Y],
        ("code",),
    ),
    Kind("decimals", [("price", [Decimal(str(s)) for s in SIZE[1]]), Y], ("price",)),
    Kind(
        "lists",
        [("tags", [[1, 2], [3]] * 20), X, Y],
        ("x",),
        ("left out, because the cells are lists",),
    ),
    Kind(
        "structs",
        [("at", [{"a": 1}, {"a": 2}] * 20), X, Y],
        ("x",),
        ("left out, because the cells are structs",),
    ),
    Kind(
        "several numbers to predict",
        [X, ("y1", numbers("y1")), ("y2", numbers("y2"))],
        ("x",),
        options={"target": ("y1", "y2")},
    ),
    Kind(
        "several labels",
        [X, ("hot", drawn(True, False, seed=1)), ("wet", drawn(True, False, seed=2))],
        ("x",),
        options={"target": ("hot", "wet")},
    ),
    Kind("sample weights", [X, ("w", drawn(1, 2, 5)), Y], ("x",), options={"sample_weight": "w"}),
    Kind("columns to drop", [X, ("x_1", X[1]), ("x_2", X[1]), Y], ("x",), options={"drop": "x_*"}),
    Kind("no features", [Y], needs={"no target"}, error="no feature column is left"),
    Kind("no rows", [("x", []), ("y", [])], error="no rows", needs={"no rows"}),
    Kind("one class", [X, ("y", ["p"] * ROWS)], error="only one class"),
    Kind("a row too short", [X, ("y", Y[1][:-1])], error="cells", needs={"short rows"}),
)

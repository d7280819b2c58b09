"""The options for reading data, each declared once: what it may be, what a model file stores, its help."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pellucid.data.column_names import columns_named, same_names
from pellucid.data.option import Option, declared_option
from pellucid.data.option_checks import (
    DECIMALS,
    SPOKEN_DELIMITERS,
    TASKS,
    column_names,
    decimal_mark,
    known_encoding,
    known_task,
    missing_marks,
    number_of_lines,
    of_type,
    one_or_several,
    sheet_of_workbook,
    stored_delimiter,
    stored_names,
    stored_sheet,
)
from pellucid.described import flag, list_of, one_of, or_none, text, whole
from pellucid.errors import ConfigurationError

__all__ = [
    "DECIMALS",
    "FILE_OPTIONS",
    "READ_OPTIONS",
    "SPOKEN_DELIMITERS",
    "TASKS",
    "ReadOptions",
]


@dataclass(frozen=True)
class ReadOptions:
    """The options for reading data; None or () for those that are not given.

    Parameters
    ----------
    target : tuple of str
        The columns to predict.
    split_column, weight_column : str or None
        The columns that contain train, validation or test, and the sample weights.
    task : str or None
        Classification, multilabel or regression.
    delimiter, header
        The delimiter of a text file, and whether its first line contains the column names.
    text_encoding, skip_lines
        The encoding of a text file, and the number of lines above the table.
    sheet : str, int or None
        The sheet of a workbook: its name, or its number, counted from 1.
    decimal : str or None
        Whether numbers have a decimal point or a decimal comma; plain if other numbers are text.
    missing : tuple of str
        Values that stand for missing ones, besides those that always do.
    none_as_class : bool or None
        Whether None, NA, N/A and null in a target of words are classes.
    zero_based : bool or None
        Whether the columns of an svmlight file are counted from 0.
    drop : tuple of str
        Columns to drop.

    Examples
    --------
    >>> options = ReadOptions.of(target="price", drop=["id"])
    >>> options.columns
    ('price', 'id')
    >>> ReadOptions.from_provenance(options.to_provenance()) == options
    True
    """

    target: tuple[str, ...] = declared_option(
        (),
        checked=column_names,
        stored=stored_names,
        plain=one_or_several,
        names_columns=True,
        multiple=True,
        short="-t",
        help="The column to predict, by default the last one. May be repeated.",
        in_all_files=True,
    )
    split_column: str | None = declared_option(
        checked=of_type(str | None, "the split column", "a column name"),
        stored=or_none(text),
        names_columns=True,
        help="A column that contains train, validation or test in each row.",
        in_all_files=True,
    )
    weight_column: str | None = declared_option(
        checked=of_type(str | None, "the weight column", "a column name"),
        stored=or_none(text),
        names_columns=True,
        metavar="COLUMN",
        help="The column with the sample weights, used in training and in the weighted metrics.",
    )
    task: str | None = declared_option(
        checked=known_task,
        stored=one_of(TASKS),
        choices=TASKS,
        help="The task, by default detected from the target. Multilabel: yes or no for each of several "
        "columns, or for each label in a text column such as comedy;drama.",
        in_all_files=True,
    )
    delimiter: str | None = declared_option(
        checked=of_type(str | None, "the delimiter", "one character"),
        stored=or_none(stored_delimiter),
        help="The delimiter of a text file, or the word tab or blank, by default detected.",
        of_file=True,
        in_all_files=True,
    )
    text_encoding: str | None = declared_option(
        checked=known_encoding,
        stored=or_none(text),
        help="The text encoding, such as cp1252 or utf-16, by default detected.",
        of_file=True,
        written="--encoding",
    )
    sheet: str | int | None = declared_option(
        checked=sheet_of_workbook,
        stored=or_none(stored_sheet),
        of_file=True,
        metavar="NAME_OR_NUMBER",
        help="The sheet of a workbook: its name, or its number from 1; by default the first visible one that "
        "contains a table.",
    )
    skip_lines: int | None = declared_option(
        checked=number_of_lines,
        stored=or_none(whole(0)),
        help="The number of lines above a text table, by default detected.",
        of_file=True,
        kind=int,
    )
    decimal: str | None = declared_option(
        checked=decimal_mark,
        stored=or_none(one_of(DECIMALS)),
        choices=DECIMALS,
        of_file=True,
        of_cells=True,
        in_older_files="plain",
        help="The decimal mark of numbers, by default detected for each column; plain "
        "leaves cells such as 1,5 or 12 % as text.",
    )
    missing: tuple[str, ...] = declared_option(
        (),
        checked=missing_marks,
        stored=list_of(text),
        plain=list,
        multiple=True,
        of_file=True,
        of_cells=True,
        metavar="VALUE",
        help="A value that stands for a missing one, such as -999. May be repeated.",
    )
    none_as_class: bool | None = declared_option(
        checked=of_type(bool | None, "none_as_class", "True, False, or None to decide by their number"),
        stored=or_none(flag),
        of_cells=True,
        on_off=True,
        in_older_files=False,
        help="Whether None, NA, N/A or null in a target of words is a class, by default if it is at least "
        "half as frequent as the most frequent other class.",
    )
    header: bool | None = declared_option(
        checked=of_type(bool | None, "header", "True, False, or None to detect it"),
        stored=or_none(flag),
        of_file=True,
        on_off=True,
        help="Whether the first line of a text file contains the column names, by default detected.",
    )
    zero_based: bool | None = declared_option(
        checked=of_type(bool | None, "zero_based", "True, False, or None to detect it"),
        stored=or_none(flag),
        of_file=True,
        on_off=True,
        help="Whether the columns of an svmlight file are counted from 0, by default if there is a column 0.",
    )
    drop: tuple[str, ...] = declared_option(
        (),
        checked=column_names,
        stored=list_of(text),
        plain=list,
        names_columns=True,
        multiple=True,
        help="Columns to drop: a name, several separated by commas, or a pattern such as 'x_*'. May be "
        "repeated.",
        in_all_files=True,
    )

    @classmethod
    def of(cls, **given: Any) -> "ReadOptions":
        """Check options as a user gives them.

        Raises
        ------
        UnknownNameError, ConfigurationError
        """
        options = cls(**given)
        return replace(
            options, **{name: READ_OPTIONS[name].checked(value, name) for name, value in given.items()}
        )

    @classmethod
    def from_provenance(cls, provenance: Mapping[str, Any]) -> "ReadOptions":
        """Return the options in the provenance of a model; older ones lack some."""
        older = {name: option.in_older_files for name, option in READ_OPTIONS.items() if provenance}
        return cls.of(**{name: provenance.get(name, value) for name, value in older.items()})

    def to_provenance(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {name: self.plain(name) for name in READ_OPTIONS}

    def plain(self, name: str) -> Any:
        """Return the value of an option as it is stored and shown."""
        return READ_OPTIONS[name].plain(getattr(self, name))

    def resolved(self, there: Collection[str]) -> "ReadOptions":
        """Return the options with the columns to drop in place of lists and patterns."""
        if len(set(self.drop)) < len(self.drop):
            return self  # refused with all others that are named twice
        elsewhere = replace(self, drop=()).columns
        return replace(self, drop=columns_named(self.drop, there, elsewhere))

    def as_named(self, there: Collection[str]) -> "ReadOptions":
        """Return the options with the names of these columns, from which theirs may differ in blanks."""
        meant = same_names(set(self.columns) - set(there), there)
        named = {column: meant.get(column, column) for column in self.columns}
        return replace(
            self,
            target=tuple(named[column] for column in self.target),
            split_column=named.get(self.split_column or "", self.split_column),
            weight_column=named.get(self.weight_column or "", self.weight_column),
            drop=tuple(named[column] for column in self.drop),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are named, each as often as it is."""
        named = (*self.target, self.split_column, self.weight_column, *self.drop)
        return tuple(column for column in named if column is not None)

    def for_file(self, **given: Any) -> "ReadOptions":
        """Return these options for another file, which is read in its own way as far as is given.

        Raises
        ------
        ConfigurationError
            If an option is not one of how a file is read.
        """
        for name in given:
            if name not in FILE_OPTIONS:
                raise ConfigurationError(
                    f"{name} does not say how a file is read",
                    expected=f"among {', '.join(FILE_OPTIONS)}",
                    received=name,
                )
        return ReadOptions.of(**given).merged(self)

    def merged(self, before: "ReadOptions") -> "ReadOptions":
        """Return these options, and those of a model's own data for the ones not given.

        An option given now overrides the former use of a column.
        """
        for name in ("target", "task"):
            now, known = self.plain(name), before.plain(name)
            if now and known and now != known:
                raise ConfigurationError(
                    f"the {name} is not the one that the network was trained for",
                    expected=f"{known!r}, or none",
                    received=repr(now),
                )
        given = {name: getattr(self, name) for name in READ_OPTIONS if getattr(self, name) not in (None, ())}
        merged = replace(before, **given)
        if self.split_column is None and merged.split_column in self.drop:
            merged = replace(merged, split_column=None)
        if self.weight_column is None and merged.weight_column in self.drop:
            merged = replace(merged, weight_column=None)
        used = (merged.split_column, merged.weight_column)
        kept = [column for column in before.drop if column not in used]
        return replace(merged, drop=tuple(dict.fromkeys([*kept, *self.drop])))


READ_OPTIONS: Mapping[str, Option] = {part.name: part.metadata["option"] for part in fields(ReadOptions)}
FILE_OPTIONS = tuple(name for name, option in READ_OPTIONS.items() if option.of_file)

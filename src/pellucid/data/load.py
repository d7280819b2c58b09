"""From a data source to examples: read, split, fit the encoding, encode."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pellucid.data.dataset import Dataset
from pellucid.data.encoding.encoding import Encoding, fit_target
from pellucid.data.encoding.standard import Floats
from pellucid.data.encoding.targets import ClassTarget
from pellucid.data.encoding.tasks import detect_task, label_images, task_note
from pellucid.data.examples import Array, Examples
from pellucid.data.like import Encoded, missing_weights, read_like, repeated_rows
from pellucid.data.needs import Needs
from pellucid.data.options import ReadOptions
from pellucid.data.own_data import name_of_source
from pellucid.data.raw import RawData
from pellucid.data.read import read_source
from pellucid.data.reporting import facts_on, report_on
from pellucid.data.separate_sets import check_once, read_separate
from pellucid.data.splits.drawing import Rows, given_twice, untested
from pellucid.data.splits.split import DEFAULT_TEST_SIZE, Split, classes_in, with_test_set
from pellucid.data.weights import checked_weights, relative_weights, set_weights, training_weights
from pellucid.errors import check_type
from pellucid.renamed import renamed_arguments

__all__ = ["load_data"]


@renamed_arguments(weights="sample_weight", like="encoding", validation="validation_data")
def load_data(
    source: object = "digits",
    *,
    target: str | Sequence[str] | None = None,
    split_column: str | None = None,
    test_size: float | None = None,
    task: str | None = None,
    seed: int = 0,
    delimiter: str | None = None,
    text_encoding: str | None = None,
    sheet: str | int | None = None,
    skip_lines: int | None = None,
    decimal: str | None = None,
    missing: object = None,
    none_as_class: bool | None = None,
    header: bool | None = None,
    zero_based: bool | None = None,
    drop: Sequence[str] | None = None,
    validation_size: float | None = None,
    validation_data: object = None,
    test_data: object = None,
    encoding: Encoded | None = None,
    sample_weight: object = None,
) -> Dataset:
    """Read data, split it, and make it ready for training.

    Parameters
    ----------
    source : str, path, (x, y) or data frame
        A name (digits, mnist), a file or folder in one of the formats that ``docs/data.md`` lists, ``"-"``
        for standard input, a pair of arrays, of which x may be a SciPy sparse matrix, or a polars or pandas
        data frame.
    target : str or sequence of str, optional
        The column or columns to predict; by default the last column of a table.
    split_column : str, optional
        A column that contains train, validation (or val, valid, dev) or test in each row.
    test_size : float or int
        The share or number of rows in the test set, by default 0.2. Not used if the data have their own
        split.
    task : {"classification", "multilabel", "regression"}, optional
        The task, by default detected from the targets. Multilabel answers yes or no to each of several
        labels; a single column of text may contain them all, separated by ; or |.
    seed : int
        The random seed of the split.
    delimiter : str, optional
        The delimiter of a text file, or the word tab or blank, by default detected.
    text_encoding : str, optional
        The encoding of a text file, such as "cp1252", by default detected.
    sheet : str or int, optional
        The sheet of a workbook: its name, or its number, counted from 1 and including hidden ones. By default
        the first visible one that contains a table.
    skip_lines : int, optional
        The number of lines above a text table, by default detected.
    decimal : {".", ",", "plain"}, optional
        How the numbers of columns of text are written, by default detected for each column: "1,000.5",
        "1.000,5"; with "plain", cells such as "1,5" or "12 %" are words.
    missing : str, number, or sequence of them, optional
        Values that stand for missing ones, besides empty cells, ?, NA, N/A, NaN, null, None, <NA>, and what
        workbooks show for an error, such as #N/A.
    none_as_class : bool, optional
        Whether None, NA, N/A or null in a target of words is a class. By default it is if it is at least half
        as frequent as the most frequent other class, or the only other one.
    header : bool, optional
        Whether the first line of a text file contains the column names. By default it does, unless it
        contains only numbers, a number that is not whole, or words that come again below it.
    zero_based : bool, optional
        Whether the columns of an svmlight file are counted from 0, by default if there is a column 0.
    drop : str or sequence of str, optional
        Columns to drop: names, several in one separated by commas, or patterns such as ``x_*``.
    validation_size : float or int, optional
        The share or number of training rows to use as the validation set, by default none.
    validation_data : as `source`, optional
        A separate validation set, read like the source.
    test_data : as `source`, optional
        A separate test set, read like the source, of which no rows are held out then.
    encoding : Model or Dataset, optional
        A model or data set whose encoding of features and targets to use, so that its network can be trained
        further on these data. They are read with the same options by default.
    sample_weight : str or array of shape (n,), optional
        The sample weights, 0 or more: a column, which is not a feature then, or numbers for the rows of
        arrays or of a data frame. They are used in training and in weighted metrics; other metrics count
        every row once.

    Returns
    -------
    Dataset

    Raises
    ------
    PellucidError
        DataError, FormatError, MissingFileError, ConfigurationError or UnknownNameError.

    Examples
    --------
    >>> data = load_data("digits", test_size=0.3)
    >>> len(data.train), len(data.test), data.n_inputs, data.n_classes
    (1258, 539, 64, 10)
    >>> load_data("digits", test_size=0.5, encoding=data).inputs is data.inputs
    True
    """
    usual_size = DEFAULT_TEST_SIZE if test_data is None else None
    split = Split(usual_size if test_size is None else test_size, seed, validation_size)
    split.check()
    check_once("validation", validation_size, validation_data)
    check_once("test", test_size, test_data)
    check_type(encoding, Encoded | None, "encoding", "a Model or a Dataset")
    options = ReadOptions.of(
        target=target,
        split_column=split_column,
        weight_column=sample_weight if isinstance(sample_weight, str) else None,
        task=task,
        delimiter=delimiter,
        text_encoding=text_encoding,
        sheet=sheet,
        skip_lines=skip_lines,
        decimal=decimal,
        missing=missing,
        none_as_class=none_as_class,
        header=header,
        zero_based=zero_based,
        drop=drop,
    )
    if encoding is None:
        raw = read_source(source, options, Needs())
    else:
        raw, options = read_like(source, encoding, options)
    if not (sample_weight is None or isinstance(sample_weight, str)):
        set_weights(raw, sample_weight, source)
    row_weights = checked_weights(raw)
    notes = list(raw.notes)
    if test_size is not None and raw.train is not None:
        notes.append("the test size is not used, because the data have their own split")
    own = raw.own_parts()
    if test_data is None and with_test_set(own) is not own:
        notes.append("the data have no test rows, so the validation rows are the test set")
    options = _with_task(options, raw, notes)
    parts, fitted, targets, remarks = _fit(raw, str(options.task), split, encoding, notes)
    provenance = _provenance(source, raw, options, split)
    facts = facts_on(raw, fitted, targets)
    again = [] if encoding is None else repeated_rows(raw, encoding, provenance)
    sets = fitted.encode_sets(raw, parts, targets, notes)
    if encoding is not None:
        notes += [*missing_weights(raw, provenance), *again]
    if row_weights is not None:
        sets = _weighted(sets, parts, row_weights, raw.name)
    separate = {}
    for part, data in (("validation", validation_data), ("test", test_data)):
        if data is None:
            continue
        if part in sets:
            raise given_twice(part, f"{part}_data")
        separate[part], sets[part] = read_separate(part, data, fitted, provenance, notes)
        provenance |= {part: name_of_source(data), f"{part}_fingerprint": separate[part].fingerprint()}
    if isinstance(fitted.target, ClassTarget):
        notes += untested(sets["train"].known_targets, sets["test"].known_targets, fitted.target.names)
    report = report_on(raw, facts, fitted, targets, options, sets, separate, remarks + notes)
    return Dataset(
        raw.name,
        sets["train"],
        sets["test"],
        fitted.inputs,
        fitted.target,
        list(report.notes),
        provenance,
        sets.get("validation"),
        report,
    )


def _with_task(options: ReadOptions, raw: RawData, notes: list[str]) -> ReadOptions:
    """Return the options with the task, which is detected and noted unless it was given."""
    assert raw.target is not None  # reading requires a target
    if options.task is not None:
        return options
    if raw.of_classes:
        return replace(options, task="classification")
    task = detect_task(raw.target, raw.target_names)
    if task == "regression" and raw.image_shape is not None and label_images(raw.target):
        notes.append(
            "the task is classification, because the targets number the classes of images; for regression "
            "use task='regression' (--task regression)"
        )
        return replace(options, task="classification")
    if raw.image_shape is None or raw.target.ndim > 1 or task == "regression":
        notes.append(task_note(task, raw.target))
    return replace(options, task=task)


def _fit(
    raw: RawData, task: str, split: Split, like: Encoded | None, notes: list[str]
) -> tuple[dict[str, Rows], Encoding, Array, list[str]]:
    """Return the rows of each set, the encoding, all encoded targets, and notes on the inputs."""
    assert raw.target is not None  # reading requires a target
    target = fit_target(raw, task) if like is None else like.encoding.target
    targets: Array = target.encode(raw.target, raw.place)  # raises for an unknown class before any split
    classes: Rows | None = None
    names: tuple[str, ...] = ()
    if isinstance(target, ClassTarget):
        # The rows are split by the classes that occur, as when the split is reproduced.
        classes, names = (targets, target.names) if like is None else classes_in(raw)
    parts = split.parts(raw, classes, names)
    if like is not None:
        return parts, like.encoding, targets, []
    notes += target.remarks(raw.target, targets[parts["train"]])
    encoding, remarks = Encoding.fit(raw, parts["train"], target, targets)
    return parts, encoding, targets, remarks


def _weighted(
    sets: Mapping[str, Examples], parts: Mapping[str, Rows], weights: Floats, name: str
) -> dict[str, Examples]:
    """Return the examples of each set with their weights."""
    found = {}
    for part, rows in parts.items():
        own = weights[rows]
        scaled = training_weights(own, name) if part == "train" else relative_weights(own)
        found[part] = replace(sets[part], weights=scaled)
    return found


def _provenance(source: object, raw: RawData, options: ReadOptions, split: Split) -> dict[str, Any]:
    """Return the origin of the data and the options for reading and splitting them, ready for JSON."""
    found = replace(
        options,
        target=raw.target_names or (() if raw.target_name is None else (raw.target_name,)),
        drop=raw.dropped or options.drop,
        none_as_class=options.none_as_class if raw.none_as_class is None else raw.none_as_class,
        # Without a header they are read again without one; a header is detected again unless it was given.
        header=raw.header and options.header,
        decimal=raw.decimal or options.decimal,
        zero_based=options.zero_based if raw.zero_based is None else raw.zero_based,
    )
    return {
        "source": name_of_source(source) or raw.name,
        **found.to_provenance(),
        **dict.fromkeys(("validation", "validation_fingerprint", "test", "test_fingerprint")),
        **split.to_provenance(),
        "fingerprint": raw.fingerprint(),
    }

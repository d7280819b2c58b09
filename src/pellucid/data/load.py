"""From a data source to examples: read, split, fit the encoding, encode."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data.dataset import Dataset, split
from pellucid.data.encoding.inputs import Inputs, fit_inputs
from pellucid.data.encoding.targets import ClassTarget, LabelTarget, Target, ValueTarget
from pellucid.data.encoding.tasks import detect_task, task_note
from pellucid.data.examples import Array, Examples
from pellucid.data.like import Encoding, missing_weights, read_like, repeated_rows
from pellucid.data.options import Needs, ReadOptions
from pellucid.data.own_data import name_of_source
from pellucid.data.raw import RawData
from pellucid.data.read import read_again, read_source
from pellucid.data.splits import DEFAULT_TEST_SIZE, check_size, check_split, split_validation
from pellucid.data.weights import checked_weights, relative_weights, set_weights, training_weights
from pellucid.errors import ConfigurationError, check_type
from pellucid.renamed import renamed_arguments

__all__ = ["load_data"]

Rows = NDArray[np.intp]


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
    header: bool | None = None,
    drop: Sequence[str] | None = None,
    validation_size: float | None = None,
    validation_data: object = None,
    encoding: Encoding | None = None,
    sample_weight: object = None,
) -> Dataset:
    """Read data, split it, and make it ready for training.

    Parameters
    ----------
    source : str, path, (x, y) or data frame
        A name (digits, mnist), a folder of idx files, a file (CSV, TSV, Parquet, .npz), a pair of
        arrays, of which x may be a SciPy sparse matrix, or a polars or pandas data frame.
    target : str or sequence of str, optional
        The column or columns to predict; by default the last column of a table.
    split_column : str, optional
        A column that contains train or test in each row.
    test_size : float or int
        The share or number of rows in the test set, by default 0.2. Not used if the data have their own
        split.
    task : {"classification", "multilabel", "regression"}, optional
        The task, by default detected from the targets. Multilabel answers yes or no to each of several
        labels; a single column of text may contain them all, separated by ; or |.
    seed : int
        The random seed of the split.
    delimiter : str, optional
        The delimiter of a text file, by default that of its extension.
    header : bool, optional
        Whether the first line of a text file contains the column names. By default it does, unless it
        contains only numbers, or a number that is not whole.
    drop : str or sequence of str, optional
        Columns to drop.
    validation_size : float or int, optional
        The share or number of training rows to use as the validation set, by default none.
    validation_data : as `source`, optional
        A separate validation set, read like the source.
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
    share = DEFAULT_TEST_SIZE if test_size is None else test_size
    _check_sizes(share, seed, validation_size, validation_data)
    check_type(encoding, Encoding | None, "encoding", "a Model or a Dataset")
    options = ReadOptions.of(
        target=target,
        split_column=split_column,
        weight_column=sample_weight if isinstance(sample_weight, str) else None,
        task=task,
        delimiter=delimiter,
        header=header,
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
    assert raw.target is not None  # reading requires a target
    if options.task is None:
        task = detect_task(raw.target, raw.target_names)
        options = replace(options, task=task)
        if raw.image_shape is None or raw.target.ndim > 1:
            notes.append(task_note(task, raw.target))
    parts, target_encoding, targets = _targets(
        raw, encoding, str(options.task), (share, seed, validation_size), notes
    )
    train, held_out, test = parts
    inputs, remarks = fit_inputs(raw, train) if encoding is None else (encoding.inputs, [])
    encoded, scale = inputs.encode(raw.rows, raw.place, notes)
    examples = Examples(encoded, targets, scale, raw.origin)
    sizes = {"test_size": _plain(share), "seed": int(seed), "validation_size": _plain(validation_size)}
    provenance = _provenance(source, validation_data, raw, options, sizes)
    if encoding is not None:
        notes += [*missing_weights(raw, provenance), *repeated_rows(raw, encoding, provenance)]
    train_set, test_set = examples.take(_slice_if_one(train)), examples.take(_slice_if_one(test))
    validation_set = examples.take(held_out) if len(held_out) else None
    if row_weights is not None:
        train_set = replace(train_set, weights=training_weights(row_weights[train], raw.name))
        test_set = replace(test_set, weights=relative_weights(row_weights[test]))
        if validation_set is not None:
            validation_set = replace(validation_set, weights=relative_weights(row_weights[held_out]))
    if validation_data is not None:
        validation_set = _read_validation(validation_data, provenance, inputs, target_encoding, notes)
    return Dataset(
        raw.name,
        train_set,
        test_set,
        inputs,
        target_encoding,
        remarks + notes,
        provenance,
        validation_set,
    )


def _check_sizes(share: float, seed: int, validation_size: float | None, validation: object) -> None:
    """Check the sizes of the sets, before any data are read."""
    check_split(share, seed)
    if validation_size is None:
        return
    check_size(validation_size, "validation")
    if validation is not None:
        raise ConfigurationError(
            "the validation set is given twice",
            expected="a share of the training set, or separate data",
            received=f"validation_size={validation_size!r} and validation={validation!r}",
        )


def _provenance(
    source: object, validation: object, raw: RawData, options: ReadOptions, sizes: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the origin of the data and the options for reading and splitting them, ready for JSON."""
    found = replace(
        options,
        target=raw.target_names or (() if raw.target_name is None else (raw.target_name,)),
        # Without a header they are read again without one; a header is detected again unless it was given.
        header=raw.header and options.header,
    )
    return {
        "source": name_of_source(source) or raw.name,
        **found.to_provenance(),
        "validation": name_of_source(validation),
        **sizes,
        "fingerprint": raw.fingerprint(),
    }


def _plain(size: float | None) -> float | int | None:
    if size is None:
        return None
    return float(size) if size < 1 else int(size)


def _read_validation(
    source: object, provenance: Mapping[str, Any], inputs: Inputs, encoding: Target, notes: list[str]
) -> Examples:
    raw = read_again(source, provenance)
    notes += raw.notes
    if raw.fingerprint() == provenance["fingerprint"]:
        notes.append(
            "the validation data are the training data, so they cannot show whether the network overfits; "
            "hold out some of these with validation_size (--validation-size)"
        )
    assert raw.target is not None  # reading requires a target
    encoded, scale = inputs.encode(raw.rows, raw.place, notes)
    notes += missing_weights(raw, provenance, "for validation")
    sample_weight = checked_weights(raw)
    weights = None if sample_weight is None else relative_weights(sample_weight)
    return Examples(encoded, encoding.encode(raw.target, raw.place), scale, raw.origin, weights)


def _targets(
    raw: RawData,
    like: Encoding | None,
    task: str,
    sizes: tuple[float, int, float | None],
    notes: list[str],
) -> tuple[tuple[Rows, Rows, Rows], Target, Any]:
    """Return the rows of the training, validation and test set, the target, and all encoded targets."""
    assert raw.target is not None  # reading requires a target
    encoding = _fit_target(raw, raw.target, task) if like is None else like.target
    targets: Any = encoding.encode(raw.target, raw.place)  # raises for an unknown class before any split
    classes, names = (targets, encoding.names) if task == "classification" else (None, ())
    if like is not None and task == "classification":
        # The rows are split by the classes that occur, as when the split is reproduced.
        there = ClassTarget.found_in(raw.target, raw.target_name, raw.place)
        classes, names = there.encode(raw.target, raw.place), there.names
    test_size, seed, validation_size = sizes
    train, test = split(raw, test_size, seed, classes, names)
    held_out = train[:0]
    if validation_size is not None:
        train, held_out = split_validation(train, validation_size, seed, classes)
    if like is None and isinstance(encoding, ValueTarget):
        encoding = ValueTarget.fit(targets[train], encoding.names, part="training set")
    if like is None and isinstance(encoding, LabelTarget):
        notes += encoding.remarks(raw.target, targets[train])
    return (train, held_out, test), encoding, targets


def _fit_target(raw: RawData, target: Array, task: str) -> Target:
    """Fit the encoding of the targets to all rows."""
    if task == "classification":
        return ClassTarget.fit(target, raw.target_name, raw.place)
    kind = LabelTarget if task == "multilabel" else ValueTarget
    names = raw.target_names or (None if raw.target_name is None else (raw.target_name,))
    return kind.fit(target, names, raw.place)


def _slice_if_one(rows: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return contiguous rows as a slice, which copies nothing."""
    first, last = int(rows[0]), int(rows[-1])
    return slice(first, last + 1) if last - first + 1 == len(rows) else rows

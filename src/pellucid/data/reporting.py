"""The report on data that were read, split and encoded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pellucid.data.cells.raw_targets import columns_of
from pellucid.data.column_notes import ColumnNote
from pellucid.data.encoding.column_report import ColumnReport, frame_reports, target_report
from pellucid.data.encoding.encoding import Encoding
from pellucid.data.encoding.inputs import ColumnInputs
from pellucid.data.encoding.targets import ClassTarget, LabelTarget, Target
from pellucid.data.examples import Array, Examples
from pellucid.data.options import ReadOptions
from pellucid.data.raw import RawData
from pellucid.data.report import DataReport
from pellucid.data.sparse_rows import SparseRows
from pellucid.data.splits.duplicates import (
    Codes,
    Types,
    n_repeated,
    n_seen,
    row_codes,
    seen_notes,
    types_of,
)

__all__ = ["Facts", "facts_on", "report_on"]

_QUANTILES = {"minimum": 0.0, "5 %": 0.05, "median": 0.5, "95 %": 0.95, "maximum": 1.0}
_LEFT_OUT = "left out"


@dataclass(frozen=True)
class Facts:
    """What the report needs to know about rows that are given up before it is made."""

    columns: Sequence[ColumnReport]
    codes: Codes
    types: Types


def facts_on(raw: RawData, encoding: Encoding, targets: Array) -> Facts:
    """Return what the report needs to know about the rows."""
    rows = raw.rows
    if isinstance(rows, np.ndarray | SparseRows):
        columns = encoding.inputs.reports(rows)
    else:
        columns = frame_reports(rows)
    return Facts(columns, row_codes(raw, targets, encoding), types_of(raw))


def report_on(
    raw: RawData,
    facts: Facts,
    encoding: Encoding,
    targets: Array,
    options: ReadOptions,
    sets: Mapping[str, Examples],
    separate: Mapping[str, RawData],
    notes: Sequence[str],
) -> DataReport:
    """Describe data that were read, split and encoded.

    Parameters
    ----------
    raw : RawData
        The source, whose rows may have been given up.
    facts : Facts
        Those on all of its rows.
    encoding : Encoding
    targets : array
        Their encoded targets.
    options : ReadOptions
    sets : mapping of str to Examples
        All sets.
    separate : mapping of str to RawData
        Those that are not of the source.
    notes : sequence of str
        The notes so far.
    """
    remarks = _remarks(notes)
    codes = facts.codes
    position = np.empty(int(raw.origin.max()) + 1, np.intp)
    position[raw.origin] = np.arange(len(codes))
    train = codes[position[sets["train"].origin]]
    seen = {}
    for name, examples in sets.items():
        if name in separate:
            of_set = row_codes(separate[name], examples.known_targets, encoding, facts.types)
        else:
            of_set = codes[position[examples.origin]]
        if name != "train":
            seen[name] = n_seen(of_set, train)
    classes, quantiles = _balance(encoding.target, targets)
    sizes = {name: len(examples) for name, examples in sets.items()}
    report = DataReport(
        name=raw.name,
        n_rows=len(codes),
        columns=(*_features(facts, encoding, remarks), *_others(raw, options, remarks)),
        task=encoding.target.task,
        aim=encoding.target.aim,
        classes=classes,
        quantiles=quantiles,
        sets=sizes,
        repeated=n_repeated(codes),
        seen=seen,
        notes=tuple(notes),
    )
    given = set(sets) if raw.train is not None else set(separate)
    return replace(report, notes=(*notes, *seen_notes(seen, sizes, given, report.n_possible)))


def _balance(target: Target, targets: Array) -> tuple[dict[str, int], dict[str, dict[str, float]]]:
    """Return the number of rows of each class or label, and the quantiles of each value."""
    if isinstance(target, ClassTarget):
        counts = np.bincount(targets, minlength=target.n_classes)
        return dict(zip(target.names, counts.tolist(), strict=True)), {}
    names = target.output_names(targets.shape[1])
    if isinstance(target, LabelTarget):
        return dict(zip(names, targets.sum(axis=0).tolist(), strict=True)), {}
    found = np.quantile(targets, list(_QUANTILES.values()), axis=0).T.tolist()
    quantiles = [dict(zip(_QUANTILES, of_value, strict=True)) for of_value in found]
    return {}, dict(zip(names, quantiles, strict=True))


def _remarks(notes: Iterable[str]) -> dict[str, list[str]]:
    """Return the remarks on each column."""
    remarks: dict[str, list[str]] = {}
    for note in notes:
        if isinstance(note, ColumnNote):
            for name, remark in note.remarks.items():
                remarks.setdefault(name, []).append(remark)
    return remarks


def _features(
    facts: Facts, encoding: Encoding, remarks: Mapping[str, Sequence[str]]
) -> Iterable[ColumnReport]:
    """Describe the columns of the features; those of arrays are already described."""
    inputs = encoding.inputs
    kinds = {column.name: column for column in inputs.columns} if isinstance(inputs, ColumnInputs) else {}
    for column in facts.columns:
        of_column, kind = remarks.get(column.name, ()), kinds.get(column.name)
        if kind is not None:
            yield replace(
                column, use="feature", read_as=kind.read_as, becomes=kind.becomes, remarks=tuple(of_column)
            )
        elif column.use:
            yield column
        elif kinds:
            # Why it is left out stands in the remark, unless another table decided that.
            why = next((remark for remark in of_column if remark.startswith(_LEFT_OUT)), _LEFT_OUT)
            others = tuple(remark for remark in of_column if remark != why)
            yield replace(column, use=_LEFT_OUT, becomes=why, remarks=others)
        else:
            yield replace(column, use="feature", becomes="1 number", remarks=tuple(of_column))


def _others(
    raw: RawData, options: ReadOptions, remarks: Mapping[str, Sequence[str]]
) -> Iterable[ColumnReport]:
    """Describe the target, and the columns that are not features."""
    yield from _target_reports(raw, remarks)
    options = options.as_named(raw.ignored)
    uses = {options.split_column: ("split", "the sets"), options.weight_column: ("weight", "sample weights")}
    for name in raw.ignored:
        if name in uses:
            yield ColumnReport(name, uses[name][0], "", uses[name][1])
        elif name not in options.target and name != raw.target_name:
            yield ColumnReport(name, "dropped", "", "dropped")


def _target_reports(raw: RawData, remarks: Mapping[str, Sequence[str]]) -> Iterable[ColumnReport]:
    assert raw.target is not None
    columns = columns_of(raw.target).T
    names = raw.target_names or (raw.target_name or "target",)
    if len(names) < len(columns):
        names = tuple(f"target {index}" for index in range(len(columns)))
    for name, column in zip(names, columns, strict=True):
        yield target_report(name, column, tuple(remarks.get(name, ())))

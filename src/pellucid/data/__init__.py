"""Data: sources, splits, and the encoding of features and targets."""

from pellucid.data.column_notes import ColumnNote
from pellucid.data.dataset import Dataset
from pellucid.data.encoding.column_report import ColumnReport
from pellucid.data.encoding.encoding import Encoding
from pellucid.data.encoding.inputs import ArrayInputs, ColumnInputs, Inputs, PixelInputs, inputs_from_dict
from pellucid.data.encoding.targets import ClassTarget, LabelTarget, Target, ValueTarget, target_from_dict
from pellucid.data.examples import Examples
from pellucid.data.load import load_data
from pellucid.data.options import FILE_OPTIONS, READ_OPTIONS, TASKS, ReadOptions
from pellucid.data.own_data import read_own
from pellucid.data.raw import RawData
from pellucid.data.read import read_again, read_data
from pellucid.data.readers.builtin.named import NAMED_SOURCES
from pellucid.data.report import DataReport
from pellucid.data.splits.split import DEFAULT_TEST_SIZE, split_again, with_test_set

__all__ = [
    "DEFAULT_TEST_SIZE",
    "FILE_OPTIONS",
    "NAMED_SOURCES",
    "READ_OPTIONS",
    "TASKS",
    "ArrayInputs",
    "ClassTarget",
    "ColumnInputs",
    "ColumnNote",
    "ColumnReport",
    "DataReport",
    "Dataset",
    "Encoding",
    "Examples",
    "Inputs",
    "LabelTarget",
    "PixelInputs",
    "RawData",
    "ReadOptions",
    "Target",
    "ValueTarget",
    "inputs_from_dict",
    "load_data",
    "read_again",
    "read_data",
    "read_own",
    "split_again",
    "target_from_dict",
    "with_test_set",
]

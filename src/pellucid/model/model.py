"""A trained network together with all that is needed to use it on raw rows."""

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.data import Examples, Inputs, RawData, Target, read_again, read_own, split_again
from pellucid.errors import ConfigurationError, DataError, PellucidWarning, UnknownNameError, did_you_mean
from pellucid.evaluation import Diagnosis, History, OutputHead, Report, evaluate, outputs_of
from pellucid.network import Cost, Floats, Network

__all__ = ["PARTS", "Model"]

PARTS = ("all", "train", "validation", "test")


@dataclass
class Model:
    """A network that knows where its inputs come from and what its outputs mean.

    Parameters
    ----------
    network : Network
    cost : Cost
        What it was trained towards.
    inputs : Inputs
        How raw rows become the network's inputs, learned on the training part.
    target : ClassTarget, LabelTarget or ValueTarget
        What the outputs mean.
    history : History
        The figures of each epoch.
    diagnosis : Diagnosis or None
        Whether it over- or underfits, and why; None where it was not asked for, or nothing was measured.
    settings, provenance : dict
        How it was trained, and on what; ready for JSON.
    stopped : str or None
        Why training ended before its last epoch, if it did: "interrupted", "diverged", "converged", "early",
        "time", "goal", "failed" for an error in a callback, or what a callback said.
    kept_epoch : int or None
        The epoch whose weights the network has; the last one unless said.

    Examples
    --------
    >>> from pellucid.data import load_data
    >>> from pellucid.training import build_network, train
    >>> data = load_data("digits")
    >>> model = train(build_network(data, [16]), data, learning_rate=0.05, epochs=3)
    >>> model.predict("digits")[:10]  # one of the first ten is a mistake
    array([0, 1, 2, 3, 4, 9, 6, 7, 8, 9])
    >>> model.evaluate("digits", part="test").measures.accuracy > 0.9
    True
    """

    network: Network
    cost: Cost
    inputs: Inputs
    target: Target
    history: History
    diagnosis: Diagnosis | None
    settings: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    stopped: str | None = None
    kept_epoch: int | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """The figures of the epoch whose weights the network has: the last one, or the best that was kept."""
        row: dict[str, Any] = self.history[-1 if self.kept_epoch is None else self.kept_epoch]
        return row

    @property
    def has_learned(self) -> bool:
        """Whether training changed the weights, and any of its epochs was worth keeping."""
        return self.kept_epoch != 0

    @property
    def notes(self) -> list[str]:
        """What should be known before the model is relied on."""
        if self.has_learned:
            return []
        why = {"diverged": ": it diverged", "early": ": no epoch was an improvement"}
        return [
            "training changed nothing, so that this model has the weights that it began with"
            + why.get(self.stopped or "", "")
        ]

    @cached_property
    def head(self) -> OutputHead:
        """The output head, which converts targets to what the cost takes, and outputs to predictions."""
        return OutputHead(self.target, self.network, self.cost)

    @property
    def judge(self) -> OutputHead:
        """The output head under its old name."""
        warnings.warn("Model.judge is deprecated; use Model.head", DeprecationWarning, stacklevel=2)
        return self.head

    def examples(self, source: Any, part: str = "all", *, targets: bool = True) -> Examples:
        """Read raw data the way the training data were read.

        Parameters
        ----------
        source : str, path, array, data frame, RawData or Examples
            Anything that `load_data` takes, with the target or without it; or an array of rows alone.
        part : {"all", "train", "validation", "test"}
            Which part, of data that bring a split of their own or are those it was trained on. Rows that
            were set apart from these to validate with are not in "train".
        targets : bool
            Whether the examples come with targets where the data have them. A prediction does without, and
            so stumbles over no label that is missing or new.

        Raises
        ------
        DataError
            If the columns are not those of the training data, a label is missing or none of the classes, or
            the data have no such part.
        UnknownNameError
            If there is no part of that name.
        """
        if part not in PARTS:
            raise UnknownNameError(
                f"there is no part {part!r}", received=repr(part), remedy=did_you_mean(str(part), PARTS)
            )
        if isinstance(source, Examples):
            if part != "all":
                raise ConfigurationError(
                    "examples are of one part already",
                    expected="part='all' with examples, or the whole data",
                    received=f"part={part!r}",
                )
            return source
        raw = self.read(source)
        if part != "all":
            raw = raw.take(self.part_of(raw, part))
        inputs, scale = self.inputs.encode(raw.rows, raw.place, raw.notes)
        given = raw.target if targets else None
        truth = None if given is None else self.target.encode(given, raw.place)
        return Examples(inputs, truth, scale, raw.origin)

    def read(self, source: Any = None, *, require_target: bool = False) -> RawData:
        """Read raw data as they are, the target set apart if it is there.

        Parameters
        ----------
        source : optional
            As for `examples`; by default the data that the model was trained on, which are found by their
            name: those that come along, or a file of that name in the current folder.
        require_target : bool
            Whether data without the target are refused, and rows whose target is missing left out.

        Raises
        ------
        DataError
            If no source is given and the data are not there, or have changed.
        """
        if isinstance(source, RawData):
            return source
        if source is None:
            return read_own(self.provenance, require_target=require_target)[1]
        return read_again(source, self.provenance, require_target=require_target)

    def part_of(self, raw: RawData, part: str) -> NDArray[np.intp]:
        """Give the positions of a part: of the data's own split, or of the very split it was trained with."""
        parts: dict[str, NDArray[np.intp]] = {}
        # What the data say now counts, unless rows were set apart to validate with, which they do not say.
        if self._is_own(raw) and (raw.train is None or self.provenance.get("validation_size") is not None):
            parts = split_again(raw, self.provenance)
        elif raw.train is not None:
            parts = {"train": np.flatnonzero(raw.train), "test": np.flatnonzero(~raw.train)}
        if not len(parts.get(part, ())):
            file = self.provenance.get("validation") if part == "validation" else None
            raise DataError(
                f"the data have no {part} part",
                expected="the data that the model was trained on, a part of them set apart to validate with"
                if part == "validation"
                else "the data that the model was trained on, or data that bring a split of their own",
                received=raw.name,
                remedy="ask for all rows"
                if file is None
                else f"it was validated with data of their own, {file}: ask for all rows of that",
            )
        return parts[part]

    def has_parts(self, raw: RawData) -> bool:
        """Tell whether the data bring a split of their own, or are those it was trained on."""
        return raw.train is not None or self._is_own(raw)

    def _is_own(self, raw: RawData) -> bool:
        return raw.fingerprint() == self.provenance.get("fingerprint")

    def outputs(self, source: Any) -> Floats:
        """Give the output layer's numbers for each row, shape (n, n_out)."""
        return outputs_of(self.network, self.examples(source, targets=False))

    def predict(self, source: Any) -> NDArray[Any]:
        """Give the answer for each row: classes as they were in the training data, or values in their units.

        An array of shape (n,), or (n, k) where several values are predicted, or labels, as True and False;
        their names are `target.names`.

        Warns
        -----
        PellucidWarning
            If the model has learned nothing.
        """
        for note in self.notes:
            warnings.warn(note, PellucidWarning, stacklevel=2)
        prediction: NDArray[Any] = self.head.target.decode(self.head.answers(self.outputs(source)))
        return prediction

    def evaluate(self, source: Any, part: str = "all") -> Report:
        """Tell how good the model is on data with targets.

        Raises
        ------
        DataError
            If the data have no targets.
        """
        if isinstance(source, np.ndarray | list):
            raise DataError(
                "rows without targets cannot be judged",
                expected="a pair (x, y), a data frame or a file with the target",
                received=f"a {type(source).__name__} of rows",
                remedy="give evaluate((x, y))",
            )
        if not isinstance(source, Examples):
            source = self.read(source, require_target=True)
        return evaluate(self.network, self.head, self.examples(source, part))

    def _repr_html_(self) -> str:
        diagnosis = "" if self.diagnosis is None else self.diagnosis._repr_html_()
        return f"{self.network._repr_html_()}<p>{self.cost}</p>{diagnosis}"

    def __repr__(self) -> str:
        verdict = "" if self.diagnosis is None else f", {self.diagnosis.verdict}"
        return f"Model({self.network!r}, {self.cost}{verdict})"

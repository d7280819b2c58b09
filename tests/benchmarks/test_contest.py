"""Contestants take turns, and one that fails or disagrees has no figure."""

import multiprocessing
from pathlib import Path

import pytest
from benchmarks.contest import TOLERANCE, Entry, admit, compete
from benchmarks.figures import SECONDS, Figure

HERE = "tests.benchmarks.contestants:"


def contest(*entries, runs=3):
    return compete("subject", "work", entries, runs=runs, unit=SECONDS)


@pytest.mark.parametrize("disagreement", [2 * TOLERANCE, float("inf"), float("nan")])
def test_numbers_that_disagree_are_refused(disagreement):
    figure = Figure("subject", "work", "contestant", runs=[1.0])
    admit(figure, disagreement)
    assert not figure.counts
    assert "refused" in figure.out


@pytest.mark.parametrize("disagreement", [0.0, TOLERANCE, None])
def test_numbers_that_agree_are_admitted(disagreement):
    figure = Figure("subject", "work", "contestant", runs=[1.0])
    admit(figure, disagreement)
    assert figure.counts
    assert figure.disagreement == disagreement


@pytest.mark.slow
def test_turns_alternate(tmp_path: Path):
    diary = tmp_path / "diary"
    first, second = contest(
        Entry("first", HERE + "Scribe", ("first", str(diary))),
        Entry("second", HERE + "Scribe", ("second", str(diary))),
    )
    assert diary.read_text(encoding="utf-8").split() == ["first", "second"] * 3
    assert first.runs == [1.0, 2.0, 3.0]
    assert second.details == {"name": "second"}


@pytest.mark.slow
def test_the_others_go_on_without_those_that_cannot():
    figures = contest(
        Entry("fine", HERE + "Scribe", ("fine", "")),
        Entry("wrong", HERE + "Wrong"),
        Entry("missing", HERE + "Missing"),
        Entry("not installed", "benchmarks_of_nothing:Training"),
        Entry("breaks", HERE + "Breaks"),
        Entry("dies", HERE + "Dies"),
        runs=2,
    )
    said = {figure.contestant: figure.out for figure in figures}
    assert figures[0].runs == [1.0, 2.0]
    assert said["fine"] is None
    assert said["wrong"].startswith("refused")
    assert figures[1].runs == []
    assert said["missing"] == "not there: a library"
    assert said["not installed"] == "not there: benchmarks_of_nothing is not installed"
    assert said["breaks"] == "failed: ValueError: in the second run"
    assert said["dies"] == "its process ended"
    assert not figures[4].counts
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_cores_are_limited():
    [figure] = contest(Entry("one core", HERE + "CountsCores", cores=1), runs=1)
    assert figure.runs == [1.0]

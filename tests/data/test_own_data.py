import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pellucid.data import load_data, read_own
from pellucid.data.own_data import name_of_source
from pellucid.data.readers.builtin import download
from pellucid.errors import DataError

FRAME = pl.DataFrame({"size": np.arange(20.0), "sea": ["north", "south"] * 10, "kind": ["a", "b"] * 10})


@pytest.fixture
def houses(tmp_path, monkeypatch):
    """A file in a folder whose name is nobody's business, and its data set; nothing in the current folder."""
    folder = tmp_path / "secret client"
    folder.mkdir()
    FRAME.write_csv(folder / "houses.csv")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    return folder / "houses.csv"


def refused(provenance, received):
    with pytest.raises(DataError, match="no data were given") as caught:
        read_own(provenance)
    assert received in caught.value.received
    return caught.value


def test_the_folders_of_a_file_are_not_kept(houses):
    for source in (houses, str(houses), Path("../secret client") / houses.name):
        provenance = load_data(source, validation_data=houses).provenance
        assert (provenance["source"], provenance["validation"]) == ("houses.csv", "houses.csv")
        assert "secret" not in json.dumps(provenance)


@pytest.mark.parametrize(
    ("source", "name"), [("digits", "digits"), (Path("a/b/"), "b"), ("/x/y.csv", "y.csv"), (FRAME, None)]
)
def test_a_source_is_known_by_its_own_name(source, name):
    assert name_of_source(source) == name


def test_the_current_folder_has_a_name_too(houses, monkeypatch):
    monkeypatch.chdir(houses.parent)
    assert name_of_source(".") == "secret client"


def test_the_file_of_that_name_in_the_current_folder_is_read(houses, monkeypatch):
    provenance = load_data(houses).provenance
    refused(provenance, "no file of that name")
    monkeypatch.chdir(houses.parent)
    source, raw = read_own(provenance)
    assert (source, len(raw)) == ("houses.csv", 20)


def test_a_file_of_that_name_with_other_rows_is_not_taken_for_it(houses):
    provenance = load_data(houses).provenance
    FRAME.with_columns(size=pl.col("size") + 1).write_csv("houses.csv")
    refused(provenance, "whose rows are not those that the model was trained on")
    Path("houses.csv").write_text("another,table\n1,2\n3,4\n")
    error = refused(provenance, "houses.csv, which cannot be read the same way")
    assert error.remedy == "give the data: pellucid evaluate MODEL DATA, pellucid train DATA --start MODEL"


@pytest.mark.parametrize("folders", ["/home/ada/clients/", "C:\\Users\\Ada\\", "../../"])
def test_whole_paths_of_older_files_are_not_followed(houses, monkeypatch, folders):
    provenance = {**load_data(houses).provenance, "source": f"{folders}houses.csv"}
    refused(provenance, "no file of that name")
    monkeypatch.chdir(houses.parent)
    assert read_own(provenance)[0] == "houses.csv"


def test_rows_without_a_target_are_no_difference(houses, monkeypatch):
    provenance = load_data(houses).provenance
    monkeypatch.chdir(houses.parent)
    with houses.open("a") as file:
        file.write("5.5,north,\n")
    assert len(read_own(provenance, require_target=False)[1]) == 21


def test_nothing_is_downloaded_because_a_model_says_so(monkeypatch, tmp_path):
    monkeypatch.delenv("PELLUCID_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(download, "fetch", lambda *_: pytest.fail("fetched"))
    error = refused({**load_data("digits").provenance, "source": "mnist"}, "mnist is not on this machine")
    assert error.expected == "'mnist' in the current folder, unchanged"


def test_a_model_that_does_not_say_what_it_was_trained_on():
    assert refused({}, "no file of that name").expected == "data to read"

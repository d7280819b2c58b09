import pytest

from pellucid.data import FILE_OPTIONS, READ_OPTIONS, ReadOptions, read_data
from pellucid.errors import ConfigurationError, UnknownNameError

GIVEN = {
    "target": ["price", "rent"],
    "split_column": "part",
    "weight_column": "count",
    "task": "regression",
    "delimiter": "tab",
    "text_encoding": "cp1252",
    "sheet": "Data",
    "skip_lines": 2,
    "decimal": ",",
    "missing": ["-999"],
    "none_as_class": True,
    "header": False,
    "zero_based": True,
    "drop": "id",
}


def test_every_option_has_a_value_here():
    assert GIVEN.keys() == READ_OPTIONS.keys()


@pytest.mark.parametrize("name", READ_OPTIONS)
class TestEveryOption:
    def test_what_is_stored_is_read_again(self, name):
        for options in (ReadOptions(), ReadOptions.of(**{name: GIVEN[name]})):
            assert ReadOptions.from_provenance(options.to_provenance()) == options

    def test_what_is_stored_is_valid_in_a_model_file(self, name):
        READ_OPTIONS[name].stored(ReadOptions.of(**GIVEN).plain(name), name)
        with pytest.raises(ValueError, match=name):
            READ_OPTIONS[name].stored(3.5, name)

    def test_another_type_is_refused(self, name):
        error = UnknownNameError if name == "task" else ConfigurationError
        with pytest.raises(error):
            ReadOptions.of(**{name: {1, 2}})

    def test_it_has_a_help_text(self, name):
        assert READ_OPTIONS[name].help.endswith(".")

    def test_what_is_not_given_is_as_before(self, name):
        before, given = ReadOptions.of(**GIVEN), ReadOptions.of(**{name: GIVEN[name]})
        assert ReadOptions().merged(before) == before
        assert getattr(given.merged(ReadOptions()), name) == getattr(before, name)


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="colour"):
        read_data("digits", colour="red")


def test_older_models_lack_some_options():
    assert ReadOptions.from_provenance({"target": "y", "source": "t.csv"}) == ReadOptions(
        target=("y",), decimal="plain", none_as_class=False
    )


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("text_encoding", "latin-one", "no text encoding"),
        ("text_encoding", "base64", "no text encoding"),
        ("sheet", 0, "cannot be 0"),
        ("sheet", 1.5, "cannot be 1.5"),
        ("skip_lines", -1, "cannot be -1"),
        ("skip_lines", 1.5, "cannot be 1.5"),
        ("decimal", ";", "decimal mark"),
        ("missing", [None], "missing value"),
    ],
)
def test_values_that_are_not_valid(name, value, what):
    with pytest.raises(ConfigurationError, match=what):
        ReadOptions.of(**{name: value})


def test_missing_values_may_be_numbers():
    assert ReadOptions.of(missing=-999).missing == ("-999",)
    assert ReadOptions.of(missing=[-9.0, " x "]).missing == ("-9", "x")


@pytest.mark.parametrize(("name", "other"), [("target", "rent"), ("task", "classification")])
def test_the_meaning_of_the_outputs_cannot_change(name, other):
    before = ReadOptions(target=("price",), task="regression")
    with pytest.raises(ConfigurationError, match=f"the {name} is not the one"):
        ReadOptions.of(**{name: other}).merged(before)


def test_an_option_given_now_overrides_the_former_use_of_a_column():
    before = ReadOptions(split_column="part", weight_column="count", drop=("id", "day"))
    merged = ReadOptions(split_column="day", drop=("count", "id")).merged(before)
    assert merged == ReadOptions(split_column="day", drop=("id", "count"))


@pytest.mark.parametrize("name", ["split_column", "weight_column"])
def test_a_column_dropped_now_has_no_other_use(name):
    before = ReadOptions(**{name: "part"})
    assert ReadOptions(drop=("part",)).merged(before) == ReadOptions(drop=("part",))
    given_again = ReadOptions(**{name: "part"}, drop=("part",))
    assert getattr(given_again.merged(before), name) == "part"  # a contradiction, which reading refuses


@pytest.mark.parametrize("name", FILE_OPTIONS)
def test_another_file_is_read_in_its_own_way(name):
    before = ReadOptions(target=("y",), drop=("id",))
    assert before.for_file(**{name: GIVEN[name]}) == ReadOptions.of(
        **{"target": "y", "drop": "id", name: GIVEN[name]}
    )
    assert before.for_file(**{name: None}) == before


def test_what_the_columns_mean_does_not_change_with_the_file():
    with pytest.raises(ConfigurationError, match="drop does not say how a file is read"):
        ReadOptions().for_file(drop=["x"])

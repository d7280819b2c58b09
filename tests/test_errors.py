import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid import errors
from pellucid.errors import PellucidError, did_you_mean, visible

# Each class with what else it is, so that code that knows only Python's own exceptions can catch it.
BASES = {
    "ConfigurationError": {PellucidError, ValueError},
    "UnknownNameError": {PellucidError, errors.ConfigurationError, ValueError, LookupError},
    "DataError": {PellucidError, ValueError},
    "FormatError": {PellucidError, errors.DataError, ValueError},
    "StorageError": {PellucidError, OSError},
    "MissingFileError": {PellucidError, errors.StorageError, OSError, FileNotFoundError},
    "ExistingFileError": {PellucidError, errors.StorageError, OSError, FileExistsError},
}
BUILT_IN = (ValueError, LookupError, OSError, FileNotFoundError, FileExistsError, KeyError, TypeError)


def test_all_classes_are_in_the_table():
    found = {name for name in errors.__all__ if name.endswith("Error")}
    assert found == BASES.keys() | {"PellucidError"}


@pytest.mark.parametrize(("name", "bases"), BASES.items())
def test_bases(name, bases):
    own = [PellucidError, *(getattr(errors, other) for other in BASES if other != name)]
    assert {base for base in (*own, *BUILT_IN) if issubclass(getattr(errors, name), base)} == bases


@pytest.mark.parametrize("name", ["PellucidError", *BASES])
class TestEveryError:
    def test_message_with_all_details(self, name):
        error = getattr(errors, name)(
            "unknown class label",
            expected="0 to 9",
            received="12",
            where="labels.csv, row 7",
            remedy="check the labels",
        )
        assert str(error) == (
            "unknown class label\n"
            "  expected: 0 to 9\n"
            "  received: 12\n"
            "  where: labels.csv, row 7\n"
            "  what to do: check the labels"
        )
        assert error.details == {
            "expected": "0 to 9",
            "received": "12",
            "where": "labels.csv, row 7",
            "what to do": "check the labels",
        }
        assert list(error.details) == ["expected", "received", "where", "what to do"]

    def test_message_alone(self, name):
        error = getattr(errors, name)("nothing is known")
        assert str(error) == "nothing is known"
        assert error.details == {}
        assert error.args == ("nothing is known",)

    def test_only_the_details_that_were_given(self, name):
        error = getattr(errors, name)("it failed", received="", remedy="try again")
        assert str(error) == "it failed\n  received: \n  what to do: try again"
        assert (error.expected, error.where) == (None, None)

    def test_a_detail_may_follow(self, name):
        error = getattr(errors, name)("it failed")
        error.where = "layer 2"
        assert str(error) == "it failed\n  where: layer 2"


def test_a_warning_is_no_error():
    assert issubclass(errors.PellucidWarning, UserWarning)
    assert not issubclass(errors.PellucidWarning, PellucidError)


class TestDidYouMean:
    CHOICES = ("relu", "leaky_relu", "sigmoid", "tanh")

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("sigmoyd", "did you mean 'sigmoid'?"),
            ("TANH", "did you mean 'tanh'?"),
            ("leaky_relu6", "did you mean 'leaky_relu'?"),
            ("lrelu", "did you mean 'relu' or 'leaky_relu'?"),
            ("xyz", "choose one of: relu, leaky_relu, sigmoid, tanh"),
            ("", "choose one of: relu, leaky_relu, sigmoid, tanh"),
        ],
    )
    def test_near_or_all(self, name, expected):
        assert did_you_mean(name, self.CHOICES) == expected

    def test_choices_are_shown_as_they_are_written(self):
        assert (
            did_you_mean("median_house_valeu", ["Median_House_Value"]) == "did you mean 'Median_House_Value'?"
        )

    def test_three_at_most(self):
        assert did_you_mean("col", [f"col{number}" for number in range(9)]).count("'col") == 3

    def test_an_iterator_of_choices(self):
        assert did_you_mean("zzz", iter(["a", "b"])) == "choose one of: a, b"

    @given(st.text(), st.lists(st.text()))
    def test_answers_anything(self, name, choices):
        assert did_you_mean(name, choices).startswith(("did you mean ", "choose one of: "))


def test_controls_are_written_as_escapes_and_nothing_else_is_changed():
    kept = "Größe 中 é\n\ttab 🙂"
    assert visible(kept) == kept
    assert visible("\x00\x1b\x7f\x9b\r\u202e") == r"\x00\x1b\x7f\x9b\r\u202e"

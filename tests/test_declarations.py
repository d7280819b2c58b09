import json
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pellucid.declarations import Declaration, Registry, parameter
from pellucid.errors import ConfigurationError, UnknownNameError
from pellucid.network import activations


class Plain(Declaration):
    """A plain one.

    More about it.
    """

    name = "plain"
    aliases = ("simple",)
    formula = "z"
    source = "somewhere"


@dataclass(frozen=True)
class TunedByTwo(Declaration):
    """One with two parameters."""

    name = "tuned_by_two"
    low: float = parameter(-1.0)
    high: float = parameter(2.0, above=0)


@pytest.fixture
def registry():
    return Registry("gadget", Declaration, [Plain, TunedByTwo])


class TestDeclaration:
    def test_describe(self):
        assert Plain().describe() == {
            "name": "plain",
            "aliases": ["simple"],
            "summary": "A plain one.",
            "formula": "z",
            "parameters": {},
            "source": "somewhere",
        }
        assert TunedByTwo(high=3).describe()["parameters"] == {"low": -1.0, "high": 3}
        json.dumps(TunedByTwo().describe())

    def test_no_docstring_is_no_summary(self):
        class Bare(Declaration):
            name = "bare"

        Bare.__doc__ = None
        Declaration.__doc__, kept = None, Declaration.__doc__
        try:
            assert Bare().summary == ""
        finally:
            Declaration.__doc__ = kept

    @pytest.mark.parametrize(
        ("declaration", "text"),
        [
            (Plain(), "plain"),
            (TunedByTwo(), "tuned_by_two"),
            (TunedByTwo(high=3.5), "tuned_by_two:high=3.5"),
            (TunedByTwo(-2.0, 1e-9), "tuned_by_two:low=-2.0,high=1e-09"),
        ],
    )
    def test_str(self, declaration, text):
        assert str(declaration) == text

    def test_equality_is_by_class_and_parameters(self):
        assert Plain() == Plain()
        assert TunedByTwo(0.0) == TunedByTwo(0.0)
        assert TunedByTwo(0.0) != TunedByTwo(1.0)
        assert Plain() != TunedByTwo()
        assert len({Plain(), Plain(), TunedByTwo(), TunedByTwo(low=-1.0)}) == 2

    def test_cannot_be_changed(self):
        with pytest.raises(AttributeError):
            TunedByTwo().low = 3.0

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "1", None, [1.0]])
    def test_a_parameter_is_a_finite_number(self, value):
        with pytest.raises(ConfigurationError, match="low of tuned_by_two cannot be") as caught:
            TunedByTwo(low=value)
        assert caught.value.expected == "a finite number"
        assert caught.value.received == repr(value)

    @pytest.mark.parametrize("value", [0, -0.5])
    def test_a_parameter_may_have_a_bound(self, value):
        with pytest.raises(ConfigurationError, match="high of tuned_by_two cannot be") as caught:
            TunedByTwo(high=value)
        assert caught.value.expected == "a finite number above 0"

    @pytest.mark.parametrize("value", [np.float32(0.1), np.float64(0.1), np.int8(3), Fraction(1, 3)])
    def test_a_parameter_is_a_number_of_pythons_own(self, value):
        declared = TunedByTwo(low=value)
        assert type(declared.low) is float
        assert declared.low == float(value)
        assert TunedByTwo(low=float(str(declared.low))) == declared

    @pytest.mark.parametrize("value", [True, np.True_, 1j, 10**400])
    def test_what_only_resembles_a_number_is_refused(self, value):
        with pytest.raises(ConfigurationError, match="low of tuned_by_two cannot be"):
            TunedByTwo(low=value)

    @pytest.mark.parametrize("value", [3, np.int64(3), np.float64(3.0)])
    def test_a_whole_parameter_is_a_whole_number_of_pythons_own(self, value):
        @dataclass(frozen=True)
        class Counted(Declaration):
            name = "counted"
            size: int = parameter(1, whole=True)

        assert type(Counted(value).size) is int
        assert Counted(value).size == 3

    @pytest.mark.parametrize(
        ("bounds", "fit", "do_not", "expected"),
        [
            ({"above": 0}, [1e-300, 9], [0, -1], "a finite number above 0"),
            ({"at_least": 0}, [0, 9], [-1e-300], "a finite number, 0 or more"),
            ({"below": 1}, [0.999, -9], [1, 2], "a finite number below 1"),
            ({"at_most": 1}, [1, -9], [1.001], "a finite number at most 1"),
            ({"above": 0, "below": 1}, [0.5], [0, 1], "a finite number above 0 and below 1"),
            ({"at_least": 0, "at_most": 1}, [0, 1], [-0.1, 1.1], "a finite number, 0 or more and at most 1"),
            ({"whole": True}, [-2, 0, 3.0, 1e300], [0.5, math.inf], "a whole number"),
            ({"whole": True, "at_least": 1}, [1, 2.0], [0, 1.5, math.nan], "a whole number, 1 or more"),
        ],
    )
    def test_bounds(self, bounds, fit, do_not, expected):
        @dataclass(frozen=True)
        class Bounded(Declaration):
            name = "bounded"
            size: float = parameter(fit[0], **bounds)

        for value in fit:
            assert Bounded(value).size == value
        for value in do_not:
            with pytest.raises(ConfigurationError, match="size of bounded cannot be") as caught:
                Bounded(value)
            assert caught.value.expected == expected


class TestGet:
    @pytest.mark.parametrize("name", ["plain", "PLAIN", " Plain ", "simple", "plain:", Plain, Plain()])
    def test_one_without_parameters(self, registry, name):
        assert registry.get(name) == Plain()

    @pytest.mark.parametrize("name", ["tuned_by_two", "tuned-by-two", "Tuned By Two"])
    def test_dashes_and_spaces_are_underscores(self, registry, name):
        assert registry.get(name) == TunedByTwo()

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ("tuned_by_two:high=3", TunedByTwo(high=3.0)),
            ("tuned_by_two: low = -4 , high = 1e2 ", TunedByTwo(-4.0, 100.0)),
            ("tuned_by_two:high=3,", TunedByTwo(high=3.0)),
        ],
    )
    def test_parameters(self, registry, wanted, expected):
        assert registry.get(wanted) == expected

    def test_a_declaration_comes_back_as_it_is(self, registry):
        declaration = TunedByTwo(high=9.0)
        assert registry.get(declaration) is declaration

    @given(st.floats(-1e300, 1e300), st.floats(0, 1e300, exclude_min=True))
    def test_what_is_written_is_read(self, low, high):
        declaration = TunedByTwo(low, high)
        assert Registry("gadget", Declaration, [TunedByTwo]).get(str(declaration)) == declaration

    def test_an_unknown_name(self, registry):
        with pytest.raises(UnknownNameError) as caught:
            registry.get("Plane")
        assert str(caught.value) == (
            "there is no gadget named 'Plane'\n  received: 'Plane'\n  what to do: did you mean 'plain'?"
        )
        with pytest.raises(UnknownNameError, match="choose one of: plain, tuned_by_two"):
            registry.get("")
        with pytest.raises(UnknownNameError, match="did you mean 'simple'"):
            registry.get("simpel")

    @pytest.mark.parametrize(
        ("wanted", "problem", "expected"),
        [
            ("plain:low=1", "the gadget 'plain' has no parameter 'low'", "no parameters"),
            ("tuned_by_two:hihg=1", "has no parameter 'hihg'", "name=value with one of: low, high"),
            ("tuned_by_two:3", "has no parameter '3'", "name=value with one of: low, high"),
            ("tuned_by_two:low=much", "low of tuned_by_two is not a number", "low=NUMBER"),
            ("tuned_by_two:low", "low of tuned_by_two is not a number", "low=NUMBER"),
            ("tuned_by_two:high=0", "high of tuned_by_two cannot be 0.0", "a finite number above 0"),
        ],
    )
    def test_wrong_parameters(self, registry, wanted, problem, expected):
        with pytest.raises(ConfigurationError) as caught:
            registry.get(wanted)
        assert problem in caught.value.problem
        assert caught.value.expected == expected

    @pytest.mark.parametrize("wanted", [3, None, 1.5, ["plain"], int])
    def test_neither_a_name_nor_a_declaration(self, registry, wanted):
        with pytest.raises(ConfigurationError, match="not a valid gadget") as caught:
            registry.get(wanted)
        assert caught.value.expected == "a name such as 'plain', or a declaration"
        assert caught.value.received == repr(wanted)


class TestRegistry:
    def test_walks_in_the_order_of_declaration(self, registry):
        assert registry.names == ("plain", "tuned_by_two")
        assert list(registry) == [Plain(), TunedByTwo()]
        assert len(registry) == 2
        assert [listed["name"] for listed in registry.describe()] == ["plain", "tuned_by_two"]

    def test_membership(self, registry):
        assert "plain" in registry
        assert "simple" in registry
        assert "fancy" not in registry

    def test_register_is_a_class_decorator(self, registry):
        @registry.register
        class Fancy(Declaration):
            name = "fancy"
            aliases = ("posh",)

        assert registry.get("posh") == registry.get("fancy") == Fancy()
        assert registry.names[-1] == "fancy"

    def test_declaring_again_replaces(self, registry):
        class First(Declaration):
            name = "own"

        class Second(Declaration):
            name = "own"

        registry.register(First)
        registry.register(Second)
        assert registry.get("own") == Second()
        assert len(registry) == 3

    def test_what_comes_along_is_not_replaced(self, registry):
        class Other(Declaration):
            name = "plain"

        with pytest.raises(ConfigurationError, match="'plain' is built in and cannot be replaced"):
            registry.register(Other)
        assert registry.get("plain") == Plain()
        registry.register(Plain)  # the same again changes nothing

    @pytest.mark.parametrize(
        ("wrong", "problem"),
        [
            (lambda z: z, "not a valid gadget class"),
            (Plain(), "not a valid gadget class"),
            (int, "not a valid gadget class"),
            (type("Nameless", (Declaration,), {}), "the gadget has no name"),
            (type("Numbered", (Declaration,), {"name": 5}), "the gadget has no name"),
        ],
    )
    def test_what_is_no_declaration_is_refused(self, registry, wrong, problem):
        with pytest.raises(ConfigurationError) as caught:
            registry.register(wrong)
        assert caught.value.problem == problem

    @pytest.mark.parametrize("name", ["", "two words", "a-b", "3d", "a:b", "Capital"])
    def test_a_name_that_could_not_be_found_is_refused(self, registry, name):
        for attributes in ({"name": name}, {"name": "fine", "aliases": (name,)}):
            with pytest.raises(ConfigurationError, match="is not a valid gadget name"):
                registry.register(type("Wrong", (Declaration,), attributes))
        assert registry.names == ("plain", "tuned_by_two")
        assert "fine" not in registry

    @pytest.mark.parametrize(
        ("attributes", "taken"),
        [
            ({"name": "simple"}, "simple"),
            ({"name": "other", "aliases": ("plain",)}, "plain"),
            ({"name": "other", "aliases": ("simple",)}, "simple"),
        ],
    )
    def test_a_name_that_belongs_to_another_is_refused(self, registry, attributes, taken):
        with pytest.raises(ConfigurationError) as caught:
            registry.register(type("Wrong", (Declaration,), attributes))
        assert caught.value.problem == f"the name {taken!r} already belongs to the gadget 'plain'"
        assert registry.get(taken) == Plain()
        assert "other" not in registry


class TestExamined:
    """What a registry looks at before it lets a declaration of one's own be used."""

    @pytest.fixture
    def seen(self):
        return []

    @pytest.fixture
    def examined(self, seen):
        def examine(declared):
            seen.append(declared)
            if declared.parameters.get("size") == 13:
                raise ConfigurationError("not this one")

        return Registry("gadget", Declaration, [], examine)

    def test_each_class_with_its_parameters_once(self, examined, seen):
        @dataclass(frozen=True)
        class Sized(Declaration):
            name = "sized"
            size: float = parameter(1.0)

        examined.register(Sized)
        for size in (1.0, 2.0, 2.0, 1.0):
            examined.examine(Sized(size))
        assert seen == [Sized(1.0), Sized(2.0)]
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="not this one"):
                examined.examine(Sized(13.0))
        assert seen[2:] == 2 * [Sized(13.0)]

    def test_one_that_is_refused_is_not_registered(self, examined):
        @dataclass(frozen=True)
        class Unlucky(Declaration):
            name = "unlucky"
            size: float = parameter(13.0)

        with pytest.raises(ConfigurationError, match="not this one"):
            examined.register(Unlucky)
        assert "unlucky" not in examined

    def test_what_comes_with_the_project_is_not_looked_at(self, examined, seen):
        examined.examine(activations.get("relu"))
        assert activations.get("relu").built_in
        assert seen == []

import pytest

from pellucid.data.column_names import columns_named

THERE = ["id", "x_1", "x_2", "a,b", "a", "p*q", "pq", "price [EUR]", "why?"]


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        (["id"], ("id",)),
        (["x_2,id"], ("x_2", "id")),
        ([" id , x_1 ,"], ("id", "x_1")),
        (["x_*"], ("x_1", "x_2")),
        (["x_*", "x_1"], ("x_1", "x_2")),
        (["a,b"], ("a,b",)),
        (["p*q"], ("p*q",)),
        (["p*"], ("p*q", "pq", "price [EUR]")),
        (["*[EUR]"], ("price [EUR]",)),
        (["wh*?"], ("why?",)),
        (["x?1"], ("x?1",)),
        (["z_*", "id"], ("z_*", "id")),
        ([""], ("",)),
        ([","], (",",)),
        ([], ()),
    ],
)
def test_names_lists_and_wildcards(named, meant):
    assert columns_named(named, THERE) == meant


def test_a_wildcard_leaves_columns_with_another_use():
    assert columns_named(["x_*"], THERE, ["x_1"]) == ("x_2",)
    assert columns_named(["x_*", "x_1"], THERE, ["x_1"]) == ("x_2", "x_1")

import pytest

from pellucid.data.readers.header import find_header


@pytest.mark.parametrize(
    ("first", "below", "header", "said"),
    [
        ("a,b,c", ["1,2,x"], True, None),
        ("1,2.5,", ["3,4,5"], False, None),
        ("7.3,2.3,Iris-setosa", ["7.1,2.0,Iris-setosa"], False, "the number 7.3"),
        ("place,2019,2020", ["Rome,1,2"], True, "the number 2019"),
        # Words that come again are data, where no number stands below a word.
        ("f,y,e", ["x,y,p", "f,s,e"], False, "'f' comes again"),
        ("28,guard,0,hi", ["35,guard,3,hi", "43,clerk,5,lo"], False, "'guard' comes again"),
        ("sex,class", ["m,first", "f,class"], True, None),
        ("m,age", ["m,31", "f,40"], True, None),
        ("class,colour", ["a,red", "b,blue"], True, None),
        ("column_1,column_2", ["column_1,2"], True, None),
    ],
)
def test_find_header(first, below, header, said):
    rows = [row.split(",") for row in [first, *below]]
    found, note = find_header(rows)
    assert found == header
    assert (note is None) if said is None else said in note

import pytest

from pellucid.data.readers.header import find_header


@pytest.mark.parametrize(
    ("first", "below", "header", "said"),
    [
        ("a,b,c", ["1,2,x"], True, None),
        ("1,2.5,", ["3,4,5"], False, None),
        ("7.3,2.3,Iris-setosa", ["7.1,2.0,Iris-setosa"], False, "the number 7.3"),
        ("place,2019,2020", ["Rome,1,2"], True, "the number 2019"),
        # Numbers alone are names where they count the columns, or rise above numbers that are not whole.
        ("0,1,2,3", ["5,1,4,4", "2,2,9,1"], True, "the number 0"),
        (",1,2,3,4", ["a,5,1,4,4", "b,2,2,9,1"], True, "the number 1"),
        ("0,1,2", ["5,1,4", "2,2,9"], False, None),
        ("1,2,3,5", ["5,1,4,4", "2,2,9,1"], False, None),
        ("1850,1860,1880", ["0.5,0.25,0", "0.1,1.5,2"], True, "the number 1850"),
        ("1850,1860,1855", ["0.5,0.25,0", "0.1,1.5,2"], False, None),
        ("1850,1860,1880", ["12,7,0", "3,1,2"], False, None),
        # An empty cell above the names of rows.
        (",1850,1860,1880", ["a,12,7,0", "b,3,1,2"], True, "the number 1850"),
        (",1850,1860,1880", ["4,12,7,0", ",3,1,2"], False, None),
        # Words that come again are data, where no number stands below a word.
        ("f,y,e", ["x,y,p", "f,s,e"], False, "'f' comes again"),
        ("28,guard,0,hi", ["35,guard,3,hi", "43,clerk,5,lo"], False, "'guard' comes again"),
        ("sex,class", ["m,first", "f,class"], True, None),
        ("m,age", ["m,31", "f,40"], True, None),
        ("class,colour", ["a,red", "b,blue"], True, None),
        ("column_1,column_2", ["column_1,2"], True, None),
        # A word among numbers, and a header that is repeated where files were joined.
        ("low,5more,acc", ["high,2,bad", "low,3,acc", "low,5more,bad", "med,4,acc"], False, "'low' comes"),
        ("size,colour,kind", ["1,red,a", "size,colour,kind", "2,blue,b"], True, None),
    ],
)
def test_find_header(first, below, header, said):
    rows = [row.split(",") for row in [first, *below]]
    found, note = find_header(rows)
    assert found == header
    assert (note is None) if said is None else said in note

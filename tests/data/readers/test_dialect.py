import pytest

from pellucid.data.readers.dialect import BLANKS, find_dialect


def found(text, usual=",", given=None, skipped=None):
    return find_dialect(text.splitlines(), usual, given, skipped)


@pytest.mark.parametrize("usual", [",", "\t"])
@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n3,4", ","),
        ("a;b\n1;2\n3;4", ";"),
        ("a\tb\n1\t2\n3\t4", "\t"),
        ("a|b\n1|2\n3|4", "|"),
        # A decimal comma in every cell splits all rows evenly too.
        ("5,8;1,6;setosa\n5,1;0,2;setosa\n6,0;2,5;virginica", ";"),
        ("size,labels\n1,drama|war\n2,comedy|love", ","),
        ('a;b\n"x, y";1\n"u, v";2', ";"),
        # A comma splits all rows below the header evenly, into more numbers.
        ("price;sold;kind\n$1,000.50;1.2.2024;x\n$2,000.50;13.2.2024;y\n", ";"),
        ("a b  c\n1 2   3.5\n 4   5 6.5\n", BLANKS),
    ],
)
def test_delimiter(text, delimiter, usual):
    assert found(text, usual).delimiter == delimiter


def test_words_with_blanks_are_one_column():
    assert found("name\nAnn Lee\nTom Fox\n").delimiter == ","


def test_a_usual_delimiter_is_not_mentioned():
    assert found("a,b\n1,2\n").findings == ()
    assert found("a;b\n1;2\n").findings == ("separated by ';'",)
    assert found("a b\n1 2\n3 4\n").findings == ("separated by blanks",)


def test_a_given_delimiter_is_not_questioned():
    assert found("a;b\n1;2\n", given=",").delimiter == ","


def test_the_line_that_names_the_delimiter():
    dialect = found("sep=;\na;b\n1,5;2\n")
    assert (dialect.delimiter, dialect.skipped) == (";", 1)


@pytest.mark.parametrize(
    ("above", "skipped"),
    [
        ("Sales report 2023\n\n", 1),
        ("Sales\nby month\n", 2),
        ("Sales report 2023,,\n", 1),
        ("Sales report 2023,,\n,,\n", 2),
        ("Report, 2023\n\n\n", 1),
        ("", 0),
    ],
)
def test_lines_above_the_table(above, skipped):
    dialect = found(above + "a,b,c\n" + "1,2,x\n" * 30)
    assert dialect.skipped == skipped
    assert ("above the table left out" in "".join(dialect.findings)) == bool(skipped)
    assert dialect.rows((above + "a,b,c\n1,2,x").splitlines())[0] == ["a", "b", "c"]


def test_a_header_of_several_lines_is_not_a_title():
    dialect = found('"size\nin cm",kind\n1,a\n2,b\n')
    assert dialect.skipped == 0
    assert dialect.rows(['"size', 'in cm",kind', "1,a"]) == [["size\nin cm", "kind"], ["1", "a"]]
    assert found('Sizes 3" and more\n\na,b,c\n1,2,3\n').skipped == 1


def test_given_lines_above_the_table():
    assert found("x\na,b\n1,2\n3,4\n", skipped=2).skipped == 2
    assert found("Report\na,b\n1,2\n3,4\n", skipped=0).skipped == 0


def test_a_short_header_of_names_is_not_a_title():
    assert found("a,b,c,d\n" + "1,2,3,4,5,6\n" * 9).skipped == 0


@pytest.mark.parametrize("mark", ["#", "%"])
def test_comments(mark):
    text = f"{mark} made by a tool\n{mark} in mm\na,b,c\n1,2,x\n{mark} a break\n3,4,y\n"
    dialect = found(text)
    assert dialect.comment == mark
    assert dialect.rows(text.splitlines()) == [["a", "b", "c"], ["1", "2", "x"], ["3", "4", "y"]]


def test_a_row_that_begins_like_a_comment():
    assert found("a,b\n#1,2\n#2,3\n").comment is None


def test_names_in_the_last_comment():
    assert found("# made by a tool\n# a,b,c\n1,2,3\n4,5,6\n").names == ("a", "b", "c")
    assert found("# made by a tool\na,b,c\n4,5,6\n").names is None


def test_names_of_rows_without_a_name():
    assert found('"a" "b"\n"1" 5 7\n"2" 6 8\n').unnamed_rows
    assert not found("a,b,c\n1,2,3\n").unnamed_rows


@pytest.mark.parametrize("header", ["a,b,c", "a,b,c,"])
def test_delimiters_that_end_rows(header):
    assert found(f"{header}\n" + "1,2,x,\n" * 9).trailing
    assert not found(f"{header}\n" + "1,2,x,\n" * 9 + "1,2,x,4\n").trailing

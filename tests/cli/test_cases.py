"""Tables of the kinds that people have brought, through the command line: what is right for each."""

import gzip
import json
import random
import struct

import pytest

from pellucid.data.readers.idx_names import FILES
from pellucid.storage import load_model


def said(result):
    """What a command that succeeded said on standard error, in one line."""
    assert result.status == 0, result.err
    return " ".join(result.err.split())


@pytest.fixture
def written(tmp_path):
    """Write a table of rows of cells, with a header, and give its path."""

    def write(name, header, rows, delimiter=","):
        path = tmp_path / name
        lines = [delimiter.join(map(str, row)) for row in [*([header] if header else []), *rows]]
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def plain_rows(n=40):
    """A number, a whole number, and a class that follows from the first."""
    draw = random.Random(n)
    numbers = [round(draw.gauss(0, 1), 2) for _ in range(n)]
    return [(number, draw.randrange(9), "p" if number > 0 else "q") for number in numbers]


class TestOptionsOfOtherFiles:
    """A model reads another file as that file is written, and the advised options exist."""

    @pytest.fixture
    def model(self, run, written, tmp_path):
        path = written("b.csv", ("a", "b", "y"), plain_rows())
        said(run("train", path, "-e", "2", "-l", "4", "--save", tmp_path / "m"))
        return tmp_path / "m"

    @pytest.mark.parametrize("options", [[], ["--delimiter", ";"]], ids=["found out", "given"])
    def test_semicolons(self, run, model, written, options):
        rows = plain_rows()[:5]
        expected = run("predict", model, written("new.csv", ("a", "b", "y"), rows), "--json").records
        path = written("new_semicolon.csv", ("a", "b", "y"), rows, ";")
        assert run("predict", model, path, *options, "--json").records == expected
        tabs = written("new.tsv", ("a", "b", "y"), rows, "\t")
        assert run("predict", model, tabs, "--json").records == expected

    def test_no_header(self, run, written, tmp_path):
        jobs = [
            (28 + row % 17, ("guard", "clerk")[row % 2], row % 5, ("hi", "lo")[row % 3 > 1])
            for row in range(40)
        ]
        path, model = written("nohead.csv", None, jobs), tmp_path / "m2"
        said(run("train", path, "-e", "1", "-l", "4", "--save", model))
        for options in ([], ["--no-header"]):
            (report,) = run("evaluate", model, written("new.csv", None, jobs[:5]), *options, "--json").records
            assert report["n"] == 5

    def test_a_header_where_the_model_had_none_is_left_out_as_advised(self, run, written, tmp_path):
        jobs = [(28 + row % 17, ("guard", "clerk")[row % 2], ("hi", "lo")[row % 3 > 1]) for row in range(40)]
        model, new = tmp_path / "m2", written("new.csv", ("age", "job", "pay"), jobs[:5])
        said(run("train", written("nohead.csv", None, jobs), "-e", "1", "-l", "4", "--save", model))
        for options in ([], ["--header"]):
            result = run("predict", model, new, *options)
            assert result.status == 2
            assert "--skip-lines 1" in result.err
        expected = run("predict", model, written("plain.csv", None, jobs[:5]), "--json").records
        assert run("predict", model, new, "--skip-lines", "1", "--json").records == expected
        (report,) = run("evaluate", model, new, "--skip-lines", "1", "--json").records
        assert report["n"] == 5

    def test_another_column_is_ignored_or_kept(self, run, model, written):
        rows = [(501 + row, *cells) for row, cells in enumerate(plain_rows()[:3])]
        path = written("extra.csv", ("client", "a", "b", "y"), rows)
        assert "the model does not use column client" in said(run("predict", model, path))
        kept = run("predict", model, path, "--keep", "client", "--json").records
        assert [record["client"] for record in kept] == ["501", "502", "503"]


def test_constant_and_empty_columns_are_left_out_in_one_note_for_each_reason(run, written):
    rows = [(1, "Y", "", number, kind) for number, _, kind in plain_rows()]
    path = written("c.csv", ("count", "over18", "empty", "x", "y"), rows)
    result = run("train", path, "-t", "y", "-e", "1", "-l", "4")
    assert "note: columns 'count', 'over18': left out, because there is the same value in" in said(result)
    assert "note: column 'empty': left out" in said(result)
    assert "1 input" in result.out


class TestThousandsWithPoints:
    """597.658 is a whole number where a comma is the decimal mark."""

    COUNTS = tuple((7 + 37 * row % 900) * (1000 if row % 3 else 1) + 10 * row for row in range(60))
    TEXTS = tuple(f"{count:,}".replace(",", ".") for count in COUNTS)

    def table(self, written, name, shares):
        rows = zip(shares, self.TEXTS, ("pq"[row % 2] for row in range(60)), strict=True)
        return written(name, ("share", "people", "y"), rows, ";")

    def people(self, run, path, *options):
        (report,) = run("look", path, *options, "--json").records
        (column,) = (column for column in report["columns"] if column["name"] == "people")
        return [column["range"][0], column["range"][-1]]

    def test_beside_a_decimal_comma(self, run, written, tmp_path):
        path = self.table(written, "t.csv", [f"{row},5" for row in range(60)])
        assert self.people(run, path) == [min(self.COUNTS), max(self.COUNTS)]
        model = tmp_path / "m"
        result = run("train", path, "-e", "1", "-l", "4", "--save", model)
        first = next(text for text in self.TEXTS if "." in text)
        assert f"'people' ({first!r} as {int(first.replace('.', ''))})" in said(result)
        # A single row says nothing of decimal commas; the model does.
        rows = [(7, "13.010"), (7, "13010")]
        new = [written(f"{row}.csv", ("share", "people"), [cells], ";") for row, cells in enumerate(rows)]
        one, other = (run("predict", model, path, "--json").records for path in new)
        assert one == other

    def test_found_out_from_the_column_alone_or_as_asked(self, run, written):
        path = self.table(written, "t.csv", "ab" * 30)
        assert self.people(run, path) == [min(self.COUNTS), max(self.COUNTS)]
        assert self.people(run, path, "--decimal", ",") == [min(self.COUNTS), max(self.COUNTS)]
        assert self.people(run, path, "--decimal", ".")[1] < 1000

    def test_three_decimals_stay(self, run, written):
        rows = [(number, f"{number / 7 + 1:.3f}", "pq"[number % 2]) for number in range(60)]
        path = written("t.csv", ("n", "people", "y"), rows, ";")
        assert self.people(run, path) == [1, round(59 / 7 + 1, 3)]


def test_a_target_with_a_decimal_comma_is_a_number(run, written, tmp_path):
    rows = [(30 + 7 * row % 90, row % 4, f"{row % 16 + 3},5") for row in range(60)]
    path = written("p.csv", ("area", "rooms", "price"), rows, ";")
    result = run("train", path, "--delimiter", ";", "-e", "1", "-l", "4", "--save", tmp_path / "m")
    assert "read as numbers: 'price' ('3,5' as 3.5)" in said(result)
    model = load_model(tmp_path / "m")
    assert model.target.task == "regression"
    assert "values of price" in result.out


SPELLINGS = [
    ("True", "False"),
    ("TRUE", "FALSE"),
    ("1", "0"),
    ("yes", "no"),
    ("T", "F"),
    ("on", "off"),
    ("WAHR", "FALSCH"),
]


@pytest.mark.parametrize(("usual_yes", "usual_no"), [*SPELLINGS[:3], SPELLINGS[4]])
def test_booleans_mean_the_same_in_every_spelling(run, written, tmp_path, usual_yes, usual_no):
    rows = [
        (usual_yes if row % 3 == 0 else usual_no, 20 + 7 * row % 50, 100.5 + 900 * (row % 3 == 0) + row % 7)
        for row in range(80)
    ]
    path = written("t.csv", ("smoker", "age", "cost"), rows)
    said(run("train", path, "--optimizer", "adam", "-b", "16", "-e", "3", "--save", tmp_path / "m"))
    found = []
    for yes, no in SPELLINGS:
        new = written("x.csv", ("smoker", "age"), [(yes, 30), (no, 30), (no, 45)])
        result = run("predict", tmp_path / "m", new, "--json")
        assert said(result) == ""
        found.append(result.records)
    assert found[0][0]["prediction"] != found[0][1]["prediction"]
    assert all(records == found[0] for records in found)


def test_booleans_to_predict_mean_the_same_in_every_spelling(run, written, tmp_path):
    rows = plain_rows(60)
    path = written("t.csv", ("a", "b", "won"), [(a, b, kind == "p") for a, b, kind in rows])
    said(run("train", path, "-e", "20", "-l", "4", "--save", tmp_path / "m"))
    found = []
    for yes, no in SPELLINGS:
        answers = [(a, b, yes if kind == "p" else no) for a, b, kind in rows]
        new = written("x.csv", ("a", "b", "won"), answers)
        found += run("evaluate", tmp_path / "m", new, "--part", "all", "--json").records
    assert found[0]["accuracy"] > 0.9
    assert all(report == found[0] for report in found)


def test_a_rare_category_is_said_to_be_beyond_the_100_kept(run, written):
    rows = [
        (f"w{place:03}", number, number + place % 7)
        for place in range(102)
        for number in (0.5, 1.5, 2.25, 3.75)
    ]
    note = said(run("train", written("w.csv", ("place", "x", "y"), rows), "-e", "1", "-l", "4"))
    assert "with a category not among the 100 kept in 'place'" in note
    assert "unknown category" not in note


def test_words_without_a_header_are_all_rows(run, written):
    rows = [("fx"[row % 2], "xy"[row % 5 > 2], "pe"[row % 3 > 1]) for row in range(60)]
    result = run("train", written("h.csv", None, rows), "-e", "1", "-l", "4")
    assert "48 training and 12 test examples" in result.out
    assert "the first line is read as data, because 'f' comes again below it" in said(result)


def test_the_labels_of_images_are_classes_however_many_there_are(run, tmp_path):
    draw = random.Random(0)
    for part, n in (("train", 104), ("t10k", 52)):
        pixels = bytes(draw.randrange(256) for _ in range(n * 4))
        content = {"images": struct.pack(">BBBB3I", 0, 0, 8, 3, n, 2, 2) + pixels}
        content["labels"] = struct.pack(">BBBBI", 0, 0, 8, 1, n) + bytes(row % 26 + 1 for row in range(n))
        for what, kind in (("images", "idx3"), ("labels", "idx1")):
            (tmp_path / f"{part}-{what}-{kind}-ubyte.gz").write_bytes(gzip.compress(content[what]))
    assert len(list(tmp_path.iterdir())) == len(FILES)
    result = run("train", tmp_path, "-e", "1", "-l", "4")
    assert result.status == 0
    assert "104 training and 52 test examples, 4 inputs, 26 classes" in " ".join(result.out.split())


def test_none_is_a_class_where_it_is_frequent(run, written):
    kinds = ("None", "None", "Insomnia", "None", "Apnea")
    rows = [(7 + row % 9 / 10, 24 + row % 11, kinds[row % 5]) for row in range(100)]
    result = run("train", written("n.csv", ("hours", "bmi", "disorder"), rows), "-e", "1", "-l", "4")
    assert "80 training and 20 test examples, 2 inputs, 3 classes" in result.out
    assert "'None' in 60 of 100 rows is a class of 'disorder'" in said(result)


@pytest.mark.parametrize("options", [[], ["--task", "regression"]], ids=["found out", "given"])
def test_money_to_predict_is_a_number(run, written, options):
    rows = [(row % 4, 20 + 3 * row, f'"${2048.25 + 37 * row:,.2f}"') for row in range(60)]
    result = run("train", written("m.csv", ("beds", "sqm", "price"), rows), "-e", "1", "-l", "4", *options)
    assert "read as numbers: 'price' ('$2,048.25' as 2048.25)" in said(result)
    assert "values of price" in result.out


def test_numbers_that_cannot_be_read_name_the_cause_not_a_circle_of_tasks(run, written):
    rows = [(row % 4, f'"{"$€"[row % 2]}{2048.25 + 37 * row:,.2f}"') for row in range(60)]
    path = written("m.csv", ("beds", "price"), rows)
    for options in ([], ["--task", "regression"]):
        result = run("train", path, "-e", "1", *options)
        assert result.status == 2
        assert "the target contains numbers as text" in result.err
        assert "remove units, other signs" in result.err


@pytest.mark.parametrize("price", ["{:.1f}k", "{:.1f} kg", "~{:.1f}"])
def test_numbers_with_a_unit_are_no_classes(run, written, price):
    path = written("m.csv", ("beds", "price"), [(row % 4, price.format(20 + row)) for row in range(60)])
    for options in ([], ["--task", "regression"]):
        result = run("train", path, "-e", "1", *options)
        assert result.status == 2
        assert "the target contains numbers as text" in result.err
        assert "remove units" in result.err


def test_one_wrong_cell_is_named_and_does_not_end_the_training(run, written):
    draw = random.Random(0)
    rows = []
    for row in range(1000):
        warm, rain = round(draw.gauss(12, 8), 1), round(draw.expovariate(1), 1)
        rows.append((warm, 9831.3 if row == 700 else rain, round(3000 + 40 * warm - 100 * rain)))
    result = run("train", written("o.csv", ("temp", "rain", "traffic"), rows), "-e", "3", "--json")
    assert "9831.3 at line 702 of o.csv" in said(result)
    assert "clipped" in said(result)
    end = result.records[-1]
    assert end["stopped"] is None
    assert end["test_r2"] > 0.8


def test_a_model_that_never_learned_says_so(run, written, tmp_path):
    path = written("b.csv", ("a", "y"), [(number, 2.5 * number) for number, *_ in plain_rows()])
    result = run("train", path, "-e", "2", "-l", "4", "--learning-rate", "1e30", "--save", tmp_path / "m")
    assert "Training diverged in epoch 1" in result.out
    assert "this model has its initial weights" in said(run("predict", tmp_path / "m", path))


def test_the_mean_is_compared_on_the_same_part(run, written):
    """R2 0.8 on a test part whose values lie far apart is not called hardly better than the mean."""
    draw = random.Random(1)
    rows = []
    for row in range(300):
        x = draw.uniform(0, 1) if row < 240 else draw.uniform(0, 4)
        rows.append(
            (
                round(x, 3),
                "train" if row < 240 else "test",
                round(100 * x * (1 - x / 12) + draw.gauss(0, 4), 1),
            )
        )
    result = run(
        "train", written("r.csv", ("x", "split", "y"), rows), "-t", "y", "--split-column", "split", "--json"
    )
    assert result.status == 0
    end = result.records[-1]
    assert end["test_r2"] > 0.5
    assert end["diagnosis"]["figures"]["test_error"] > 1, "the mean of the training rows would be as good"
    assert not any("mean" in reason for reason in end["diagnosis"]["reasons"])


def test_an_id_that_counts_rows_sorted_by_class_is_left_out(run, written, tmp_path):
    draw = random.Random(0)

    def table(name, first):
        kinds = [kind for kind in "abc" for _ in range(50)]
        rows = [
            (first + row, round(draw.gauss("abc".index(kind), 0.4), 2), kind)
            for row, kind in enumerate(kinds)
        ]
        return written(name, ("Id", "length", "kind"), rows if first == 1 else rows[::-1])

    path, new = table("train.csv", 1), table("new.csv", 151)
    result = run("train", path, "-e", "20", "--save", tmp_path / "m", "--json")
    assert "column 'Id': left out, because it numbers the rows" in said(result)
    (report,) = run("evaluate", tmp_path / "m", new, "--json").records
    assert report["n"] == 150
    assert abs(report["accuracy"] - result.records[-1]["test_accuracy"]) < 0.15


def test_val_is_the_validation_set(run, written):
    parts = ["train"] * 28 + ["val"] * 6 + ["test"] * 6
    rows = [(*cells, part) for cells, part in zip(plain_rows(), parts, strict=True)]
    path = written("s.csv", ("a", "b", "y", "split"), rows)
    result = run("train", path, "-t", "y", "--split-column", "split", "-e", "1", "-l", "4")
    assert result.status == 0
    assert "28 training, 6 validation and 6 test examples" in " ".join(result.out.split())


def test_val_is_the_test_set_where_there_is_no_other(run, written, tmp_path):
    parts = ["train"] * 28 + ["val"] * 12
    rows = [(*cells, part) for cells, part in zip(plain_rows(), parts, strict=True)]
    path = written("s.csv", ("a", "b", "y", "split"), rows)
    given = (path, "-t", "y", "--split-column", "split", "-e", "1", "-l", "4", "--save", tmp_path / "m")
    result = run("train", *given)
    assert "the data have no test rows, so the validation rows are the test set" in said(result)
    assert "28 training and 12 test examples" in " ".join(result.out.split())
    (report,) = run("evaluate", tmp_path / "m", path, "--part", "test", "--json").records
    assert report["n"] == 12
    test = written("t.csv", ("a", "b", "y"), [(number + 0.001, *cells) for number, *cells in plain_rows()])
    result = run("train", *given, "--force", "--test", test)
    assert "28 training, 12 validation and 40 test examples" in " ".join(result.out.split())
    (report,) = run("evaluate", tmp_path / "m", path, "--part", "validation", "--json").records
    assert report["n"] == 12


def test_a_split_column_with_other_words_names_them(run, written):
    parts = ["TRAINING"] * 28 + ["testing"] * 6 + ["spare"] * 6
    rows = [(*cells, part) for cells, part in zip(plain_rows(), parts, strict=True)]
    path = written("s.csv", ("a", "b", "y", "split"), rows)
    result = run("train", path, "-t", "y", "--split-column", "split", "-e", "1")
    assert result.status == 2
    assert "received: spare\n" in result.err
    assert "line 36 of s.csv" in result.err


CSV = "a,b,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in plain_rows())
OBJECTS = "".join(json.dumps(dict(zip("aby", row, strict=True))) + "\n" for row in plain_rows())
ARFF = (
    "@relation r\n@attribute a real\n@attribute b real\n@attribute y {p, q}\n@data\n" + CSV.partition("\n")[2]
)
SPARSE = "".join(f"{int(y == 'p')} 1:{a} 2:{b}\n" for a, b, y in plain_rows())
KINDS = {
    "arff.arff": (ARFF, ""),
    "recs.jsonl": (OBJECTS, ""),
    "svm.libsvm": (SPARSE, ""),
    "comment.csv": (f"# made by tool\n# units: mm\n{CSV}", "comments begin with #"),
    "sepline.csv": ("sep=;\n" + CSV.replace(",", ";"), ""),
    "title.csv": (f"Sales report 2023\n\n{CSV}", "1 line above the table left out"),
    "latin1.csv": (CSV.replace("p\n", "p\xe9\n").encode("latin-1"), "not UTF-8, read as cp1252"),
    "gz_named.csv": (gzip.compress(CSV.encode()), "gz_named.csv is a gzip file, which its name does not say"),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_a_file_is_decides_how_it_is_read(run, tmp_path, name):
    content, note = KINDS[name]
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run("train", path, "-e", "1", "-l", "4")
    assert note in said(result)
    assert "32 training and 8 test examples, 2 inputs, 2 classes" in " ".join(result.out.split())


NOT_DATA = {
    "lfs.csv": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n",
        ("a Git LFS pointer", "git lfs pull"),
    ),
    "html.csv": (b"<!DOCTYPE html>\n<html><body>Not found</body></html>\n", ("an HTML page", "download")),
    "train-images-idx3-ubyte": (struct.pack(">BBBB3I", 0, 0, 8, 3, 1, 2, 2) + bytes(4), ("idx", "folder")),
}


@pytest.mark.parametrize("name", NOT_DATA)
def test_what_is_not_data_is_named_for_what_it_is(run, tmp_path, name):
    content, words = NOT_DATA[name]
    (tmp_path / name).write_bytes(content)
    result = run("train", tmp_path / name, "-e", "1")
    assert result.status == 2
    assert "rename" not in result.err
    for word in words:
        assert word in result.err

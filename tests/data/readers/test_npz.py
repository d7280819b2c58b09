import io
import random
import struct
import zipfile

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.data.readers.npz import npz
from pellucid.errors import ConfigurationError, DataError, FormatError, PellucidError

X = np.arange(24.0).reshape(8, 3)
Y = np.array([0, 1] * 4)
CONTENT = X.tobytes()


@pytest.fixture
def saved(tmp_path):
    def save(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path

    return save


@pytest.mark.parametrize("name", ["x", "X"])
def test_x_and_y(saved, name):
    raw = npz(saved(**{name: X, "y": Y}))
    assert (raw.rows.tolist(), raw.target.tolist(), raw.train) == (X.tolist(), Y.tolist(), None)
    assert load_data(saved(x=X, y=Y), test_size=0.25).test.inputs.shape == (2, 3)


def test_both_parts_of_a_split(saved):
    data = load_data(saved(x_train=X, y_train=Y, x_test=X[:2] + 0.5, y_test=Y[:2]))
    assert (len(data.train), len(data.test)) == (8, 2)


def test_a_validation_set_is_the_test_set_where_there_is_no_other(saved):
    path = saved(x_train=X, y_train=Y, x_val=X[:2] + 0.5, y_val=Y[:2])
    data = load_data(path)
    assert (len(data.train), len(data.test), data.validation) == (8, 2, None)
    assert "the data have no test rows, so the validation rows are the test set" in data.notes
    data = load_data(path, test_data=(X + 0.25, Y))
    assert (len(data.train), len(data.validation), len(data.test)) == (8, 2, 8)


def test_the_labels_of_images_are_classes_however_many_there_are(saved):
    images = np.arange(60 * 4).reshape(60, 2, 2).astype(np.uint8)
    assert load_data(saved(x=images, y=np.arange(60) % 26)).n_classes == 26
    for quantities in (np.arange(60) * 2 % 52, np.arange(60)):
        assert load_data(saved(x=images, y=quantities)).n_classes is None


def test_a_set_without_targets_is_noted(saved):
    raw = npz(saved(x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2], x_val=X[:2]))
    assert raw.notes == ["the file has validation rows without targets, which are not read"]


def test_x_alone_for_a_prediction(saved):
    assert npz(saved(x=X), require_target=False).target is None
    with pytest.raises(FormatError) as caught:
        npz(saved(x=X))
    assert caught.value.received == "x"


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"x": X, "y": Y[:3]}, "differ in length"),
        ({"x": np.float64(3), "y": Y}, "number of dimensions"),
        ({"x": X, "y": np.float64(3)}, "neither labels nor values"),
        ({"x_train": X, "y_train": Y[:7], "x_test": X, "y_test": Y}, "differ in length"),
        ({"x_train": X, "y_train": Y, "x_test": X, "y_test": Y[:7]}, "differ in length"),
        ({"x_train": X, "y_train": Y, "x_test": X[:, :2], "y_test": Y}, "differ in shape"),
        ({"x_train": np.float64(1), "y_train": Y, "x_test": X, "y_test": Y}, "differ in shape"),
        ({"a": X, "b": Y}, "do not have the expected names"),
    ],
)
def test_arrays_that_do_not_go_together(saved, arrays, problem):
    with pytest.raises(DataError, match=problem):
        npz(saved(**arrays))


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_part_that_is_too_short_is_named(saved, part):
    arrays = {"x_train": X, "y_train": Y, "x_test": X, "y_test": Y} | {f"y_{part}": Y[:7]}
    with pytest.raises(DataError) as caught:
        npz(saved(**arrays))
    assert caught.value.where == f"the {'training' if part == 'train' else 'test'} set of data.npz"
    assert (caught.value.expected[0], caught.value.received) == ("8", "7")


def test_pickles_are_not_opened(saved):
    with pytest.raises(FormatError) as caught:
        npz(saved(x=np.array([{}], dtype=object), y=Y))
    assert caught.value.received == "pickled objects"


@pytest.mark.parametrize("length", [0, 10, -30])
def test_files_cut_short(saved, length):
    path = saved(x=X, y=Y)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(FormatError):
        npz(path)


def test_other_arrays_are_left_alone(saved):
    path = saved(x=X, y=Y, about=np.array([{}], dtype=object), zeros=np.zeros(5))
    assert npz(path).rows.tolist() == X.tolist()


def member(header, content=CONTENT):
    """An array by the definition of the format, with any header."""
    text = header.encode("latin-1")
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + content


def header(descr="'<f8'", order="False", shape="(8, 3)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


def test_the_header_of_these_tests_is_good(written):
    assert npz(written(archive(member(header())), "data.npz"), False).rows.tolist() == X.tolist()


def archive(x, method=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as file:
        file.writestr("x.npy", x)
    return content.getvalue()


HEADERS = {
    "many numbers": header(shape="(1000000000000,)"),
    "numbers beyond any count": header(shape=f"({'9' * 4000}, {'9' * 4000})"),
    "a negative length": header(shape="(-8, 3)"),
    "a length that is true": header(shape="(True, 24)"),
    "a length that is not whole": header(shape="(8.0, 3)"),
    "items of any width": header(descr="'<U999999999'"),
    "many items of no width": header(descr="'|V0'", shape="(1000000000000,)"),
    "an order that is none": header(order="3"),
    "no kind": header(descr="None"),
    "a kind that is not text": header(descr="'\\ud800'"),
    "objects": header(descr="'|O'"),
    "what no letter has": header(descr="'<U1'", shape="(24,)"),
    "words that Python 2 wrote": header(shape="(8L, 3.0L)"),
    "a number with a strange end": header(shape="(0x8and 3, 1)"),
    "an octal number": header(shape="(0777, 3)"),
    "an escape": "'\\d'",
    "brackets without end": "(" * 5000,
    "a text without end": '"""',
    "a line without end": "{\\",
    "zeros": "\0" * 60,
    "nothing": "",
    "more than NumPy reads": header() + " " * 20_000,
    "less than there is": header(shape="(8, 2)"),
    "more than there is": header(shape="(8, 4)"),
}


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.filterwarnings("error")
def test_a_header_of_another_kind_is_one_error(written, kind):
    content = np.full(24, 0x7FFFFFFF, np.uint32).tobytes() + bytes(96)
    with pytest.raises(FormatError) as caught:
        npz(written(archive(member(HEADERS[kind], content)), "data.npz"), False)
    assert len(str(caught.value)) < 1000


def test_a_file_that_python_2_wrote_is_read(written):
    assert len(npz(written(archive(member(header(shape="(8L, 3L)"))), "data.npz"), False)) == 8


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_to_more_than_its_header_says_is_not_unpacked(written, method):
    content = archive(member(header(), bytes(2_000_000)), method)
    with pytest.raises(FormatError) as caught:
        npz(written(content, "data.npz"), False)
    assert "longer than its header says" in caught.value.received


# The fields of a local header and of the directory's entry, by where they stand and how wide they are.
LOCAL = {"needs": 4, "flags": 6, "method": 8, "sum": 14, "packed": 18, "size": 22, "name": 26, "extra": 28}
ENTRY = {"needs": 6, "flags": 8, "method": 10, "sum": 16, "packed": 20, "size": 24, "name": 28, "at": 42}
FIELDS = [(b"PK\3\4", at) for at in LOCAL.values()] + [(b"PK\1\2", at) for at in ENTRY.values()]


@pytest.mark.parametrize(("mark", "at"), FIELDS)
@pytest.mark.parametrize("value", [b"\1\0", b"\x63\0", b"\xff\xff"])
def test_fields_of_the_archive_that_are_wrong(written, mark, at, value):
    content = bytearray(archive(member(header())))
    start = content.index(mark) + at
    content[start : start + 2] = value
    path = written(bytes(content), "data.npz")
    try:
        rows = npz(path, False).rows
    except FormatError as error:
        said = str(error)
    else:  # a field that nobody reads
        said = ""
        assert rows.tolist() == X.tolist()
    assert len(said) < 1000


def test_an_encrypted_file(written):
    content = bytearray(archive(member(header())))
    for mark, at in ((b"PK\3\4", LOCAL["flags"]), (b"PK\1\2", ENTRY["flags"])):
        content[content.index(mark) + at] |= 1
    with pytest.raises(FormatError) as caught:
        npz(written(bytes(content), "data.npz"), False)
    assert "encrypted" in caught.value.received


def test_names_of_any_length_are_shortened(written):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for letter in "abc":
            file.writestr(letter * 5000, b"")
    with pytest.raises(FormatError, match="do not have the expected names") as caught:
        npz(written(content.getvalue(), "data.npz"))
    assert len(caught.value.received) < 250


def test_damaged_files_are_read_or_give_one_error(saved, written):
    draw = random.Random(0)
    good = saved(x=X, y=np.array(["a", "bb"])[Y]).read_bytes()
    refused = 0
    for _ in range(150):
        content = bytearray(good)
        at = draw.randrange(len(content))
        if draw.random() < 0.8:
            content[at] ^= 1 << draw.randrange(8)
        else:
            del content[at : at + draw.choice([1, 4, 100])]
        try:
            load_data(written(bytes(content), "data.npz"))
        except PellucidError:
            refused += 1
    assert 75 < refused < 150


@pytest.mark.parametrize("name", ["val", "valid", "validation", "Val", "dev"])
def test_a_validation_set_of_its_own(saved, name):
    parts = {"X_train": X, "y_train": Y, "X_test": X[:2] + 0.5, "y_test": Y[:2]}
    path = saved(**parts, **{f"X_{name}": X[:3] + 0.25, f"Y_{name}": Y[:3]})
    data = load_data(path, task="classification")
    assert [len(data.sets[part]) for part in ("train", "validation", "test")] == [8, 3, 2]
    assert (data.target.names[data.validation.targets[0]], len(npz(path))) == (str(Y[0]), 13)
    with pytest.raises(ConfigurationError, match="given twice"):
        load_data(path, validation_size=2)


def test_a_validation_set_of_another_shape(saved):
    parts = {"x_train": X, "y_train": Y, "x_test": X[:2], "y_test": Y[:2], "y_val": Y[:2]}
    with pytest.raises(DataError, match="x_train and x_validation differ in shape"):
        npz(saved(**parts, x_val=X[:2, :2]))
    with pytest.raises(DataError, match="the rows of x_train and x_validation"):
        npz(saved(**parts, x_val=np.array(3.0)))


@pytest.mark.parametrize(
    "names", [("data", "target"), ("images", "labels"), ("X", "Y"), ("features", "targets")], ids="-".join
)
def test_other_names_of_a_pair(saved, names):
    raw = npz(saved(**dict(zip(names, (X, Y), strict=True))))
    assert (raw.rows.tolist(), raw.target.tolist()) == (X.tolist(), Y.tolist())


@pytest.mark.parametrize(
    "words", ["train_images test_images train_labels test_labels", "X_train X_test Y_train Y_test"]
)
def test_other_names_of_a_split(saved, words):
    raw = npz(saved(**dict(zip(words.split(), (X, X[:2], Y, Y[:2]), strict=True))))
    assert (len(raw), raw.train.tolist()) == (10, [True] * 8 + [False] * 2)


def test_the_first_of_several_names_counts(saved):
    raw = npz(saved(images=X.reshape(8, 3, 1), data=X, target=Y))
    assert raw.image_shape is None
    assert raw.rows.tolist() == X.tolist()

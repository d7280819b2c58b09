import gzip
import math
import random
import struct

import numpy as np
import pytest

from pellucid.data import load_data
from pellucid.data.readers import idx as module
from pellucid.data.readers.idx import idx_folder, read_idx
from pellucid.errors import DataError, FormatError, MissingFileError, PellucidError


@pytest.mark.parametrize("gzipped", [False, True])
def test_a_folder_brings_its_own_split(idx_folder_of, idx_parts, gzipped):
    raw = idx_folder(idx_folder_of(idx_parts, gzipped), "tiny")
    assert raw.rows.tolist() == [
        list(range(start, start + 6)) for start in (0, 6, 12, 18, 24, 30, 100, 106, 112, 118)
    ]
    assert raw.target.tolist() == [0, 1, 0, 1, 0, 1, 1, 0, 1, 0]
    assert raw.train.tolist() == [True] * 6 + [False] * 4
    assert (raw.image_shape, raw.rows.dtype) == ((2, 3), np.uint8)
    data = load_data(idx_folder_of(idx_parts, gzipped), test_size=0.5)
    assert (len(data.train), len(data.test)) == (6, 4)
    assert data.test.origin.tolist() == [6, 7, 8, 9]


def test_the_other_spelling_of_the_names(idx_folder_of, idx_parts):
    folder = idx_folder_of(idx_parts)
    for path in list(folder.iterdir()):
        path.rename(folder / path.name.replace("-idx", ".idx"))
    assert len(idx_folder(folder)) == 10


@pytest.mark.parametrize("part", ["training images", "training labels", "test images", "test labels"])
def test_one_of_the_four_is_not_there(idx_folder_of, idx_parts, part):
    with pytest.raises(MissingFileError, match="is missing") as caught:
        idx_folder(idx_folder_of({**idx_parts, part: None}))
    assert {"training": "train", "test": "t10k"}[part.split()[0]] in caught.value.expected
    assert part.split()[1] in caught.value.expected


def test_an_empty_folder(tmp_path):
    with pytest.raises(MissingFileError) as caught:
        load_data(tmp_path)
    assert caught.value.received == "an empty folder"


def test_a_folder_around_the_folder_of_the_data(tmp_path):
    inner = tmp_path / "images"
    (inner / "cat").mkdir(parents=True)
    (inner / "cat" / "1.png").touch()
    with pytest.raises(MissingFileError, match="neither idx files nor images by class") as caught:
        load_data(tmp_path)
    assert caught.value.remedy == f"if the data are in {inner}, give that folder"


@pytest.mark.parametrize("length", [0, 3, 4, 7, 15, 16, 30])
def test_a_file_cut_short(written, idx_parts, length):
    path = written(idx_parts["training images"][:length], "x-idx3-ubyte")
    with pytest.raises(FormatError, match="does not start" if length < 4 else "truncated") as caught:
        read_idx(path, 3)
    assert str(path) in caught.value.where
    if length == 30:
        assert (caught.value.expected, caught.value.received) == ("52 bytes for 6 x 2 x 3", "30 bytes")


def test_a_file_with_more_than_it_says(written, idx_parts):
    with pytest.raises(FormatError, match="longer than"):
        read_idx(written(idx_parts["training images"] + b"x", "x"), 3)


@pytest.mark.parametrize("magic", [b"\0\0\x08\x01", b"\0\0\x0a\x03", b"\1\0\x08\x03"])
def test_a_wrong_magic_number(written, idx_parts, magic):
    with pytest.raises(FormatError, match="does not start") as caught:
        read_idx(written(magic + idx_parts["training images"][4:], "x"), 3)
    assert caught.value.received == magic.hex(" ")
    assert "00 00 08 03" in caught.value.expected


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: good[:-9],
        lambda good: b"no gzip",
        lambda good: good[:12] + b"\xff\xff" + good[14:],
        lambda good: b"",
    ],
)
def test_a_corrupt_gzip_file(written, idx_parts, damage):
    with pytest.raises(FormatError):
        read_idx(written(damage(gzip.compress(idx_parts["training images"])), "x.gz"), 3)


def test_images_and_labels_that_differ_in_number(idx_folder_of, idx_parts):
    parts = {**idx_parts, "test labels": idx_parts["training labels"]}
    with pytest.raises(DataError, match="test images and labels differ") as caught:
        idx_folder(idx_folder_of(parts))
    assert (caught.value.expected, caught.value.received) == ("4 labels, one per image", "6")


def test_images_that_differ_in_size(idx_folder_of, idx_parts):
    images = bytearray(idx_parts["test images"])
    images[8:16] = b"\0\0\0\x03\0\0\0\x02"
    with pytest.raises(DataError, match="differ in size"):
        idx_folder(idx_folder_of({**idx_parts, "test images": bytes(images)}))


def test_no_images(idx_folder_of, idx_parts):
    parts = {
        **idx_parts,
        "test images": b"\0\0\x08\x03\0\0\0\0\0\0\0\x02\0\0\0\x03",
        "test labels": b"\0\0\x08\x01\0\0\0\0",
    }
    with pytest.raises(DataError, match="no test images"):
        idx_folder(idx_folder_of(parts))


def test_a_test_part_that_lacks_a_class(idx_folder_of, idx_parts):
    labels = idx_parts["test labels"][:-4] + b"\1\1\1\1"
    data = load_data(idx_folder_of({**idx_parts, "test labels": labels}))
    assert any("test set" in note and "0" in note for note in data.notes), data.notes


def head(*shape):
    return bytes([0, 0, 8, len(shape)]) + b"".join(length.to_bytes(4, "big") for length in shape)


@pytest.mark.parametrize("gzipped", [False, True])
def test_no_more_is_read_than_the_header_says(written, monkeypatch, gzipped):
    content = head(1, 1, 1) + bytes(30_000_000)
    path = written(gzip.compress(content) if gzipped else content, "x.gz" if gzipped else "x")
    asked = []
    opened = module.open_file

    class Counted:
        def __init__(self, path):
            self.file = opened(path)
            self.fileno = self.file.fileno

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def read(self, size):
            asked.append(size)
            return self.file.read(size)

    monkeypatch.setattr(module, "open_file", Counted)
    with pytest.raises(FormatError, match="longer than") as caught:
        read_idx(path, 3)
    assert (caught.value.expected, caught.value.received) == ("17 bytes for 1 x 1 x 1", "more")
    assert asked == [4, 12, 2]


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (10**6, 28, 28), (10_000_001,)])
def test_a_header_that_claims_more_than_memory_holds(written, shape, gzipped):
    content = head(*shape) + bytes(100)
    path = written(gzip.compress(content) if gzipped else content, "x.gz" if gzipped else "x")
    with pytest.raises(FormatError, match="too many cells") as caught:
        read_idx(path, len(shape))
    assert caught.value.received == f"{math.prod(shape):,}"


def test_damaged_files_are_read_or_give_one_error(idx_folder_of, idx_parts):
    draw = random.Random(0)
    folder = idx_folder_of(idx_parts, gzipped=True)
    good = {path: path.read_bytes() for path in folder.iterdir()}
    refused = 0
    for _ in range(200):
        path = draw.choice(list(good))
        content = bytearray(good[path])
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(content)
        try:
            idx_folder(folder)
        except PellucidError:
            refused += 1
        path.write_bytes(good[path])
    assert 100 < refused < 200


def test_the_names_in_a_folder_are_shortened(tmp_path):
    for letter in "abcd":
        (tmp_path / (letter * 200)).touch()
    with pytest.raises(MissingFileError) as caught:
        idx_folder(tmp_path)
    assert len(caught.value.received) < 250


def test_no_images_of_a_size_beyond_measure(written):
    path = written(struct.pack(">BBBB3I", 0, 0, 8, 3, 0, 2**32 - 1, 2**32 - 1), "images")
    with pytest.raises(FormatError, match="claims to contain too many cells"):
        read_idx(path, 3)


def test_labels_are_classes_however_many_there_are(idx_folder_of):
    labels = np.tile(np.arange(1, 27, dtype=np.uint8), 4)
    images = np.arange(4 * len(labels)).astype(np.uint8).reshape(-1, 2, 2)
    parts = {
        f"{part} {what}": head(*array.shape) + array.tobytes()
        for part in ("training", "test")
        for what, array in (("images", images), ("labels", labels))
    }
    data = load_data(idx_folder_of(parts))
    assert (data.provenance["task"], data.n_classes) == ("classification", 26)


KINDS = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_number(written, kind):
    numbers = np.array([[0, 1, 2], [3, 100, 7]]).astype(KINDS[kind])
    head = struct.pack(">BBBB2I", 0, 0, kind, 2, 2, 3)
    array = read_idx(written(head + numbers.tobytes(), "x"), 2)
    assert array.tolist() == [[0, 1, 2], [3, 100, 7]]
    assert array.dtype.isnative


def of_kind(kind, array):
    head = struct.pack(">BBBB", 0, 0, kind, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(KINDS[kind]).tobytes()


def test_labels_that_are_not_whole_are_values(idx_folder_of, idx_parts):
    values = {"training": np.linspace(0, 1, 6), "test": np.linspace(0, 1, 4)}
    parts = idx_parts | {f"{part} labels": of_kind(0x0E, y) for part, y in values.items()}
    data = load_data(idx_folder_of(parts))
    assert data.provenance["task"] == "regression"
    images = {
        f"{part} images": of_kind(0x0D, np.full((n, 2, 3), 0.5)) for part, n in (("training", 6), ("test", 4))
    }
    raw = idx_folder(idx_folder_of(idx_parts | images))
    assert (raw.scale, raw.of_classes, raw.rows.dtype) == (None, True, np.float32)


@pytest.fixture
def emnist(tmp_path, idx_parts):
    """A folder with two sets of EMNIST."""
    for name in ("emnist-letters", "emnist-digits"):
        for part, content in idx_parts.items():
            file = module.FILES[part].replace("t10k", "test")
            (tmp_path / f"{name}-{file}.gz").write_bytes(gzip.compress(content))
    return tmp_path


class TestEmnist:
    def test_one_of_several_sets_is_chosen(self, emnist):
        with pytest.raises(DataError, match="several data sets") as caught:
            load_data(emnist)
        assert caught.value.received == "emnist-digits, emnist-letters"
        assert str(emnist / "emnist-digits") in caught.value.remedy
        assert load_data(emnist / "emnist-letters").name == "emnist-letters"
        with pytest.raises(MissingFileError):
            load_data(emnist / "emnist-byclass")

    def test_images_are_turned_upright(self, emnist, idx_parts):
        raw = idx_folder(emnist / "emnist-digits")
        stored = np.frombuffer(idx_parts["training images"][16:], np.uint8).reshape(6, 2, 3)
        assert raw.image_shape == (3, 2)
        assert np.array_equal(raw.rows[:6].reshape(6, 3, 2), stored.transpose(0, 2, 1))
        assert any("turned upright" in note for note in raw.notes)

    def test_a_single_set_need_not_be_named(self, emnist):
        for path in emnist.glob("emnist-digits*"):
            path.unlink()
        assert len(idx_folder(emnist)) == 10

    def test_a_set_without_a_name_precedes_others(self, emnist, idx_folder_of, idx_parts):
        raw = idx_folder(idx_folder_of(idx_parts))
        assert raw.notes == ["other data sets in the folder are not read: emnist-digits, emnist-letters"]
        assert raw.image_shape == (2, 3)

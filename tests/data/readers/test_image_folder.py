import sys

import numpy as np
import pytest
from PIL import Image

from pellucid.data import load_data, read_data
from pellucid.errors import DataError, FormatError, StorageError

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 4, 5), dtype=np.uint8)
COLOURS = np.random.default_rng(1).integers(0, 256, (12, 4, 5, 3), dtype=np.uint8)


def save(path, pixels, **how):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)


@pytest.fixture
def folder(tmp_path):
    """Six images of each of two classes."""
    for index, pixels in enumerate(PIXELS):
        save(tmp_path / ("cat", "dog")[index // 6] / f"{index:02}.png", pixels)
    return tmp_path


def test_grey_images(folder):
    raw = read_data(folder)
    assert np.array_equal(raw.rows, PIXELS.reshape(12, 20))
    assert (raw.image_shape, raw.rows.dtype, raw.scale) == ((4, 5), np.uint8, 1 / 255)
    assert raw.target.tolist() == ["cat"] * 6 + ["dog"] * 6
    data = load_data(folder)
    assert (data.n_classes, data.target.names) == (2, ("cat", "dog"))


@pytest.mark.parametrize("ending", [".png", ".bmp", ".tif", ".ppm"])
def test_coloured_images(tmp_path, ending):
    for index, pixels in enumerate(COLOURS):
        save(tmp_path / "ab"[index % 2] / f"{index:02}{ending}", pixels)
    raw = read_data(tmp_path)
    assert np.array_equal(raw.rows, np.concatenate([COLOURS[::2], COLOURS[1::2]]).reshape(12, 60))
    assert raw.image_shape is None


def test_one_coloured_image_makes_all_of_them_coloured(folder):
    save(folder / "cat" / "00.png", COLOURS[0])
    raw = read_data(folder)
    assert np.array_equal(raw.rows[0], COLOURS[0].reshape(-1))
    assert np.array_equal(raw.rows[1].reshape(-1, 3), np.repeat(PIXELS[1].reshape(-1, 1), 3, axis=1))


@pytest.mark.parametrize(("names", "sizes"), [
    (("train", "test"), (6, 0, 6)), (("Training", "val"), (6, 0, 6)), (("train", "valid", "test"), (4, 4, 4)),
])  # fmt: skip
def test_a_split_of_its_own(tmp_path, names, sizes):
    for index, pixels in enumerate(PIXELS):
        save(tmp_path / names[index % len(names)] / "ab"[index // 6] / f"{index}.png", pixels)
    raw = read_data(tmp_path)
    parts = raw.own_parts()
    assert tuple(len(parts.get(part, ())) for part in ("train", "validation", "test")) == sizes
    assert set(raw.target) == {"a", "b"}


def test_other_files_are_left_alone(folder):
    (folder / "cat" / "Thumbs.db").write_bytes(b"x")
    (folder / "cat" / "._00.png").write_bytes(b"x")
    (folder / "README").write_text("about")
    assert len(read_data(folder)) == 12


def test_images_without_classes_are_for_predictions(folder):
    assert len(read_data(folder / "cat", require_target=False)) == 6
    with pytest.raises(DataError, match="the images have no classes"):
        read_data(folder / "cat")


def test_idx_files_come_first(folder, idx_folder_of, idx_parts):
    assert len(read_data(idx_folder_of(idx_parts))) == 10


def test_images_of_another_size_are_refused(folder):
    save(folder / "dog" / "08.png", PIXELS[0][:, :4])
    with pytest.raises(DataError, match="the images differ in size") as caught:
        read_data(folder)
    assert (caught.value.expected, caught.value.received) == ("5 x 4 pixels, as 00.png", "4 x 4")
    assert caught.value.where.endswith("08.png")


@pytest.mark.parametrize(
    "damage", [lambda good: good[:40], lambda good: b"x", lambda good: b"", lambda good: good[:-30]]
)
def test_the_corrupt_image_is_named(folder, damage):
    path = folder / "dog" / "08.png"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FormatError, match="an image is corrupt or truncated") as caught:
        read_data(folder)
    assert caught.value.where == str(path)


def test_pixels_of_16_bits_are_refused(folder):
    save(folder / "cat" / "00.png", PIXELS[0].astype(np.uint16))
    with pytest.raises(DataError, match="not bytes"):
        read_data(folder)


def claims(width, height):
    """A PNG file that claims any size, by the definition of the format."""
    import struct
    import zlib

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_claims_of_size_are_refused_before_memory_is_taken(tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.png").write_bytes(claims(100_000, 100_000))
    with pytest.raises(FormatError, match="claims to be too large"):
        read_data(tmp_path)
    for label in "ab":
        (tmp_path / label / "1.png").write_bytes(claims(8_000, 8_000))
    with pytest.raises(FormatError, match="too many cells"):
        read_data(tmp_path)


def test_without_the_package_the_error_names_the_extra(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(StorageError, match="not installed") as caught:
        read_data(folder)
    assert "pellucid[images]" in caught.value.remedy

"""A folder of images by class: a folder for each class, perhaps in folders for training and test."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.data.raw import RawData
from pellucid.data.readers.excerpt import excerpt
from pellucid.data.readers.limits import check_cells
from pellucid.data.readers.opening import open_file
from pellucid.errors import DataError, FormatError, PellucidError, StorageError

__all__ = ["image_folder", "is_image_folder"]

_ENDINGS = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm", ".pnm"}
# Pillow's formats that are read without other programs.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_PARTS: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_GREY = ("1", "L", "LA")
_COLOURS = ("P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
# Folders that are looked into to recognise one.
_EXAMINED = 100


@dataclass(frozen=True)
class _Image:
    """An image file, its class, and the set that it belongs to."""

    path: Path
    label: str | None
    part: str | None


def is_image_folder(folder: Path) -> bool:
    """Return whether a folder contains images, or folders of images."""
    return folder.is_dir() and next(_images(folder, _EXAMINED), None) is not None


def image_folder(folder: Path, require_target: bool = True) -> RawData:
    """Read all images as rows of bytes, grey or in three colours; the names of their folders are labels."""
    images = list(_images(folder))
    labelled = [image for image in images if image.label is not None]
    if not labelled and require_target:
        raise DataError(
            "the images have no classes",
            expected="a folder of images for each class, such as cat/1.png and dog/1.png",
            received=f"{len(images):,} images in the folder itself",
            where=str(folder),
        )
    notes = []
    if labelled and len(labelled) < len(images):
        notes.append(f"{len(images) - len(labelled):,} images in no folder of a class are not read")
    images = labelled or images
    (height, width), grey = _examined(images, folder)
    rows = np.empty((len(images), height * width * (1 if grey else 3)), np.uint8)
    for row, image in zip(rows, images, strict=True):
        with _opened(image.path) as picture:
            row[:] = np.asarray(picture.convert("L" if grey else "RGB")).reshape(-1)
    raw = RawData(
        folder.resolve().name,
        rows,
        np.array([image.label for image in images], dtype=object) if labelled else None,
        target_name="label" if labelled else None,
        image_shape=(height, width) if grey else None,
        scale=1 / 255,
        of_classes=True,
        notes=notes,
    )
    _set_split(raw, [image.part for image in images])
    return raw


def _set_split(raw: RawData, parts: Sequence[str | None]) -> None:
    """Mark the rows of each set; without a test set, the validation set is used as one."""
    part_of = np.array(parts, dtype=object)
    if not {"train"} < set(parts):
        return
    raw.train = part_of == "train"
    if "test" in parts and "validation" in parts:
        raw.validation = part_of == "validation"
    elif "validation" in parts:
        raw.notes.append("there is no folder of test images; those for validation are the test set")


def _images(folder: Path, most: int | None = None) -> Iterator[_Image]:
    """Yield the images of a folder in the order of their names."""
    inner = _folders(folder)
    in_parts = inner and all(each.name.lower() in _PARTS for each in inner)
    if in_parts and any(_folders(each) for each in inner):
        for part in inner:
            for each in islice(_folders(part), most):
                yield from _files(each, each.name, _PARTS[part.name.lower()])
        return
    yield from _files(folder, None, None)
    for each in islice(inner, most):
        yield from _files(each, each.name, None)


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] not in "._")


def _files(folder: Path, label: str | None, part: str | None) -> Iterator[_Image]:
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _ENDINGS and path.name[0] != "." and path.is_file():
            yield _Image(path, label, part)


def _examined(images: Sequence[_Image], folder: Path) -> tuple[tuple[int, int], bool]:
    """Return the height and width of all images, and whether all are grey, before any pixel is read."""
    first: tuple[int, int] | None = None
    grey, n_bytes = True, 0
    for image in images:
        n_bytes += image.path.stat().st_size
        with _opened(image.path) as picture:
            width, height = picture.size
            if picture.mode not in (*_GREY, *_COLOURS):
                raise DataError(
                    "the pixels of an image are not bytes",
                    expected="8 bits for each pixel, or for each of its colours",
                    received=f"mode {picture.mode}",
                    where=str(image.path),
                    remedy="convert the images, or read them in Python and pass an array of numbers",
                )
            grey = grey and picture.mode in _GREY
        first = first or (height, width)
        if (height, width) != first:
            raise DataError(
                "the images differ in size",
                expected=f"{first[1]} x {first[0]} pixels, as {images[0].path.name}",
                received=f"{width} x {height}",
                where=str(image.path),
                remedy="resize all images to the same size, such as 32 x 32: mogrify -resize '32x32!' *.png",
            )
    assert first is not None  # a folder without images is not recognised
    check_cells(len(images) * first[0] * first[1] * (1 if grey else 3), n_bytes, str(folder))
    return first, grey


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open an image; its pixels are read when they are used."""
    try:
        from PIL import Image, UnidentifiedImageError  # an extra
    except ImportError:
        raise StorageError(
            "the package that reads images is not installed",
            expected="Pillow",
            where=str(path),
            remedy="pip install 'pellucid[images]'",
        ) from None
    try:
        with warnings.catch_warnings(), open_file(path, as_stored=True) as file:
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=_FORMATS) as picture:
                yield picture
    except PellucidError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FormatError(
            "an image claims to be too large",
            expected=f"at most {Image.MAX_IMAGE_PIXELS:,} pixels",
            received="more",
            where=str(path),
        ) from None
    except Exception as error:  # Pillow raises many types of errors for damaged files
        unknown = isinstance(error, UnidentifiedImageError)
        raise FormatError(
            "an image is corrupt or truncated",
            expected=f"a complete image in one of the formats {', '.join(_FORMATS)}",
            received="another format" if unknown else excerpt(error) or type(error).__name__,
            where=str(path),
            remedy="remove the file, or download or copy it again",
        ) from None

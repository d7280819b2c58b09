import pytest

from pellucid.errors import ConfigurationError, ExistingFileError, MissingFileError
from pellucid.tuning import Search
from pellucid.tuning.candidate import Plan
from pellucid.tuning.picture import _draw_history, _draw_importances, check_picture, draw_search

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def row(number, state, value):
    return {"number": number, "state": state, "value": value}


@pytest.fixture
def found(plan):
    rows = [
        row(0, "finished", 0.5),
        row(1, "pruned", 0.9),
        row(2, "finished", 0.7),
        row(3, "failed", None),
        row(4, "finished", 0.2),
    ]
    return Search(plan, {}, rows, rows[4], {"learning_rate": 0.9, "width": 0.1})


@pytest.fixture
def axes():
    from matplotlib.figure import Figure

    return Figure().subplots()


def test_each_ending_is_a_picture_of_that_kind(found, tmp_path):
    for ending, begins in BEGINS.items():
        path = tmp_path / f"search{ending}"
        draw_search(found, path)
        assert path.read_bytes().startswith(begins)
    assert len(list(tmp_path.iterdir())) == len(BEGINS)


def test_the_history_shows_each_value_and_the_best_so_far(found, axes):
    _draw_history(axes, found)
    finished, pruned = (points.get_offsets().tolist() for points in axes.collections)
    assert finished == [[0, 0.5], [2, 0.7], [4, 0.2]]
    assert pruned == [[1, 0.9]]
    (line,) = axes.lines
    assert line.get_xydata().tolist() == [[0, 0.5], [2, 0.5], [4, 0.2]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "finished",
        "pruned",
        "best so far",
    ]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "validation cost"


def test_accuracies_are_not_drawn_by_orders_of_magnitude(classes, found, axes):
    _draw_history(axes, Search(Plan(classes, "validation_accuracy", 1), {}, found.rows))
    assert axes.get_yscale() == "linear"
    assert axes.lines[0].get_ydata().tolist() == [0.5, 0.7, 0.7]


def test_the_importances_stand_with_the_largest_on_top(found, axes):
    _draw_importances(axes, found.importances)
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([10, 90])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["width", "learning_rate"]


@pytest.mark.parametrize("rows", [[], [row(0, "failed", None)], [row(0, "finished", -0.5)]])
def test_a_search_with_hardly_anything_to_show(plan, tmp_path, rows):
    draw_search(Search(plan, {}, rows), tmp_path / "search.svg")
    assert "too few trials" in (tmp_path / "search.svg").read_text()


def test_is_refused(found, tmp_path):
    for name in ("a.gif", "png", "a.png.txt"):
        with pytest.raises(ConfigurationError, match="unsupported file type"):
            check_picture(tmp_path / name)
    with pytest.raises(MissingFileError):
        check_picture(tmp_path / "nowhere" / "a.png")
    path = tmp_path / "a.png"
    path.write_text("mine")
    with pytest.raises(ExistingFileError):
        draw_search(found, path)
    assert path.read_text() == "mine"
    draw_search(found, path, force=True)
    assert path.read_bytes().startswith(b"\x89PNG")

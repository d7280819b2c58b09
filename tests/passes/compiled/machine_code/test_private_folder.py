"""Folders and files that another user can have written are refused, and none is waited for."""

import grp
import os
import pwd
from types import SimpleNamespace

import pytest

from pellucid.passes.compiled.machine_code import private_folder as home
from pellucid.passes.compiled.machine_code.private_folder import NotPrivateError, private_folder, read_private

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")


def mode(path):
    return path.stat().st_mode & 0o7777


@pytest.fixture
def another(monkeypatch):
    """Make a path another user's: really where the tests may, or by being somebody else."""

    def give(path):
        if os.geteuid() == 0:
            os.chown(path, 4321, 4321, follow_symlinks=False)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: 4321)

    return give


def test_a_folder_is_made_with_all_above_it_for_this_user_alone(tmp_path):
    before = os.umask(0)
    try:
        folder = private_folder(tmp_path / "a" / "b" / "kernels")
    finally:
        os.umask(before)
    assert folder == (tmp_path / "a" / "b" / "kernels").resolve()
    assert [mode(path) for path in (folder, folder.parent, folder.parent.parent)] == [0o700] * 3


def test_a_folder_that_others_can_read_is_closed_to_them(tmp_path):
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels").chmod(0o755)
    assert mode(private_folder(tmp_path / "kernels")) == 0o700


@pytest.mark.parametrize("rights", [0o777, 0o1777, 0o722, 0o770, 0o720, 0o702])
def test_a_folder_that_others_can_write_to_is_refused(tmp_path, rights):
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels").chmod(rights)
    with pytest.raises(NotPrivateError, match=r"other users can write to .*kernels"):
        private_folder(tmp_path / "kernels")
    assert mode(tmp_path / "kernels") == rights


@pytest.mark.parametrize("which", ["kernels", "kernels/.."])
def test_a_folder_of_another_user_is_refused_and_so_is_one_in_it(tmp_path, which, another):
    folder = tmp_path / "shared" / "kernels"
    folder.mkdir(parents=True, mode=0o700)
    another(folder.parent if which.endswith("..") else folder)
    with pytest.raises(NotPrivateError, match="belongs to another user"):
        private_folder(folder)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_folder_that_others_could_replace_is_refused(tmp_path, depth):
    folder = tmp_path / "a" / "b" / "c" / "kernels"
    folder.parent.mkdir(parents=True)
    folder.parents[depth - 1].chmod(0o777)
    with pytest.raises(NotPrivateError, match="other users can write to"):
        private_folder(folder)
    assert not folder.exists()


def test_a_folder_for_all_in_which_everybody_replaces_their_own_alone_is_accepted(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    assert mode(private_folder(tmp_path / "shared" / "kernels")) == 0o700


def entries(monkeypatch, group, members, user):
    def found(entry):
        if entry is None:
            raise KeyError
        return entry

    group = group and SimpleNamespace(gr_name=group, gr_mem=members)
    monkeypatch.setattr(grp, "getgrgid", lambda number: found(group))
    monkeypatch.setattr(pwd, "getpwuid", lambda number: found(user and SimpleNamespace(pw_name=user)))


@pytest.mark.parametrize(
    ("group", "members", "user", "accepted"),
    [
        ("ann", [], "ann", True),  # Debian, Ubuntu, Fedora
        ("ann", ["ann"], "ann", True),
        ("ann", ["ann", "bob"], "ann", False),
        ("users", [], "ann", False),  # whose members of that kind are not listed
        ("staff", ["bob"], "ann", False),
        ("staff", [], None, False),
    ],
)
def test_a_home_that_its_group_can_write_to_is_accepted_if_the_user_is_alone_in_it(
    tmp_path, monkeypatch, group, members, user, accepted
):
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o775)
    entries(monkeypatch, group, members, user)
    if accepted:
        assert mode(private_folder(tmp_path / "home" / "kernels")) == 0o700
    else:
        with pytest.raises(NotPrivateError):
            private_folder(tmp_path / "home" / "kernels")


@pytest.mark.skipif(not hasattr(os, "getxattr"), reason="access lists of Linux")
def test_a_home_whose_access_list_names_others_is_refused(tmp_path, monkeypatch):
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o775)
    entries(monkeypatch, "ann", [], "ann")
    monkeypatch.setattr(os, "getxattr", lambda path, name: b"user:bob:rwx", raising=False)
    with pytest.raises(NotPrivateError, match="other users can write to"):
        private_folder(tmp_path / "home" / "kernels")


def test_a_group_without_a_name_is_the_users_own_if_it_has_the_users_number(monkeypatch):
    entries(monkeypatch, None, [], None)
    assert home._is_private_group(1000, 1000)
    assert not home._is_private_group(100, 1000)


def test_a_link_is_judged_by_the_folder_that_it_leads_to(tmp_path):
    for name, rights in (("safe", 0o755), ("open", 0o777)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(rights)
        (tmp_path / f"to_{name}").symlink_to(tmp_path / name)
    assert private_folder(tmp_path / "to_safe" / "kernels") == (tmp_path / "safe" / "kernels").resolve()
    with pytest.raises(NotPrivateError, match=r"write to .*open"):
        private_folder(tmp_path / "to_open" / "kernels")
    with pytest.raises(NotPrivateError, match=r"write to .*open"):
        private_folder(tmp_path / "to_open")


def test_links_that_lead_in_a_circle_are_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match="is not a folder"):
        private_folder(tmp_path / "a" / "kernels")


@pytest.mark.parametrize("which", ["cache", "cache/kernels"])
def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path, which):
    (tmp_path / which).parent.mkdir(exist_ok=True)
    (tmp_path / which).write_text("a file")
    with pytest.raises(NotADirectoryError):
        private_folder(tmp_path / "cache" / "kernels")


def test_where_there_are_no_such_rights_none_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "_HAS_MODES", False)
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels").chmod(0o777)
    folder = private_folder(tmp_path / "kernels")
    (folder / "code").write_bytes(b"code")
    (folder / "code").chmod(0o666)
    assert read_private(folder / "code") == b"code"


def test_a_file_of_ones_own_is_read(tmp_path):
    (tmp_path / "code").write_bytes(b"code")
    (tmp_path / "code").chmod(0o644)
    assert read_private(tmp_path / "code") == b"code"


def link(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def replace_by(make):
    def change(path):
        path.unlink()
        make(path)

    return change


UNSOUND = {
    "writable by the group": lambda path: path.chmod(0o660),
    "writable by all": lambda path: path.chmod(0o606),
    "under another name too": lambda path: os.link(path, path.with_name("elsewhere")),
    "a link": link,
    "a pipe": replace_by(os.mkfifo),
    "a folder": replace_by(os.mkdir),
    "missing": os.unlink,
}


@pytest.mark.parametrize("change", UNSOUND.values(), ids=UNSOUND)
def test_a_file_that_others_could_have_written_is_refused_at_once(tmp_path, change):
    (tmp_path / "code").write_bytes(b"code")
    change(tmp_path / "code")
    count = len(os.listdir("/dev/fd"))
    with pytest.raises(OSError):  # noqa: PT011 - links are refused by the system, in its own words
        read_private(tmp_path / "code")
    assert len(os.listdir("/dev/fd")) == count


def test_a_file_of_another_user_is_refused(tmp_path, another):
    (tmp_path / "code").write_bytes(b"code")
    another(tmp_path / "code")
    with pytest.raises(NotPrivateError, match="belongs to another user"):
        read_private(tmp_path / "code")

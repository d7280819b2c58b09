"""Against a real server on this machine that cuts, forgets and lies as told."""

import hashlib
import os
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat

import pytest

from pellucid.data.readers.builtin import download as module
from pellucid.data.readers.builtin.download import fetch
from pellucid.data.readers.builtin.published import PublishedFile
from pellucid.errors import FormatError, StorageError

CONTENT = bytes(range(256)) * 2000
SUM = hashlib.sha256(CONTENT).hexdigest()
FILE = PublishedFile("data.gz", len(CONTENT), SUM)


class Server(ThreadingHTTPServer):
    content = CONTENT
    knows_ranges = True
    cut_after = None
    cuts = 0
    answer = None  # instead of the file

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []

    @property
    def mirror(self):
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        if server.answer is not None and self.path == "/data.gz":
            server.answer(self)
            return
        if not self.path.endswith("/data.gz"):
            self.send_error(404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted)[1]) if wanted and server.knows_ranges else 0
        if wanted and server.knows_ranges and start >= len(server.content):
            self.send_error(416)
            return
        body = server.content[start:]
        self.send_response(206 if wanted and server.knows_ranges else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if server.cuts > 0:
            server.cuts -= 1
            body = body[: server.cut_after]
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_arrives_whole(server, tmp_path):
    path = fetch(FILE, [server.mirror], tmp_path / "new" / "folder")
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["data.gz"]


def test_what_is_there_is_not_asked_for(server, tmp_path):
    (tmp_path / "data.gz").write_bytes(CONTENT)
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == []


CHANGED = [b"here", b"", b"x" + CONTENT[1:], CONTENT + b"x"]


@pytest.mark.parametrize("content", CHANGED)
def test_what_has_changed_is_downloaded_anew(server, tmp_path, capsys, content):
    (tmp_path / "data.gz").write_bytes(content)
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert "data.gz differs from the published file; downloading it again" in capsys.readouterr().err
    assert names(tmp_path) == ["data.gz"]


@pytest.mark.parametrize("content", CHANGED)
def test_what_has_changed_is_not_used_where_it_cannot_be_downloaded(monkeypatch, tmp_path, content):
    monkeypatch.setenv("no_proxy", "*")
    (tmp_path / "data.gz").write_bytes(content)
    with pytest.raises(StorageError, match="could not be downloaded"):
        fetch(FILE, ["http://127.0.0.1:1/"], tmp_path)
    assert names(tmp_path) == ["data.gz"]


@pytest.mark.parametrize("name", ["data.gz", "data.gz.part"])
def test_a_link_is_replaced_and_what_it_points_to_is_left_alone(server, tmp_path, name):
    other, folder = tmp_path / "other", tmp_path / "folder"
    other.write_bytes(CONTENT[:1000])
    folder.mkdir()
    (folder / name).symlink_to(other)
    path = fetch(FILE, [server.mirror], folder)
    assert (path.read_bytes(), path.is_symlink()) == (CONTENT, False)
    assert (other.read_bytes(), names(folder)) == (CONTENT[:1000], ["data.gz"])
    assert server.asked == [None]


def test_a_second_name_of_another_file_is_not_appended_to(server, tmp_path):
    other, folder = tmp_path / "other", tmp_path / "folder"
    other.write_bytes(CONTENT[:1000])
    folder.mkdir()
    (folder / "data.gz.part").hardlink_to(other)
    assert fetch(FILE, [server.mirror], folder).read_bytes() == CONTENT
    assert other.read_bytes() == CONTENT[:1000]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_what_is_no_file_is_said(server, tmp_path):
    os.mkfifo(tmp_path / "data.gz")
    with pytest.raises(StorageError, match="cannot be read from here"):
        fetch(FILE, [server.mirror], tmp_path)
    assert server.asked == []


def test_a_place_that_takes_no_file(server, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be stored") as caught:
        fetch(FILE, [server.mirror], tmp_path / "file")
    assert "file" in caught.value.where


def test_a_cut_connection_is_resumed(server, tmp_path):
    server.cut_after, server.cuts = 100_000, 2
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=200000-"]


def test_what_an_earlier_call_left_is_resumed(server, tmp_path):
    server.cut_after, server.cuts = 1000, 3
    with pytest.raises(StorageError, match="could not be downloaded") as caught:
        fetch(FILE, [server.mirror], tmp_path)
    assert "the connection was interrupted" in caught.value.received
    assert "the partial download is kept" in caught.value.remedy
    assert names(tmp_path) == ["data.gz.part"]
    server.asked.clear()
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=3000-"]


def test_a_server_that_ignores_ranges_begins_anew(server, tmp_path):
    server.knows_ranges = False
    server.cut_after, server.cuts = 1000, 1
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000-"]


def test_a_part_longer_than_the_file_begins_anew(server, tmp_path):
    (tmp_path / "data.gz.part").write_bytes(CONTENT + b"more")
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing(server, tmp_path):
    server.content = b"x" + CONTENT[1:]
    with pytest.raises(FormatError) as caught:
        fetch(FILE, [server.mirror], tmp_path)
    assert SUM in caught.value.expected
    assert hashlib.sha256(server.content).hexdigest() in caught.value.received
    assert names(tmp_path) == []


def test_the_next_mirror_is_tried(server, tmp_path):
    nobody = "http://127.0.0.1:1/"
    assert fetch(FILE, [nobody, f"{server.mirror}other/data.gz/no/", server.mirror], tmp_path).is_file()


def test_no_server(monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(StorageError) as caught:
        fetch(FILE, ["http://127.0.0.1:1/"], tmp_path)
    assert "no connection" in caught.value.received
    assert str(tmp_path) in caught.value.remedy
    assert names(tmp_path) == []


def test_a_file_the_server_does_not_have(server, tmp_path):
    with pytest.raises(StorageError) as caught:
        fetch(PublishedFile("absent.gz", 7, SUM), [server.mirror], tmp_path)
    assert "404" in caught.value.received


def answer(head, *blocks, endless=False, pause=0.0):
    """Write a server's answer by hand: its head, then blocks, perhaps the last of them without end."""

    def send(handler):
        with suppress(OSError):
            handler.wfile.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            for block in chain(blocks, repeat(blocks[-1]) if endless else ()):
                handler.wfile.write(block)
                time.sleep(pause)

    return send


OK = "HTTP/1.0 200 OK"
ANSWERS = {
    "no length, no end": (answer(OK, CONTENT, endless=True), "more than the size of the file"),
    "a length that is not a number": (
        answer(f"{OK}\nContent-Length: abc", CONTENT[:9]),
        "connection was interrupted",
    ),
    "a negative length": (answer(f"{OK}\nContent-Length: -5", CONTENT[:9]), "connection was interrupted"),
    "the length of another file": (
        answer(f"{OK}\nContent-Length: 9", CONTENT[:9]),
        "another file, of 9 bytes",
    ),
    "no HTTP": (answer("<html>", b""), "no connection"),
    "a strange status": (answer("HTTP/1.0 999 \x1b[2J" + "x" * 5000), "999"),
    "a redirect nowhere": (answer("HTTP/1.0 302 Found\nLocation: http://[/"), "no connection"),
    "a redirect to a file": (answer("HTTP/1.0 302 Found\nLocation: file:///etc/passwd"), "file:///etc"),
    "a redirect to FTP": (answer("HTTP/1.0 302 Found\nLocation: ftp://127.0.0.1:1/x"), "redirect to ftp"),
    "redirects in a circle": (answer("HTTP/1.0 302 Found\nLocation: /data.gz"), "302"),
    "headers without end": (answer(f"{OK}\nA: b", b"A: b\r\n" * 200), "connection was interrupted"),
    "a header without end": (answer(f"{OK}\nA: " + "x" * 100_000), "no connection"),
    "chunks that are none": (answer(f"{OK}\nTransfer-Encoding: chunked", b"zz\r\n"), "no connection"),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_of_another_kind(server, tmp_path, kind):
    server.answer, says = ANSWERS[kind]
    with pytest.raises(StorageError, match="could not be downloaded") as caught:
        fetch(FILE, [server.mirror], tmp_path)
    assert says in caught.value.received
    assert len(caught.value.received) < 500
    assert [path.stat().st_size < len(CONTENT) for path in tmp_path.iterdir()] in ([], [True])


@pytest.mark.parametrize("head", [OK, f"{OK}\nA: "], ids=["the file", "the headers"])
def test_a_server_that_drips_is_given_up(server, tmp_path, monkeypatch, head):
    monkeypatch.setattr(module, "_SECONDS", 0.5)
    server.answer = answer(head, b"x", endless=True, pause=0.01)
    with pytest.raises(StorageError) as caught:
        fetch(FILE, [server.mirror], tmp_path)
    assert "the download takes too long" in caught.value.received


def test_a_beginning_that_is_of_another_file_is_not_kept(server, tmp_path):
    (tmp_path / "data.gz.part").write_bytes(b"x" * 1000)
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=1000-", None]


def test_a_redirect_that_stays_with_http_is_followed(server, tmp_path):
    server.answer = answer(f"HTTP/1.0 302 Found\nLocation: {server.mirror}moved/data.gz")
    assert fetch(FILE, [server.mirror], tmp_path).read_bytes() == CONTENT

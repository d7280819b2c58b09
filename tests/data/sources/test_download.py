"""Against a real server on this machine that cuts, forgets and lies as told."""

import hashlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pellucid.data.sources.download import fetch
from pellucid.errors import FormatError, StorageError

CONTENT = bytes(range(256)) * 2000
SUM = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    content = CONTENT
    knows_ranges = True
    cut_after = None
    cuts = 0

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
    path = fetch("data.gz", SUM, [server.mirror], tmp_path / "new" / "folder")
    assert path.read_bytes() == CONTENT
    assert names(path.parent) == ["data.gz"]


def test_what_is_there_is_not_asked_for(server, tmp_path):
    (tmp_path / "data.gz").write_bytes(b"here")
    assert fetch("data.gz", SUM, [server.mirror], tmp_path).read_bytes() == b"here"
    assert server.asked == []


def test_a_cut_connection_is_resumed(server, tmp_path):
    server.cut_after, server.cuts = 100_000, 2
    assert fetch("data.gz", SUM, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=200000-"]


def test_what_an_earlier_call_left_is_resumed(server, tmp_path):
    server.cut_after, server.cuts = 1000, 3
    with pytest.raises(StorageError, match="could not be downloaded") as caught:
        fetch("data.gz", SUM, [server.mirror], tmp_path)
    assert "the connection was cut" in caught.value.received
    assert "is kept" in caught.value.remedy
    assert names(tmp_path) == ["data.gz.part"]
    server.asked.clear()
    assert fetch("data.gz", SUM, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == ["bytes=3000-"]


def test_a_server_that_ignores_ranges_begins_anew(server, tmp_path):
    server.knows_ranges = False
    server.cut_after, server.cuts = 1000, 1
    assert fetch("data.gz", SUM, [server.mirror], tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000-"]


def test_a_part_longer_than_the_file_begins_anew(server, tmp_path):
    (tmp_path / "data.gz.part").write_bytes(CONTENT + b"more")
    assert fetch("data.gz", SUM, [server.mirror], tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing(server, tmp_path):
    server.content = b"x" + CONTENT[1:]
    with pytest.raises(FormatError) as caught:
        fetch("data.gz", SUM, [server.mirror], tmp_path)
    assert SUM in caught.value.expected
    assert hashlib.sha256(server.content).hexdigest() in caught.value.received
    assert names(tmp_path) == []


def test_the_next_mirror_is_tried(server, tmp_path):
    nobody = "http://127.0.0.1:1/"
    assert fetch(
        "data.gz", SUM, [nobody, f"{server.mirror}other/data.gz/no/", server.mirror], tmp_path
    ).is_file()


def test_no_server(monkeypatch, tmp_path):
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(StorageError) as caught:
        fetch("data.gz", SUM, ["http://127.0.0.1:1/"], tmp_path)
    assert "no connection" in caught.value.received
    assert str(tmp_path) in caught.value.remedy
    assert names(tmp_path) == []


def test_a_file_the_server_does_not_have(server, tmp_path):
    with pytest.raises(StorageError) as caught:
        fetch("absent.gz", SUM, [server.mirror], tmp_path)
    assert "404" in caught.value.received

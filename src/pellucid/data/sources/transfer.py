"""One answer of a server, which may be of any kind, size and slowness."""

import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import urlsplit

from pellucid.data.sources.excerpt import excerpt

__all__ = ["Transfer", "TransferError"]

_BLOCK = 1 << 16
_SECONDS_OF_SILENCE = 30
_SECONDS_TO_A_LOOK = 0.2  # Ctrl-C is heeded in between, on Windows too


class TransferError(Exception):
    """Why something did not arrive.

    Parameters
    ----------
    reason : str
    final : bool
        Whether asking the same server again would be of no use.
    status : int, optional
        The status of HTTP that it answered with.
    """

    def __init__(self, reason: str, *, final: bool = False, status: int | None = None) -> None:
        super().__init__(reason)
        self.final = final
        self.status = status


class Transfer:
    """The bytes of a file from some place on, received by a thread of their own.

    A server can spend any time on a name, a handshake or a header, one byte at a time, so none of these is
    waited for beyond the deadline; the thread is left behind then, and touches no file.

    Parameters
    ----------
    address : str
    start : int
        The first byte to ask for.
    size : int
        How many bytes the whole file has.
    deadline : float
        When to give up, by `time.monotonic`.
    """

    def __init__(self, address: str, start: int, size: int, deadline: float) -> None:
        self.start = start
        self._address = address
        self._size = size
        self._deadline = deadline
        self._received: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._given_up = threading.Event()

    def begin(self) -> None:
        """Ask, and wait for the answer; `start` is 0 afterwards if the server sends the whole file.

        Raises
        ------
        TransferError
            If none comes, or it is not the file.
        """
        threading.Thread(target=self._receive, daemon=True).start()
        status, length = self._next()
        if status != HTTPStatus.PARTIAL_CONTENT:
            self.start = 0
        if length is not None and self.start + length != self._size:
            self._given_up.set()
            raise TransferError(f"it sends another file, of {self.start + length:,} bytes", final=True)

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes as they come, at most one block more than the file has.

        Raises
        ------
        TransferError
            If the connection fails, or the deadline passes.
        """
        while block := self._next():
            yield block

    def _next(self) -> Any:
        while True:
            try:
                found = self._received.get(timeout=_SECONDS_TO_A_LOOK)
            except queue.Empty:
                found = None
            if time.monotonic() > self._deadline:
                self._given_up.set()
                raise TransferError("it takes too long", final=True)
            if isinstance(found, TransferError):
                raise found
            if found is not None:
                return found

    def _receive(self) -> None:
        """Put the status and the length of the answer, then its blocks, then an empty one or an error."""
        try:
            with self._answer() as answer:
                status = getattr(answer, "status", None)
                start = self.start if status == HTTPStatus.PARTIAL_CONTENT else 0
                self._received.put((status, getattr(answer, "length", None)))
                while start <= self._size and not self._given_up.is_set():
                    # read would wait for a whole block
                    block = answer.read1(_BLOCK)  # type: ignore[attr-defined]  # HTTP's has it
                    if not block:
                        break
                    start += len(block)
                    self._received.put(block)
            self._received.put(b"")
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"the server answers {error.code} {excerpt(error.reason)}"
            refused = error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            self._received.put(TransferError(reason, final=refused, status=error.code))
        except Exception as error:  # an address or a header may be wrong in any way
            reason = excerpt(getattr(error, "reason", error))
            self._received.put(TransferError(f"no connection ({reason})"))

    def _answer(self) -> IO[bytes]:
        headers = {"Range": f"bytes={self.start}-"} if self.start else {}
        request = urllib.request.Request(self._address, headers=headers)
        opener = urllib.request.build_opener(_WebOnly)
        answer: IO[bytes] = opener.open(request, timeout=_SECONDS_OF_SILENCE)
        return answer


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects that stay with HTTP."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise urllib.error.URLError(f"a redirect to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)

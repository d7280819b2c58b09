"""One HTTP response, from a server that need not be reliable."""

import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import urlsplit

from pellucid.data.readers.excerpt import excerpt

__all__ = ["Transfer", "TransferError"]

_BLOCK = 1 << 16
_SECONDS_OF_SILENCE = 30
_POLL_SECONDS = 0.2  # Ctrl-C is handled in between, on Windows too


class TransferError(Exception):
    """A failed transfer.

    Parameters
    ----------
    reason : str
    final : bool
        Whether trying the same server again would be useless.
    status : int, optional
        The HTTP status of the response.
    """

    def __init__(self, reason: str, *, final: bool = False, status: int | None = None) -> None:
        super().__init__(reason)
        self.final = final
        self.status = status


class Transfer:
    """The bytes of a file from an offset on, received in a separate thread.

    Name resolution, a handshake or a header can take any time, so none of them is awaited beyond the
    deadline; the thread is then abandoned, and touches no file.

    Parameters
    ----------
    address : str
    start : int
        The first byte to request.
    size : int
        The size of the whole file in bytes.
    deadline : float
        The time to give up, as of `time.monotonic`.
    """

    def __init__(self, address: str, start: int, size: int, deadline: float) -> None:
        self.start = start
        self._address = address
        self._size = size
        self._deadline = deadline
        self._received: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._given_up = threading.Event()

    def begin(self) -> None:
        """Send the request and wait for the response; sets `start` to 0 if the server sends the whole file.

        Raises
        ------
        TransferError
            If there is no response, or it is not the file.
        """
        threading.Thread(target=self._receive, daemon=True).start()
        status, length = self._next()
        if status != HTTPStatus.PARTIAL_CONTENT:
            self.start = 0
        if length is not None and self.start + length != self._size:
            self._given_up.set()
            raise TransferError(
                f"the server sends another file, of {self.start + length:,} bytes", final=True
            )

    def blocks(self) -> Iterator[bytes]:
        """Yield the bytes as they arrive, at most one block more than the size of the file.

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
                found = self._received.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                found = None
            if time.monotonic() > self._deadline:
                self._given_up.set()
                raise TransferError("the download takes too long", final=True)
            if isinstance(found, TransferError):
                raise found
            if found is not None:
                return found

    def _receive(self) -> None:
        """Queue the status and length of the response, then its blocks, then an empty block or an error."""
        try:
            with self._answer() as answer:
                status = getattr(answer, "status", None)
                start = self.start if status == HTTPStatus.PARTIAL_CONTENT else 0
                self._received.put((status, getattr(answer, "length", None)))
                while start <= self._size and not self._given_up.is_set():
                    # read would wait for a full block
                    block = answer.read1(_BLOCK)  # type: ignore[attr-defined]  # HTTPResponse has it
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
        except Exception as error:  # an invalid URL or header raises many types of errors
            reason = excerpt(getattr(error, "reason", error))
            self._received.put(TransferError(f"no connection ({reason})"))

    def _answer(self) -> IO[bytes]:
        headers = {"Range": f"bytes={self.start}-"} if self.start else {}
        request = urllib.request.Request(self._address, headers=headers)
        opener = urllib.request.build_opener(_WebOnly)
        answer: IO[bytes] = opener.open(request, timeout=_SECONDS_OF_SILENCE)
        return answer


class _WebOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects to HTTP and HTTPS only."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise urllib.error.URLError(f"a redirect to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)

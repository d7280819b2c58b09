"""Excerpts from files or server responses, short enough for an error message."""

__all__ = ["excerpt"]


def excerpt(text: object, length: int = 200) -> str:
    """Return the beginning of a text of any length.

    Examples
    --------
    >>> excerpt("x" * 1000, 3)
    'xxx ...'
    """
    whole = str(text)
    return whole if len(whole) <= length else whole[:length] + " ..."

"""What a file or a server says, short enough to be shown in an error."""

__all__ = ["excerpt"]


def excerpt(text: object, length: int = 200) -> str:
    """Return the beginning of a text that may be of any length.

    Examples
    --------
    >>> excerpt("x" * 1000, 3)
    'xxx ...'
    """
    said = str(text)
    return said if len(said) <= length else said[:length] + " ..."

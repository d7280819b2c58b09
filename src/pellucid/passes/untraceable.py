"""The exception for declarations that cannot be compiled."""

__all__ = ["Untraceable"]


class Untraceable(Exception):  # noqa: N818 # a property of the formula, not a failure
    """A declaration does something that cannot be traced, so no machine code can be made of it."""

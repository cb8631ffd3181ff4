"""Where in a text something was found."""

Span = tuple[int, int]
"""The first character and the one behind the last."""

"""A raw document, between the readers and the segmenter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One raw document, as read. `source`, `offset` and `size` say where it stands in the input, and how many of its
    bytes it takes, for rejections and counts. `split` is the one that its place decides, empty where its id does."""

    id: str
    text: str
    language: str
    source: str
    offset: int
    split: str = ""
    size: int = 0

"""A raw document, between the readers and the segmenter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One raw document, as read. `source` and `offset` say where it stands in the input, for rejections and counts."""

    id: str
    text: str
    language: str
    source: str
    offset: int
    split: str = "default"

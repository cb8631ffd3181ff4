"""A raw document, as the readers give it to the segmenter."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Document:
    """One raw document.

    `source` and `offset` say where it begins in the input, and `size` how many bytes of the input it takes; they are
    used in rejections and counts. `split` is the split that the place decides, or empty if the document's id decides. `pair`
    is the second text of a record of two texts. `confidence`, from 0 to 1, is that of optical character recognition. `fields` are
    the values of the fields that conditions on documents name, in the order of the conditions; none if the format has no
    fields. `paragraphs` has for each condition on paragraphs how many of them it left out, and how many have no such field.
    """

    id: str
    text: str
    language: str
    source: str
    offset: int
    split: str = ""
    size: int = 0
    pair: str | None = None
    confidence: float | None = None
    fields: tuple[Any, ...] = ()
    paragraphs: tuple[tuple[int, int], ...] = ()

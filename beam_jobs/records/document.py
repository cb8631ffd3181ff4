"""A raw document, as the readers give it to the segmenter."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One raw document.

    `source` and `offset` say where it begins in the input, and `size` how many bytes of the input it takes; they are
    used in rejections and counts. `split` is the split that the place decides, or empty if the document's id decides. `pair`
    is the second text of a record of two texts. `confidence`, from 0 to 1, is that of optical character recognition.
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

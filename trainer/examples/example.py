"""Labelled examples as values: texts, words with tags, and questions about a context.

Offsets count the characters (code points) of a text from 0, and the end of a span is the first character behind it.
What is None was not told by the file: an example without labels can be predicted, but not trained on or scored.
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Example = TypeVar("Example")

Purpose = Literal["train", "score", "predict"]
"""What examples are read for. Only "predict" lets labels be missing. Only "train" lets ids repeat: predictions and
scores are told apart by them, training is not."""


@dataclass(frozen=True)
class Place:
    """Where an example stands: a file, and its line there, or its row from 1 if the format has no lines."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file}:{self.row}"


@dataclass(frozen=True)
class TextExample:
    """A text, or a pair of texts, with labels by name, or with a number."""

    id: str
    text: str
    pair: str | None
    labels: tuple[str, ...] | None  # None: not labelled; of a multi-label file: any number, in the order of the file
    value: float | None
    place: Place


@dataclass(frozen=True)
class WordsExample:
    """Words, each with a tag. `text` and `offsets` are those of a file that has text and spans instead of words."""

    id: str
    words: tuple[str, ...]
    tags: tuple[str, ...] | None
    place: Place
    text: str | None = None
    offsets: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True)
class Answer:
    """An answer: a substring of the context, and the character at which it starts."""

    text: str
    start: int


@dataclass(frozen=True)
class QuestionExample:
    """A question about a context. `answers` is None if there are no labels, and () if the context has no answer."""

    id: str
    question: str
    context: str
    answers: tuple[Answer, ...] | None
    place: Place
    title: str = ""


@dataclass(frozen=True)
class Examples(Generic[Example]):
    """The examples of a file in its order, and what a user should know about the file, a line each."""

    examples: tuple[Example, ...]
    remarks: tuple[str, ...] = ()

"""Tags of words: which are in IOB form, and the labels of a tagger.

In IOB form (Ramshaw and Marcus 1995) a tag is B-TYPE at the first word of an entity, I-TYPE at the others, and O outside.
Tags of another kind, such as parts of speech, stand for themselves.
"""

import re
from collections.abc import Iterable, Sequence

from beam_jobs.errors import UserError
from trainer.examples.example import Place, WordsExample
from trainer.examples.labels import Labels, labels_of

OUTSIDE = "O"
_IOB = re.compile(r"[BI]-\S(.*\S)?")


def is_iob(tags: Iterable[str]) -> bool:
    """Whether tags are in IOB form: whether one of them is B-TYPE or I-TYPE."""
    return any(_IOB.fullmatch(tag) for tag in tags)


def require_iob(words: Sequence[tuple[str, str, Place]]) -> None:
    """Raise UserError for the first tag that is no IOB tag, if any tag is one. Tags of other kinds are let be.

    `words` are words with their tags and places.
    """
    if not is_iob({tag for _, tag, _ in words}):
        return
    for word, tag, place in words:
        if tag != OUTSIDE and not _IOB.fullmatch(tag):
            raise UserError(
                f"{place}: the word {word!r} has the tag {tag!r}, which is not O, B-TYPE or I-TYPE as others are; mend it "
                "(is it a header, or another column?)"
            )


def tag_labels(examples: Iterable[WordsExample]) -> Labels:
    """The labels of a tagger: the tags of examples, sorted.

    In IOB form, there are O, and B- and I- of every type, even where a small set lacks one of them; so a longer entity
    in other files meets no unknown tag.
    """
    tags = {tag for example in examples for tag in example.tags or ()}
    if is_iob(tags):
        types = {tag[2:] for tag in tags if _IOB.fullmatch(tag)}
        tags |= {OUTSIDE} | {f"{prefix}-{name}" for prefix in "BI" for name in types}
    return labels_of(tags)

"""Tags of words: which of them mean entities, and the labels of a tagger.

A tag of an entity is a prefix and a type: B-PER begins one, I-PER is inside (Ramshaw and Marcus 1995); where the ends are
told apart too, E-PER or L-PER is its last word, and S-PER or U-PER the only one. O is outside. Tags of another kind, such as
parts of speech, stand for themselves.
"""

import re
from collections.abc import Iterable, Sequence

from beam_jobs.errors import UserError
from trainer.examples.example import Place, WordsExample
from trainer.examples.labels import Labels, labels_of

OUTSIDE = "O"
_BEGINS_OR_INSIDE = re.compile(r"[BI]-\S(.*\S)?")
_ENTITY = re.compile(r"[BIESLU]-\S(.*\S)?")
_PREFIXES = ("BI", "BIES", "BILU")


def mean_entities(tags: Iterable[str]) -> bool:
    """Whether tags mean entities: whether one of them is B-TYPE or I-TYPE."""
    return any(_BEGINS_OR_INSIDE.fullmatch(tag) for tag in tags)


def require_entity_tags(words: Sequence[tuple[str, str, Place]]) -> None:
    """Raise UserError for the first tag that means none of an entity, if others do. Tags of other kinds are let be.

    `words` are words with their tags and places.
    """
    if not mean_entities({tag for _, tag, _ in words}):
        return
    for word, tag, place in words:
        if tag != OUTSIDE and not _ENTITY.fullmatch(tag):
            raise UserError(
                f"{place}: the word {word!r} has the tag {tag!r}, which is not O, B-TYPE or I-TYPE as others are; mend it "
                "(is it a header, or another column?)"
            )


def tag_labels(examples: Iterable[WordsExample]) -> Labels:
    """The labels of a tagger: the tags of examples, sorted.

    Where they mean entities, there are O, and all prefixes of every type, even where a small set lacks one of them; so a
    longer entity in other files meets no unknown tag.
    """
    tags = {tag for example in examples for tag in example.tags or ()}
    if mean_entities(tags):
        found = {tag[0] for tag in tags if tag != OUTSIDE}
        prefixes = next((known for known in _PREFIXES if found <= set(known)), "BIESLU")
        types = {tag[2:] for tag in tags if _ENTITY.fullmatch(tag)}
        tags |= {OUTSIDE} | {f"{prefix}-{name}" for prefix in prefixes for name in types}
    return labels_of(tags)

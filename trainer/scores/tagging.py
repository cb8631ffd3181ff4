"""The scores of tags: the entities that they mean, and the words.

An entity is right if its words and its type are those of the gold. `micro_f1` is the F1 of conlleval and of seqeval's
default mode. The `strict_` scores count only entities that are tagged as the scheme has them, on both sides, as in
seqeval's strict mode. Where the tags are no entities, such as parts of speech, there is the accuracy of words alone.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.scores import class_counts
from trainer.scores.class_counts import ClassCounts
from trainer.scores.entities import Entity, decode, decode_strict, scheme_of

Tags = Sequence[Sequence[str]]
Decode = Callable[[Sequence[str]], tuple[Entity, ...]]


def scores(gold: Tags, predicted: Tags) -> dict[str, Any]:
    """What `scores.json` has of tags; `gold` and `predicted` are the tags of the same words.

    Keys: `examples`, `words`, `scheme` ("" without entities), `scores` by name, and `per_class` for entities. Raises
    ValueError if an example has two numbers of words.
    """
    right, words = words_right(gold, predicted)
    found: dict[str, Any] = {"examples": len(gold), "words": int(words.sum()), "scheme": (scheme := scheme_of(gold))}
    named = {"accuracy": float(right.sum() / max(words.sum(), 1))}
    if not scheme:
        return {**found, "scores": named}
    types = entity_types(gold, predicted)
    totals = entity_counts(gold, predicted, types, decode).total()
    strict = entity_counts(gold, predicted, types, lambda tags: decode_strict(tags, scheme)).total()
    named |= {name: float(value) for name, value in class_counts.averages(totals).items()}
    named |= {f"strict_{name}": float(value) for name, value in class_counts.averages(strict).items()}
    return {**found, "scores": named, "per_class": class_counts.by_class(totals, types)}


def entity_types(gold: Tags, predicted: Tags) -> tuple[str, ...]:
    """The types of all entities of both sides, sorted."""
    return tuple(
        sorted({tag.partition("-")[2] for side in (gold, predicted) for tags in side for tag in tags if tag != "O"})
    )


def entity_counts(gold: Tags, predicted: Tags, types: Sequence[str], decode: Decode) -> ClassCounts:
    """How many entities of each type an example has, has predicted, and has right: [examples, types]."""
    column = {type: at for at, type in enumerate(types)}
    correct, guessed, there = (np.zeros((len(gold), len(types))) for _ in range(3))
    for row, (wanted_tags, tags) in enumerate(zip(gold, predicted, strict=True)):
        wanted, found = set(decode(wanted_tags)), set(decode(tags))
        for counts, entities in ((there, wanted), (guessed, found), (correct, wanted & found)):
            for entity in entities:
                counts[row, column[entity.type]] += 1
    return ClassCounts(correct, guessed, there)


def words_right(gold: Tags, predicted: Tags) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The words of each example whose tag is right, and all of its words, both [examples]."""
    pairs = list(zip(gold, predicted, strict=True))
    right = [sum(a == b for a, b in zip(wanted, tags, strict=True)) for wanted, tags in pairs]
    return np.array(right, np.float64), np.array([len(tags) for tags in gold], np.float64)

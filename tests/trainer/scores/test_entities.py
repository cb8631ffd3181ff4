import random
import warnings

import pytest
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, Entities

from trainer.scores.entities import Entity, decode, decode_strict, scheme_of

ORACLES = {"IOB1": IOB1, "IOB2": IOB2, "IOBES": IOBES, "BILOU": BILOU}


def _tags(text):
    return text.split()


@pytest.mark.parametrize(
    ("tags", "entities"),
    [
        ("O O", []),
        ("B-PER I-PER O B-LOC", [(0, 2, "PER"), (3, 4, "LOC")]),
        ("B-PER B-PER", [(0, 1, "PER"), (1, 2, "PER")]),
        ("O I-PER I-PER", [(1, 3, "PER")]),  # a stray I- begins an entity
        ("B-PER I-ORG I-ORG", [(0, 1, "PER"), (1, 3, "ORG")]),  # so does one of another type
        ("I-PER I-PER B-PER I-PER", [(0, 2, "PER"), (2, 4, "PER")]),  # IOB1
        ("S-LOC B-PER I-PER E-PER", [(0, 1, "LOC"), (1, 4, "PER")]),
        ("U-LOC B-PER I-PER L-PER", [(0, 1, "LOC"), (1, 4, "PER")]),
        ("E-PER I-PER S-PER I-PER", [(0, 1, "PER"), (1, 2, "PER"), (2, 3, "PER"), (3, 4, "PER")]),
        ("B I O B", [(0, 2, ""), (3, 4, "")]),
        ("B-A-B I-A-B", [(0, 2, "A-B")]),
    ],
)
def test_entities(tags, entities):
    assert decode(_tags(tags)) == tuple(Entity(*entity) for entity in entities)


def _random_tags(stream, prefixes, count):
    tags = [f"{prefix}-{type}" for prefix in prefixes for type in ("PER", "LOC-X")]
    return [stream.choice(["O", "O", *tags]) for _ in range(count)]


@pytest.mark.parametrize("prefixes", ["BI", "BIES"])
def test_the_rule_is_that_of_conlleval_as_seqeval_has_it(prefixes):
    stream = random.Random(prefixes)
    for _ in range(500):
        tags = _random_tags(stream, prefixes, stream.randrange(9))
        assert [(e.type, e.first_word, e.last_word_exclusive - 1) for e in decode(tags)] == get_entities(tags)


@pytest.mark.parametrize(("scheme", "prefixes"), [("IOB2", "BI"), ("IOBES", "BIES"), ("BILOU", "BILU")])
def test_strict_entities_are_those_of_seqeval(scheme, prefixes):
    stream = random.Random(scheme)
    for _ in range(500):
        tags = _random_tags(stream, prefixes, stream.randrange(1, 9))
        found = [e.to_tuple()[1:] for e in Entities([tags], ORACLES[scheme]).entities[0]]
        strict = decode_strict(tags, scheme)
        assert [(e.type, e.first_word, e.last_word_exclusive) for e in strict] == [(t, a, b) for t, a, b in found]
        assert set(strict) <= set(decode(tags))


def _written(entities, words, scheme):
    """The tags of entities, by the definition of each scheme."""
    tags = ["O"] * words
    for entity in entities:
        span = range(entity.first_word, entity.last_word_exclusive)
        for word in span:
            first, last = word == span[0], word == span[-1]
            if scheme in ("IOBES", "BILOU"):
                single, end = scheme[-1] if scheme == "IOBES" else "U", "E" if scheme == "IOBES" else "L"
                prefix = single if first and last else "B" if first else end if last else "I"
            elif scheme == "IOB2":
                prefix = "B" if first else "I"
            else:
                touches = any(other.last_word_exclusive == word and other.type == entity.type for other in entities)
                prefix = "B" if first and touches else "I"
            tags[word] = f"{prefix}-{entity.type}"
    return tags


@pytest.mark.parametrize("scheme", ["IOB1", "IOB2", "IOBES", "BILOU"])
def test_what_is_written_in_a_scheme_is_read_back_from_it(scheme):
    stream = random.Random(scheme)
    for _ in range(200):
        words, entities, at = 12, [], 0
        while (at := at + stream.randrange(2)) < words - 3:
            end = at + stream.randrange(1, 4)
            entities.append(Entity(at, end, stream.choice(["PER", "LOC"])))
            at = end
        tags = _written(entities, words, scheme)
        assert decode(tags) == decode_strict(tags, scheme) == tuple(entities)


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [
        (["B-PER I-PER O", "O"], "IOB2"),
        (["I-PER O", "B-PER"], "IOB2"),  # a slip: IOB1 has no B there
        (["I-PER B-PER I-PER O", "I-LOC"], "IOB1"),
        (["B-PER E-PER", "S-LOC"], "IOBES"),
        (["B-PER I-PER L-PER"], "BILOU"),
        (["U-PER"], "BILOU"),
        (["O O"], "IOB2"),
        (["NOUN VERB", "PUNCT"], ""),
        (["B-PER NOUN"], ""),
    ],
)
def test_the_scheme_of_a_set(tags, scheme):
    assert scheme_of([_tags(line) for line in tags]) == scheme


def test_a_stray_tag_is_no_strict_entity():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert decode_strict(_tags("I-PER I-PER O B-LOC"), "IOB2") == (Entity(3, 4, "LOC"),)
    assert decode_strict(_tags("B-PER O I-PER"), "IOB1") == (Entity(2, 3, "PER"),)
    assert decode_strict(_tags("B-PER I-PER O S-LOC"), "IOBES") == (Entity(3, 4, "LOC"),)

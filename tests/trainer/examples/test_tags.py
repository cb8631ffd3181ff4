import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Place, WordsExample
from trainer.examples.tags import mean_entities, require_entity_tags, tag_labels


def example(*tags):
    return WordsExample("1", tuple("abcdefgh"[: len(tags)]), tags, Place("dev.conll", 1))


def test_types_have_both_prefixes_and_there_is_always_an_outside():
    names = tag_labels([example("B-PER"), example("I-GPE-LOC")]).names
    assert names == ("B-GPE-LOC", "B-PER", "I-GPE-LOC", "I-PER", "O")


def test_where_ends_are_told_apart_types_have_four_prefixes():
    assert tag_labels([example("B-X", "E-X")]).names == ("B-X", "E-X", "I-X", "O", "S-X")
    assert tag_labels([example("B-X", "L-X")]).names == ("B-X", "I-X", "L-X", "O", "U-X")


def test_other_tags_stand_for_themselves():
    assert tag_labels([example("NOUN", "X"), example("VERB")]).names == ("NOUN", "VERB", "X")
    assert not mean_entities(["NOUN", "O", "B", "I-"])
    require_entity_tags([("a", "NOUN", Place("f", 1)), ("b", "O", Place("f", 2))])


@pytest.mark.parametrize("tag", ["PER", "X-PER", "Tag", "B-", "B- PER", "o"])
def test_a_tag_in_another_form_among_iob_tags_is_refused(tag):
    with pytest.raises(UserError, match=f"^f:2: the word 'b' has the tag '{tag}'"):
        require_entity_tags([("a", "B-PER", Place("f", 1)), ("b", tag, Place("f", 2))])

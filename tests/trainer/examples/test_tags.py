import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Place, WordsExample
from trainer.examples.tags import is_iob, require_iob, tag_labels


def example(*tags):
    return WordsExample("1", tuple("abcdefgh"[: len(tags)]), tags, Place("dev.conll", 1))


def test_types_have_both_prefixes_and_there_is_always_an_outside():
    assert tag_labels([example("B-PER"), example("I-GPE-LOC")]).names == (
        *("B-GPE-LOC", "B-PER", "I-GPE-LOC", "I-PER", "O"),
    )


def test_other_tags_stand_for_themselves():
    assert tag_labels([example("NOUN", "X"), example("VERB")]).names == ("NOUN", "VERB", "X")
    assert not is_iob(["NOUN", "O", "B", "I-"])
    require_iob([("a", "NOUN", Place("f", 1)), ("b", "O", Place("f", 2))])


@pytest.mark.parametrize("tag", ["PER", "S-PER", "Tag", "B-", "B- PER", "o"])
def test_a_tag_in_another_form_among_iob_tags_is_refused(tag):
    with pytest.raises(UserError, match=f"^f:2: the word 'b' has the tag '{tag}'"):
        require_iob([("a", "B-PER", Place("f", 1)), ("b", tag, Place("f", 2))])

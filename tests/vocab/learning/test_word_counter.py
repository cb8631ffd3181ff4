from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from vocab.basic_tokenizer import split_words
from vocab.learning import word_counter
from vocab.learning.word_counter import WordCounter

TEXTS = st.lists(
    st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(" \n\x0b\x1c\x85.aå中"))), max_size=5
)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.booleans())
def test_counts_are_those_of_splitting_each_text(texts, lower_case):
    counter = WordCounter(lower_case)
    for text in texts:
        counter.add(text)
    assert counter.finish() == Counter(word for text in texts for word in split_words(text, lower_case))
    assert counter.finish() == {}


def test_the_spaces_that_are_dropped():
    assert word_counter._DROPPED_SPACES == "\x0b\x0c\x1c\x1d\x1e\x1f\x85"

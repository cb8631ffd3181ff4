import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vocab.learning.spelling import CODE_POINTS, count_characters, spell
from vocab.learning.word_list import WordList

LONGEST = 6
CHARACTERS = st.one_of(st.sampled_from("abå中😀\ud800\uffff"), st.characters(exclude_characters="\n"))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.text(CHARACTERS, max_size=8), st.integers(-1, 2**40), max_size=20),
    st.sets(st.sampled_from("abå中😀\ud800"), min_size=1),
)
@example({"": 3, "aaaaaaa": 2, "ab": 0, "a": -1}, {"a"})
@example({"\x7f\x80\u07ff\u0800\uffff\U00010000": 3, "\U0010ffff": 1}, set("\x7f\x80\u07ff\u0800\uffff\U00010000"))
@example({"ab": 1, "ba": 1}, {"a"})
def test_words_are_spelt_as_in_plain_python(counts: dict[str, int], alphabet: set[str]) -> None:
    words = WordList.of(counts)
    kept = {word: count for word, count in counts.items() if 0 < len(word) <= LONGEST and count > 0}
    seen = np.zeros(CODE_POINTS, np.int64)
    for word, count in kept.items():
        for character in word:
            seen[ord(character)] += count
    result = count_characters(words.text, words.counts, LONGEST)
    assert (result[0] == seen).all()
    assert result[1:] == (len(kept), sum(map(len, kept)))

    first, rest = np.zeros(CODE_POINTS, np.int32), np.zeros(CODE_POINTS, np.int32)
    for number, character in enumerate(sorted(alphabet), 1):
        first[ord(character)], rest[ord(character)] = number, 100 + number
    spelt = {
        word: [int(first[ord(word[0])]), *(int(rest[ord(character)]) for character in word[1:])]
        for word in kept
        if set(word) <= alphabet
    }
    symbols, ends, found = spell(words.text, words.counts, LONGEST, first, rest, result[2])
    assert symbols.tolist() == [symbol for word in spelt.values() for symbol in word]
    assert ends.tolist() == np.cumsum([len(word) for word in spelt.values()]).tolist()
    assert found.tolist() == [kept[word] for word in spelt]

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beam_jobs.tokenizer.word_counter import ByteWordCounter
from vocab.basic_tokenizer import split_words
from vocab.learning.word_counter import WordCounter

ODD = " \n\r\t\x0b\x0c\x1c\x85\0\x7f.,'-:aAåÅéİßΣσςΑ中々がガ한«»–…\xa0\xad\u2028\u3000\u200b\u200d\ufeff\ufffd\u0301\u0323\u0345\u0e33"
CHARACTERS = st.one_of(
    st.characters(), st.sampled_from(ODD + "😀𝐀𐐀\U0001d165\U0002f800\U0010ffff\ud800ǅŉẞ\u1e9b\u0323")
)
TEXTS = st.lists(st.text(CHARACTERS, max_size=60), max_size=5)


def counted(texts: list[str], lower_case: bool, counter: ByteWordCounter | None = None) -> dict[str, int]:
    counter = counter or ByteWordCounter(lower_case)
    for text in texts:
        counter.add(text)
    return contents(counter.finish())


def contents(table) -> dict[str, int]:
    slots = table.slots()
    text, _ = table.text(slots)
    words = text.tobytes().decode("utf-8", "surrogatepass").split("\n")[:-1]
    assert len(set(words)) == len(words) == table.distinct
    return dict(zip(words, table.counts(slots).tolist(), strict=True))


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.booleans())
@example(["ΑΣ'Α ΑΣ. ΑΣ", "Σ Σ.Α Α\u0301Σ"], True)
@example(["a" * 15, "a" * 16, "a" * 17 + " " + "a" * 17, "å" * 300], True)
@example(["a\rb\u2028c\x85d\x1ce"], False)
def test_the_counts_are_those_of_the_plain_counter(texts: list[str], lower_case: bool) -> None:
    plain = WordCounter(lower_case)
    for text in texts:
        plain.add(text)
    assert counted(texts, lower_case) == plain.finish()


@pytest.mark.parametrize("lower_case", [False, True])
def test_every_character_is_split_and_changed_as_in_plain_python(lower_case: bool) -> None:
    texts = [f"a{chr(code)}b{chr(code)}" for code in range(0x110000)]
    expected = Counter(word for text in texts for word in split_words(text, lower_case))
    assert counted(["\n".join(texts)], lower_case) == expected


def test_tables_grow_and_are_used_again() -> None:
    counter = ByteWordCounter(lower_case=False)
    for start in (0, 7):
        texts = [f"ord{i} «langt-ord-nummer-{i}-langtordlangtordlangtord{i}»" for i in range(start, 20_000, 3)]
        expected = Counter(word for text in texts for word in split_words(text, lower_case=False))
        assert counted(texts, False, counter) == expected
        assert counter.distinct == 0
    assert contents(counter.finish()) == {}

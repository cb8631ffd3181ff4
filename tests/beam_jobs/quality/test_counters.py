from beam_jobs.quality.counters import COLUMN, COUNTERS, FIRST_NGRAM_COLUMN, NGRAM_COLUMNS


def test_the_columns_of_ngrams_follow_each_other() -> None:
    names = COUNTERS[FIRST_NGRAM_COLUMN : FIRST_NGRAM_COLUMN + NGRAM_COLUMNS]
    expected = [f"top_{size}_gram_characters" for size in (2, 3, 4)]
    assert list(names) == expected + [f"repeated_{size}_gram_characters" for size in range(5, 11)]


def test_characters_of_repeated_items_follow_their_number() -> None:  # the kernel writes them side by side
    assert COLUMN["repeated_line_characters"] == COLUMN["repeated_lines"] + 1
    assert COLUMN["repeated_paragraph_characters"] == COLUMN["repeated_paragraphs"] + 1


def test_names_are_different() -> None:
    assert len(COLUMN) == len(COUNTERS)

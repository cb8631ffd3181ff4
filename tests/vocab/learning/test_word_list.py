from vocab.learning.word_list import WordList


def test_words_of_a_mapping():
    words = WordList.of({"hus": 3, "å\ud800": 2**40})
    assert words.text.tobytes() == b"hus\n\xc3\xa5\xed\xa0\x80\n"
    assert words.counts.tolist() == [3, 2**40]
    assert len(WordList.of({}).counts) == len(WordList.of({}).text) == 0

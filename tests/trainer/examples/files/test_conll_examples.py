import pytest

from beam_jobs.errors import UserError
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.conll_examples import CONLL_ENDINGS, read_conll

CONLLU = """# sent_id = s1
1\tOla\tOla\tPROPN\t_\t_\t2\tnsubj\t_\tname=B-PER
2\tler\tle\tVERB\tpres\t_\t0\troot\t_\tSpaceAfter=No|name=O

"""


def test_the_last_column_holds_the_tag(write):
    (one, two) = read_conll(write("a.conll", "Ola N B-PER\nler V O\n\nHa I O\n"), ColumnSettings(), "score").examples
    assert (one.id, one.words, one.tags, one.place.row) == ("1", ("Ola", "ler"), ("B-PER", "O"), 1)
    assert (two.id, two.words, two.tags, two.place.row) == ("2", ("Ha",), ("O",), 4)


@pytest.mark.parametrize(
    ("name", "tag", "tokens", "words", "tags"),
    [
        ("a.txt", "2", "", ("Ola",), ("N",)),
        ("a.txt", "-2", "", ("Ola",), ("N",)),
        ("a.txt", "1", "3", ("B-PER",), ("Ola",)),
    ],
)
def test_columns_by_number(write, name, tag, tokens, words, tags):
    settings = ColumnSettings(tag_column=tag, tokens_column=tokens)
    (example,) = read_conll(write(name, "Ola N B-PER\n"), settings, "score").examples
    assert (example.words, example.tags) == (words, tags)


@pytest.mark.parametrize(
    ("tag", "tags"),
    [("", ("PROPN", "VERB")), ("misc:name", ("B-PER", "O")), ("deprel", ("nsubj", "root")), ("4", ("PROPN", "VERB"))],
)
def test_columns_of_conllu_by_name(write, tag, tags):
    (example,) = read_conll(write("a.conllu", CONLLU), ColumnSettings(tag_column=tag), "score").examples
    assert (example.id, example.words, example.tags) == ("s1", ("Ola", "ler"), tags)


def test_words_alone_are_enough_to_predict(write):
    (example,) = read_conll(write("a.txt", "Ola\nler\n"), ColumnSettings(), "predict").examples
    assert (example.words, example.tags) == (("Ola", "ler"), None)
    (example,) = read_conll(write("a.conllu", CONLLU), ColumnSettings(tag_column="xpos"), "predict").examples
    assert example.tags is None


@pytest.mark.parametrize(
    ("name", "content", "tag", "why"),
    [
        ("a.conll", "Ola\tB-PER\n\tO\n", "", r":2: the word is empty"),
        ("a.conll", "Token\tTag\nOla\tB-PER\n", "", r":1: the word 'Token' has the tag 'Tag', which is not O"),
        ("a.conll", "Ola\t\n", "", r":1: the word has no tag"),
        ("a.conll", "Ola\n", "", r"column 1 holds the words"),
        ("a.conll", "Ola\tO\n", "3", r"has 2 columns, but --tag_column is 3"),
        ("a.conll", "Ola\tO\n", "upos", r"--tag_column upos is no column"),
        ("a.conllu", CONLLU, "misc:ner", r":2: the word has no tag"),
        ("a.conllu", CONLLU, "xpos", r":2: the word has no tag"),
        ("a.conllu", CONLLU * 2, "", r":6: the id 's1' stands in row 2 too"),
    ],
)
def test_what_cannot_be_read_is_refused(write, name, content, tag, why):
    assert ".conllu" in CONLL_ENDINGS
    with pytest.raises(UserError, match=why):
        read_conll(write(name, content), ColumnSettings(tag_column=tag), "score")

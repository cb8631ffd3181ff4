import pytest

from beam_jobs.errors import UserError
from trainer.examples.example import Place
from trainer.examples.files.conll_sentences import Sentence, read_sentences


def words(path, conllu=False):
    return [[cells[0] if not conllu else cells[1] for cells in of.cells] for of in read_sentences(path, conllu)[0]]


def test_columns_between_tabs(write):
    path = write("a.conll", "# a remark\n\n10 000\tO\nkr\tO\n\n\n#\tO\n# x\tO\n")
    sentences, remarks = read_sentences(path, conllu=False)
    assert sentences[0] == Sentence("", Place(path, 3), (3, 4), (("10 000", "O"), ("kr", "O")))
    assert sentences[1].cells == (("#", "O"), ("# x", "O"))
    assert remarks == ()


def test_columns_between_spaces_and_borders_of_documents(write):
    path = write("a.txt", "-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\n# NN I-NP O\n\n# id 7\nPeter NNP B-NP B-PER\n")
    sentences, remarks = read_sentences(path, conllu=False)
    assert [of.cells[0][0] for of in sentences] == ["EU", "Peter"]
    assert len(sentences[0].cells) == 2
    assert remarks == (f"{path}: passed over 1 line -DOCSTART-",)


CONLLU = """# sent_id = 001
# text = Vi'll se
1-2\tVi'll\t_\t_\t_\t_\t_\t_\t_\t_
1\tVi\tvi\tPRON\t_\t_\t3\tnsubj\t_\tname=O
2\t'll\tville\tAUX\t_\t_\t3\taux\t_\tname=O
2.1\tx\t_\t_\t_\t_\t_\t_\t_\t_
3\tse\tse\tVERB\t_\t_\t0\troot\t_\tname=O

"""


def test_words_of_conllu_are_those_of_the_treebank(write):
    path = write("a.conllu", CONLLU)
    assert words(path, conllu=True) == [["Vi", "'ll", "se"]]
    assert read_sentences(path, conllu=True)[0][0].id == "001"
    assert read_sentences(path, conllu=True)[0][0].place == Place(path, 4)


@pytest.mark.parametrize(
    ("content", "conllu", "why"),
    [
        ("a\tO\nb\n", False, r":2: has 1 column, but the first word has 2, separated by tabs"),
        ("a x O\nb y\n", False, r":2: has 2 columns, but the first word has 3, separated by spaces"),
        ("1\ta\t_\n", True, r":1: has 3 columns, but CoNLL-U has 10"),
        ("# nothing\n", True, r"has no words"),
    ],
)
def test_mixed_columns_are_refused(write, content, conllu, why):
    with pytest.raises(UserError, match=why):
        read_sentences(write("a.conll", content), conllu)

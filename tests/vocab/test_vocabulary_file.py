from pathlib import Path

import pytest

from beam_jobs.errors import UserError
from tests.subword_files import TEXT, byte_level_tokenizer, write_byte_level_files, write_tokenizer
from vocab.tokenizer_json import text_tokenizer
from vocab.vocabulary import load_vocabulary
from vocab.vocabulary_file import read_vocabulary, vocabulary_path


@pytest.fixture(scope="module")
def tokenizer():
    return byte_level_tokenizer()


def test_vocab_json_with_merges_is_the_same_vocabulary_as_the_tokenizer_json(tokenizer, tmp_path):
    write_tokenizer(tmp_path / "one", tokenizer)
    write_byte_level_files(tmp_path / "two", tokenizer)
    one, two = load_vocabulary(tmp_path / "one"), load_vocabulary(tmp_path / "two")
    assert one.pieces == two.pieces
    assert one.special == two.special
    for text in TEXT[:5]:  # far longer than the 16 pieces at which the first file cuts
        assert text_tokenizer(one).encode(text).ids == text_tokenizer(two).encode(text).ids
        assert len(text_tokenizer(one).encode(text).ids) > 16


def test_a_folder_is_read_by_its_first_file(tokenizer, tmp_path):
    write_byte_level_files(tmp_path, tokenizer)
    assert vocabulary_path(tmp_path).name == "vocab.json"
    write_tokenizer(tmp_path, tokenizer)
    assert vocabulary_path(tmp_path).name == "tokenizer.json"
    (tmp_path / "vocab.txt").write_text("[PAD]\n")
    assert read_vocabulary(str(tmp_path)) == b"[PAD]\n"


def test_the_five_lines_of_the_docs_make_a_vocabulary(tmp_path, monkeypatch):
    page = (Path(__file__).parents[2] / "docs" / "corpus.md").read_text()
    code = page.split("```python\nimport glob, os\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sentences").mkdir()
    (tmp_path / "sentences" / "some.txt").write_text("\n".join(TEXT[:5]))
    exec("import glob, os\n" + code.replace("30000", "500"))
    vocabulary = load_vocabulary("my_bpe")
    assert (len(vocabulary), vocabulary.cls_id, vocabulary.pad_id) == (500, 0, 1)


def test_bad_files_are_one_line(tokenizer, tmp_path):
    for path, said in (("nothing", "no such vocabulary file"), (".", "the folder holds none of")):
        with pytest.raises(UserError, match=said):
            read_vocabulary(str(tmp_path / path))
    path = write_byte_level_files(tmp_path, tokenizer)
    with pytest.raises(UserError, match="only half of a vocabulary"):
        read_vocabulary(str(tmp_path / "merges.txt"))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nno such merge here\n")
    with pytest.raises(UserError, match="is no vocabulary for"):
        read_vocabulary(str(path))
    (tmp_path / "merges.txt").unlink()
    with pytest.raises(UserError, match=r"merges.txt: no such vocabulary file; vocab.json needs it"):
        read_vocabulary(str(path))

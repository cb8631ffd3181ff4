import json

import pytest

from beam_jobs.errors import UserError
from tests.subword_files import byte_level_tokenizer, unigram_tokenizer, write_byte_level_files, write_tokenizer
from vocab.fetch import fetch_vocabulary
from vocab.model_class import BERT_BASE_CONFIG, load_model_class
from vocab.published_class import read_object


def _write_config(folder, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({**BERT_BASE_CONFIG, "vocab_size": 600, **changes}))


@pytest.mark.parametrize("write", [write_tokenizer, write_byte_level_files])
def test_a_roberta_folder_is_a_model_class(write, tmp_path):
    folder = tmp_path / "roberta-tiny"
    _write_config(folder, model_type="roberta", max_position_embeddings=514, type_vocab_size=1, pad_token_id=1)
    path = write(folder, byte_level_tokenizer())
    for name in (folder, folder / "config.json"):
        model_class = load_model_class(name)
        assert (model_class.name, model_class.vocab_size, model_class.lower_case) == ("roberta-tiny", 600, False)
        assert fetch_vocabulary(model_class) == path


def test_the_tokenizer_says_whether_an_albert_lower_cases(tmp_path):
    _write_config(tmp_path, model_type="albert", embedding_size=16)
    write_tokenizer(tmp_path, unigram_tokenizer())
    assert load_model_class(tmp_path).lower_case is True


def test_a_size_that_does_not_fit_is_told(tmp_path):
    _write_config(tmp_path, vocab_size=599)
    write_tokenizer(tmp_path, byte_level_tokenizer())
    with pytest.raises(UserError, match="holds 600 pieces, but model class"):
        fetch_vocabulary(load_model_class(tmp_path))


def test_what_is_no_object_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("[]")
    with pytest.raises(UserError, match="must be a JSON object"):
        read_object(str(tmp_path / "config.json"))
    with pytest.raises(FileNotFoundError):
        read_object(str(tmp_path / "other.json"))

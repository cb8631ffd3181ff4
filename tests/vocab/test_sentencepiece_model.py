import json

import pytest

from beam_jobs.errors import UserError
from tests.subword_files import TEXT
from vocab.sentencepiece_model import unigram_tokenizer
from vocab.tokenizer_json import text_tokenizer
from vocab.vocabulary import load_vocabulary, parse_vocabulary

sentencepiece = pytest.importorskip("sentencepiece")


@pytest.fixture(scope="module")
def spiece(tmp_path_factory):
    path = tmp_path_factory.mktemp("albert") / "spiece"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for text in TEXT for line in text.split(". ")),
        model_prefix=str(path),
        vocab_size=400,
        pad_id=0,
        unk_id=1,
        bos_id=-1,
        eos_id=-1,
        pad_piece="<pad>",
        control_symbols="[CLS],[SEP],[MASK]",
        num_threads=1,
        minloglevel=2,
    )
    return path.with_suffix(".model")


def test_the_model_is_read_as_sentencepiece_reads_it(spiece):
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(spiece))
    vocabulary = load_vocabulary(spiece)
    assert list(vocabulary.pieces) == [theirs.id_to_piece(i) for i in range(len(theirs))]
    scores = [score for _, score in json.loads(vocabulary.tokenizer)["model"]["vocab"]]
    low = [piece[-1:] == "," and piece[-2:-1].isdigit() for piece in vocabulary.pieces]
    assert scores == [theirs.get_score(i) - 100 * low[i] for i in range(len(theirs))]
    assert (vocabulary.pad_id, vocabulary.unk_id, vocabulary.cls_id, vocabulary.lower_case) == (0, 1, 2, True)


def test_text_has_sentencepieces_own_ids_where_albert_changes_nothing(spiece):
    theirs = sentencepiece.SentencePieceProcessor(model_file=str(spiece))
    data = unigram_tokenizer(spiece.read_bytes(), "spiece.model", {"do_lower_case": False, "keep_accents": True})
    ours = text_tokenizer(parse_vocabulary(data, "spiece.model"))
    for text in TEXT[:10]:
        plain = text.replace("``", "").replace("''", "").replace(",", "")
        assert ours.encode(plain).ids == theirs.encode(plain)


def test_lower_case_is_read_beside_the_model(spiece, tmp_path):
    (tmp_path / "spiece.model").write_bytes(spiece.read_bytes())
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    assert load_vocabulary(tmp_path).lower_case is False


@pytest.mark.parametrize("data", [b"", b"\x0a\xff\xff", b"plain text", b"\x0a\x05ab"])
def test_what_is_no_model_is_one_line(data):
    with pytest.raises(UserError, match=r"^spiece.model: "):
        unigram_tokenizer(data, "spiece.model", {})


def test_a_cut_off_model_is_refused(spiece):
    with pytest.raises(UserError, match=r"cut off|special pieces are missing"):
        unigram_tokenizer(spiece.read_bytes()[:60], "spiece.model", {})

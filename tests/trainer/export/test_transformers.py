"""Exports against the real transformers, where it is installed: loading, logits, gradients, tokenizer."""

import dataclasses

import numpy as np
import pytest

from trainer.export.hugging_face import save_hugging_face
from trainer.export.hugging_face_names import tensor_names

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


def load(folder):
    model, report = transformers.AutoModelForPreTraining.from_pretrained(
        folder, output_loading_info=True, attn_implementation="eager"
    )
    assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    return model.eval()


def their_logits_and_gradients(model, config, case):
    tensors = {name: torch.tensor(value).long() for name, value in case.items() if name != "masked_lm_weights"}
    outputs = model(
        input_ids=tensors["input_ids"],
        attention_mask=tensors["input_mask"],
        token_type_ids=tensors["segment_ids"],
    )
    rows = torch.arange(3)[:, None]
    masked = outputs.prediction_logits[rows, tensors["masked_lm_positions"]]
    following = outputs.sop_logits if config.embedding_size else outputs.seq_relationship_logits
    weights = torch.tensor(case["masked_lm_weights"])
    loss = torch.nn.functional.cross_entropy(masked.transpose(1, 2), tensors["masked_lm_ids"], reduction="none")
    loss = (loss * weights).sum() / weights.sum()
    (loss + torch.nn.functional.cross_entropy(following, tensors["next_sentence_labels"])).backward()
    parameters = dict(model.named_parameters())
    gradients = {
        ours: parameters[theirs].grad.numpy().T if ours.endswith("/kernel") else parameters[theirs].grad.numpy()
        for ours, theirs in tensor_names(config).items()
    }
    logits = {"mlm_logits": masked.detach().numpy(), "nsp_logits": following.detach().numpy()}
    return logits, gradients


def test_bert_for_pretraining_computes_the_same(
    exported, model, config, pretraining_case, logits_and_gradients, assert_parity
):
    theirs = load(exported)
    assert type(theirs).__name__ == "BertForPreTraining"
    assert_parity(logits_and_gradients(model), their_logits_and_gradients(theirs, config, pretraining_case))


def test_albert_for_pretraining_computes_the_same(
    albert, scaled, vocabulary_file, tmp_path, pretraining_case, logits_and_gradients, assert_parity
):
    model = scaled(albert)
    save_hugging_face(model, albert, vocabulary_file, False, tmp_path / "albert", "card")
    theirs = load(tmp_path / "albert")
    assert type(theirs).__name__ == "AlbertForPreTraining"
    assert_parity(logits_and_gradients(model), their_logits_and_gradients(theirs, albert, pretraining_case))


def test_roberta_for_masked_lm_computes_the_same(roberta, scaled, tmp_path):
    from tests.subword_files import TEXT, byte_level_tokenizer, write_tokenizer
    from trainer.export.parity import logits, probe_batch

    config, theirs_tokenizer = dataclasses.replace(roberta, vocab_size=600), byte_level_tokenizer()
    model, vocabulary = scaled(config), write_tokenizer(tmp_path / "vocabulary", theirs_tokenizer)
    save_hugging_face(model, config, vocabulary, False, tmp_path / "roberta", "card")
    theirs, report = transformers.AutoModelForMaskedLM.from_pretrained(
        tmp_path / "roberta", output_loading_info=True, attn_implementation="eager"
    )
    assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    batch = probe_batch(config)
    batch["input_ids"] = np.where(batch["input_mask"], np.maximum(batch["input_ids"], 2), 1)
    with torch.no_grad():
        found = theirs.eval()(
            input_ids=torch.tensor(batch["input_ids"]).long(), attention_mask=torch.tensor(batch["input_mask"]).long()
        ).logits.numpy()
    wanted = found[np.arange(2)[:, None], batch["masked_lm_positions"]]
    assert np.abs(logits(model, batch)["mlm_logits"] - wanted).max() <= 1e-5 * np.abs(wanted).max()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "roberta")
    assert (tokenizer.mask_token, tokenizer.model_max_length) == ("<mask>", 40)
    assert tokenizer(TEXT[0])["input_ids"] == theirs_tokenizer.encode(TEXT[0]).ids


def test_the_tokenizer_loads_and_knows_its_length(exported):
    tokenizer = transformers.AutoTokenizer.from_pretrained(exported)
    assert tokenizer.model_max_length == 40
    assert tokenizer.mask_token == "[MASK]"
    encoded = tokenizer("the [MASK] sat", "on the mat")
    pieces = tokenizer.convert_ids_to_tokens(encoded["input_ids"])
    assert pieces == ["[CLS]", "the", "[MASK]", "sat", "[SEP]", "on", "the", "mat", "[SEP]"]
    assert encoded["token_type_ids"] == [0] * 5 + [1] * 4
    assert not np.any(np.array(encoded["attention_mask"]) == 0)


def test_what_transformers_saves_is_read(exported, model, tmp_path, same_weights):
    from trainer.export.hugging_face import load_hugging_face

    load(exported).save_pretrained(tmp_path / "theirs")
    imported = load_hugging_face(tmp_path / "theirs")
    assert imported.config == model.config
    same_weights(model, imported)


def test_distilbert_computes_the_same_of_texts_of_one_segment(scaled, config, vocabulary_file, tmp_path):
    from trainer.export.distilbert import save_distilbert
    from trainer.export.parity import logits, probe_batch
    from trainer.export.tokenizer_files import TokenizerSettings

    model = scaled(config)
    save_distilbert(model, vocabulary_file, tmp_path / "distilbert", "card", tokenizer=TokenizerSettings(False))
    theirs, report = transformers.AutoModelForMaskedLM.from_pretrained(
        tmp_path / "distilbert", output_loading_info=True, attn_implementation="eager"
    )
    assert type(theirs).__name__ == "DistilBertForMaskedLM"
    assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    batch = probe_batch(config)
    batch["segment_ids"] = np.zeros_like(batch["segment_ids"])
    ids, mask = (torch.tensor(batch[name]).long() for name in ("input_ids", "input_mask"))
    with torch.no_grad():
        found = theirs.eval()(input_ids=ids, attention_mask=mask).logits.numpy()
    found = np.take_along_axis(found, batch["masked_lm_positions"][:, :, None], axis=1)
    expected = logits(model, batch)["mlm_logits"]
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path / "distilbert")
    assert set(tokenizer("the cat sat")) == {"input_ids", "attention_mask"}

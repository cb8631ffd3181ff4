"""Exports of fine-tuned models against the real transformers, where it is installed."""

import numpy as np
import pytest

from trainer.export.parity import logits, probe_batch

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

CLASSES = {
    "SequenceClassification": "AutoModelForSequenceClassification",
    "TokenClassification": "AutoModelForTokenClassification",
    "QuestionAnswering": "AutoModelForQuestionAnswering",
}


FAMILIES = {
    "bert": {},
    "albert": {"embedding_size": 16, "share_layers": True},
    "roberta": {"model_type": "roberta", "hidden_act": "gelu", "max_position_embeddings": 42, "type_vocab_size": 1},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_it_loads_whole_and_computes_the_same(form, family, build_finetuned, save, tmp_path):
    model = build_finetuned(form, **FAMILIES[family])
    save(model, form, tmp_path / "out")
    theirs, report = getattr(transformers, CLASSES[form.kind]).from_pretrained(
        tmp_path / "out", output_loading_info=True, attn_implementation="eager"
    )
    assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    if form.labels:
        assert theirs.config.id2label == dict(enumerate(form.labels))
        assert theirs.config.label2id == {name: i for i, name in enumerate(form.labels)}
    assert theirs.config.num_labels == form.head.outputs
    assert getattr(theirs.config, "problem_type", None) == (form.problem or None)
    batch = probe_batch(model.config)
    if family == "roberta":  # its padding piece is 1, and transformers counts positions by it
        batch["input_ids"] = np.where(batch["input_mask"], np.maximum(batch["input_ids"], 2), 1)
    names = {"input_ids": "input_ids", "input_mask": "attention_mask", "segment_ids": "token_type_ids"}
    with torch.no_grad():
        found = theirs.eval()(**{theirs_: torch.tensor(batch[ours]).long() for ours, theirs_ in names.items()})
    ends = [found.start_logits, found.end_logits] if form.kind == "QuestionAnswering" else []
    wanted = (torch.stack(ends, -1) if ends else found.logits).numpy()
    difference = np.abs(logits(model, batch)["logits"] - wanted)
    if wanted.ndim == 3:
        difference = difference * batch["input_mask"][..., None]
    assert difference.max() <= 1e-5 * np.abs(wanted).max()


def test_what_transformers_saves_is_read(form, build_finetuned, save, tmp_path, same_weights):
    from trainer.export.finetuned.load_finetuned import load_finetuned

    model = build_finetuned(form)
    save(model, form, tmp_path / "out")
    getattr(transformers, CLASSES[form.kind]).from_pretrained(tmp_path / "out").save_pretrained(tmp_path / "theirs")
    found = load_finetuned(tmp_path / "theirs")
    assert found.form == form
    same_weights(model, found.imported)

"""Writes `golden/`: a BERT, an ALBERT and a RoBERTa as transformers itself saves them, and what it computes with them; both also with
the heads of tasks.

Run where torch and transformers are installed (`./run.sh test-transformers` makes such a place, `.venv-transformers`):

    .venv-transformers/bin/python tests/trainer/export/make_golden.py

`test_golden_layouts.py` reads the files where neither is installed.
"""

from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).parent / "golden"
NETWORK = {
    "vocab_size": 24,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 16,
    "hidden_act": "gelu_new",
}

TASKS: dict[str, dict[str, Any]] = {
    "SequenceClassification": {
        "id2label": {0: "negativ", 1: "nøytral", 2: "positiv"},
        "problem_type": "single_label_classification",
    },
    "TokenClassification": {"id2label": {0: "B-PER", 1: "I-PER", 2: "O"}},
    "QuestionAnswering": {},
}


OF_ROBERTA = {
    "hidden_act": "gelu",
    "max_position_embeddings": 18,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
}


def inputs(name: str = "") -> dict[str, np.ndarray]:
    """Two rows of 12 pieces, the second of which has padding; int32. A RoBERTa has one segment, and pads with 1."""
    draws = np.random.default_rng(3)
    mask = (np.arange(12) < np.array([[12], [7]])).astype(np.int32)
    if name.startswith("roberta"):
        return {
            "input_ids": np.where(mask, draws.integers(5, 24, (2, 12), np.int32), 1),
            "input_mask": mask,
            "segment_ids": np.zeros((2, 12), np.int32),
            "masked_lm_positions": np.array([[1, 4, 11], [2, 6, 0]], np.int32),
        }
    return {
        "input_ids": draws.integers(0, 24, (2, 12), np.int32) * mask,
        "input_mask": mask,
        "segment_ids": (np.arange(12) >= 5) * mask,
        "masked_lm_positions": np.array([[1, 4, 11], [2, 6, 0]], np.int32),
    }


def filled_and_saved(name: str, model: Any) -> tuple[dict[str, Any], Any]:
    """Give the model weights, save it, and return its inputs and outputs."""
    import torch

    draws = np.random.default_rng(4)
    with torch.no_grad():
        for path, parameter in sorted(model.named_parameters()):
            value = draws.standard_normal(tuple(parameter.shape)) * 0.3 + (
                "LayerNorm.weight" in path or "lm_head.layer_norm.weight" in path
            )
            parameter.copy_(torch.tensor(value, dtype=torch.float32))
        case = {key: torch.tensor(value).long() for key, value in inputs(name).items()}
        found = model.eval()(
            input_ids=case["input_ids"], attention_mask=case["input_mask"], token_type_ids=case["segment_ids"]
        )
    model.save_pretrained(GOLDEN / name)
    (GOLDEN / name / "generation_config.json").unlink(missing_ok=True)
    return case, found


def distilbert() -> None:
    """Make the files of a DistilBERT anew."""
    import torch
    import transformers

    theirs = ("dim", "n_layers", "n_heads", "hidden_dim", "activation")
    ours = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act")
    network = {name: NETWORK[key] for name, key in zip(theirs, ours, strict=True)}
    sizes = {key: NETWORK[key] for key in ("vocab_size", "max_position_embeddings")}
    model = transformers.DistilBertForMaskedLM(transformers.DistilBertConfig(**network, **sizes))
    draws = np.random.default_rng(4)
    with torch.no_grad():
        for path, parameter in sorted(model.named_parameters()):
            is_scale = "norm.weight" in path.lower()
            value = draws.standard_normal(tuple(parameter.shape)) * 0.3 + is_scale
            parameter.copy_(torch.tensor(value, dtype=torch.float32))
        case = {key: torch.tensor(value).long() for key, value in inputs().items()}
        found = model.eval()(input_ids=case["input_ids"], attention_mask=case["input_mask"])
    model.save_pretrained(GOLDEN / "distilbert")
    (GOLDEN / "distilbert" / "generation_config.json").unlink(missing_ok=True)
    masked = found.logits[torch.arange(2)[:, None], case["masked_lm_positions"]]
    np.savez(GOLDEN / "distilbert" / "case.npz", **inputs(), mlm_logits=masked.numpy())


def main() -> None:
    """Make the files anew."""
    import torch
    import transformers

    bert = transformers.BertForPreTraining(transformers.BertConfig(**NETWORK))
    albert = transformers.AlbertForPreTraining(transformers.AlbertConfig(**NETWORK, embedding_size=6))
    for name, model in (("bert", bert), ("albert", albert)):
        case, found = filled_and_saved(name, model)
        masked = found.prediction_logits[torch.arange(2)[:, None], case["masked_lm_positions"]]
        following = found.sop_logits if name == "albert" else found.seq_relationship_logits
        logits = {"mlm_logits": masked.numpy(), "nsp_logits": following.numpy()}
        np.savez(GOLDEN / name / "case.npz", **inputs(), **logits)
        print(f"{name}: transformers {transformers.__version__}, {len(list((GOLDEN / name).iterdir()))} files")
    distilbert()
    roberta = transformers.RobertaForMaskedLM(transformers.RobertaConfig(**{**NETWORK, **OF_ROBERTA}))
    case, found = filled_and_saved("roberta", roberta)
    masked = found.logits[torch.arange(2)[:, None], case["masked_lm_positions"]]
    np.savez(GOLDEN / "roberta" / "case.npz", **inputs("roberta"), mlm_logits=masked.numpy())
    for family, more in (("Bert", {}), ("Albert", {"embedding_size": 6}), ("Roberta", OF_ROBERTA)):
        for kind, labels in TASKS.items():
            config = getattr(transformers, f"{family}Config")(**{**NETWORK, **more, **labels})
            name = f"{family.lower()}_{kind}"
            _, found = filled_and_saved(name, getattr(transformers, f"{family}For{kind}")(config))
            ends = [found.start_logits, found.end_logits] if kind == "QuestionAnswering" else []
            logits = torch.stack(ends, -1) if ends else found.logits
            np.savez(GOLDEN / name / "case.npz", **inputs(name), logits=logits.numpy())


if __name__ == "__main__":
    main()

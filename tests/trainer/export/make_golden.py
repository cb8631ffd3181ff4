"""Writes `golden/`: a BERT and an ALBERT as transformers itself saves them, and what it computes with them.

Run where torch and transformers are installed (`./run.sh test-transformers` makes such a place, `.venv-transformers`):

    .venv-transformers/bin/python tests/trainer/export/make_golden.py

`test_golden_layouts.py` reads the files where neither is installed.
"""

from pathlib import Path

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


def inputs() -> dict[str, np.ndarray]:
    """Two rows of 12 pieces, the second of which has padding; int32."""
    draws = np.random.default_rng(3)
    mask = (np.arange(12) < np.array([[12], [7]])).astype(np.int32)
    return {
        "input_ids": draws.integers(0, 24, (2, 12), np.int32) * mask,
        "input_mask": mask,
        "segment_ids": (np.arange(12) >= 5) * mask,
        "masked_lm_positions": np.array([[1, 4, 11], [2, 6, 0]], np.int32),
    }


def main() -> None:
    """Make the files anew."""
    import torch
    import transformers

    bert = transformers.BertForPreTraining(transformers.BertConfig(**NETWORK))
    albert = transformers.AlbertForPreTraining(transformers.AlbertConfig(**NETWORK, embedding_size=6))
    for name, model in (("bert", bert), ("albert", albert)):
        draws = np.random.default_rng(4)
        with torch.no_grad():
            for path, parameter in sorted(model.named_parameters()):
                value = draws.standard_normal(tuple(parameter.shape)) * 0.3 + ("LayerNorm.weight" in path)
                parameter.copy_(torch.tensor(value, dtype=torch.float32))
            case = {key: torch.tensor(value).long() for key, value in inputs().items()}
            found = model.eval()(
                input_ids=case["input_ids"], attention_mask=case["input_mask"], token_type_ids=case["segment_ids"]
            )
        model.save_pretrained(GOLDEN / name)
        (GOLDEN / name / "generation_config.json").unlink(missing_ok=True)
        masked = found.prediction_logits[torch.arange(2)[:, None], case["masked_lm_positions"]]
        following = found.sop_logits if name == "albert" else found.seq_relationship_logits
        logits = {"mlm_logits": masked.numpy(), "nsp_logits": following.numpy()}
        np.savez(GOLDEN / name / "case.npz", **inputs(), **logits)
        print(f"{name}: transformers {transformers.__version__}, {len(list((GOLDEN / name).iterdir()))} files")


if __name__ == "__main__":
    main()

"""Makes golden_bert.npz from transformers' BertForPreTraining in float64: `python make_golden.py`, in this folder.

Needs torch and transformers; written with transformers 5.17.0 and torch 2.13.0. The file holds, for each form of GELU, the
logits and the fingerprints of the gradients (see golden_case.fingerprints), in the order of our weights.
"""

import sys
from pathlib import Path

import golden_case
import numpy as np
import torch
from transformers import BertConfig, BertForPreTraining

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2]))


def main():
    from trainer.export.hugging_face_names import tensor_names
    from trainer.model.config import BertConfig as OurConfig

    case = {name: torch.tensor(value) for name, value in golden_case.batch().items()}
    labels = torch.full_like(case["input_ids"], -100).long()
    for row, (positions, ids, weights) in enumerate(
        zip(case["masked_lm_positions"], case["masked_lm_ids"], case["masked_lm_weights"], strict=True)
    ):
        for position, piece, weight in zip(positions, ids, weights, strict=True):
            if weight:
                labels[row, position] = piece
    arrays = {}
    for form in golden_case.FORMS:
        model = BertForPreTraining._from_config(
            BertConfig(**{**golden_case.CONFIG, "hidden_act": form}), attn_implementation="eager"
        ).double()
        parameters = dict(model.named_parameters())
        names = tensor_names(OurConfig(**{**golden_case.CONFIG, "hidden_act": form}))
        for ours, theirs in names.items():
            shape = tuple(parameters[theirs].shape)
            turn = ours.endswith("/kernel")
            value = golden_case.weight(ours, shape[::-1] if turn else shape)
            parameters[theirs].data = torch.tensor(value.T if turn else value).double()
        model.tie_weights()
        model.eval()
        outputs = model(
            input_ids=case["input_ids"].long(),
            attention_mask=case["input_mask"],
            token_type_ids=case["segment_ids"].long(),
            labels=labels,
            next_sentence_label=case["next_sentence_labels"].long(),
        )
        outputs.loss.backward()
        masked = outputs.prediction_logits[torch.arange(len(labels))[:, None], case["masked_lm_positions"].long()]
        arrays[f"{form}:mlm_logits"] = masked.detach().numpy().astype(np.float32)
        arrays[f"{form}:nsp_logits"] = outputs.seq_relationship_logits.detach().numpy().astype(np.float32)
        gradients = {
            ours: parameters[theirs].grad.numpy().T if ours.endswith("/kernel") else parameters[theirs].grad.numpy()
            for ours, theirs in names.items()
        }
        arrays[f"{form}:gradients"] = np.stack(list(golden_case.fingerprints(gradients).values()))
    np.savez_compressed(HERE / "golden_bert.npz", **arrays)


if __name__ == "__main__":
    main()

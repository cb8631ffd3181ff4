"""Computes the golden case and dropout on the TensorFlow backend and writes the arrays to the .npz named on the command line."""

import sys

import golden_case
import numpy as np


def main():
    import keras
    from keras import ops

    from trainer.model.dropout import dropout, site_key

    assert keras.backend.backend() == "tensorflow"
    arrays = {}
    runs = {form: (golden_case.build(form), False) for form in golden_case.FORMS}
    dropping = {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1}
    runs["dropout"] = (golden_case.build("gelu", changes=dropping), True)
    runs["rematerialised"] = (golden_case.build("gelu", changes=dropping, rematerialise=True), True)
    for run, (model, training) in runs.items():
        logits, gradients = golden_case.logits_and_gradients(
            model, training=training, xla=run == "gelu"
        )  # compiling is slow
        arrays |= {f"{run}:{name}": value for name, value in logits.items()}
        arrays[f"{run}:gradients"] = np.stack(list(golden_case.fingerprints(gradients).values()))
    key = site_key(ops.convert_to_tensor([3, 5], "uint32"), 7)
    arrays["mask"] = ops.convert_to_numpy(dropout(ops.ones((64, 33)), 0.3, key, np.arange(32, dtype=np.uint32)))
    np.savez(sys.argv[1], **arrays)


if __name__ == "__main__":
    main()

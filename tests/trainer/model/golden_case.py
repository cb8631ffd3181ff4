"""The case that parity is tested on: a tiny BERT whose weights are eight times the usual size, and the loss's gradients.

With weights of deviation 0.02 the tanh and the erf form of GELU give the same loss to nine digits, so a test would be
blind to the wrong one. Imports Keras only inside functions: the script that makes the golden file runs without it.
"""

import zlib

import numpy as np

CONFIG = {
    "vocab_size": 100,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 40,
    "layer_norm_eps": 1e-3,  # large enough to be seen
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
FORMS = ("gelu", "gelu_new")
DEVIATION = 8 * 0.02


def draw(name, shape):
    """Normal draws that depend on the name alone, float64."""
    generator = np.random.Generator(np.random.Philox(key=[8, zlib.crc32(name.encode())]))
    return generator.standard_normal(shape)


def weight(name, shape):
    """A weight by our name, float32: no bias is 0 and no LayerNorm scale 1, so that each one matters."""
    value = draw(name, shape) * DEVIATION
    return (value + (1.0 if name.endswith("gamma") else 0.0)).astype(np.float32)


def batch():
    """Three rows of 24 pieces, of which the second has padding; int32, weights float32."""
    rows, length = 3, 24
    pieces = np.array([24, 15, 20])
    mask = (np.arange(length) < pieces[:, None]).astype(np.int32)
    ids = np.abs(draw("ids", (rows, length)) * 1e6).astype(np.int64) % 99 + 1  # torch gives [PAD] no gradient
    second = (np.arange(length) >= pieces[:, None] // 2).astype(np.int32)
    return {
        "input_ids": (ids * mask).astype(np.int32),
        "input_mask": mask,
        "segment_ids": second * mask,
        "masked_lm_positions": np.array([[1, 5, 9, 23], [2, 3, 14, 0], [4, 8, 0, 0]], np.int32),
        "masked_lm_ids": np.array([[7, 8, 9, 10], [11, 12, 13, 0], [14, 15, 0, 0]], np.int32),
        "masked_lm_weights": np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]], np.float32),
        "next_sentence_labels": np.array([0, 1, 1], np.int32),
    }


def build(form, changes=None, **options):
    """Our model of the case, on whatever backend Keras runs."""
    from trainer.model.bert import build_pretrainer
    from trainer.model.config import BertConfig

    model = build_pretrainer(BertConfig(**{**CONFIG, "hidden_act": form, **(changes or {})}), **options)
    for variable in model.trainable_variables:
        variable.assign(weight(variable.path.split("/", 1)[1], tuple(variable.shape)))
    return model


def logits_and_gradients(model, training=False, xla=True):
    """Logits by head and gradients by weight, of the pretraining loss; all float32 numpy arrays."""
    import keras
    from keras import ops

    case = batch()
    inputs = {name: case[name] for name in ("input_ids", "input_mask", "segment_ids", "masked_lm_positions")}
    weights = case["masked_lm_weights"]

    def loss(outputs):
        masked = ops.log_softmax(outputs["mlm_logits"]) * ops.one_hot(case["masked_lm_ids"], CONFIG["vocab_size"])
        following = ops.log_softmax(outputs["nsp_logits"]) * ops.one_hot(case["next_sentence_labels"], 2)
        return -ops.sum(ops.sum(masked, -1) * weights) / weights.sum() - ops.sum(following) / following.shape[0]

    variables = model.trainable_variables
    state = [variable.value for variable in model.non_trainable_variables]
    if keras.backend.backend() == "jax":
        import jax

        def run(values):
            outputs, _ = model.stateless_call(values, state, inputs, training=training)
            return loss(outputs), outputs

        (_, outputs), gradients = jax.jit(jax.value_and_grad(run, has_aux=True))([v.value for v in variables])
    else:
        import tensorflow as tf

        @tf.function(jit_compile=xla)
        def run():
            with tf.GradientTape() as tape:
                outputs = model(inputs, training=training)
                value = loss(outputs)
            gradients = tape.gradient(value, [v.value for v in variables])
            return outputs, [tf.convert_to_tensor(gradient) for gradient in gradients]

        outputs, gradients = run()
    return (
        {name: np.asarray(ops.convert_to_numpy(value), np.float32) for name, value in outputs.items()},
        {
            variable.path.split("/", 1)[1]: np.asarray(ops.convert_to_numpy(gradient), np.float32)
            for variable, gradient in zip(variables, gradients, strict=True)
        },
    )


def fingerprints(gradients):
    """Two numbers a weight that fit into a small file: the gradient's norm and its product with a fixed vector."""
    values = {}
    for name, gradient in gradients.items():
        flat = np.asarray(gradient, np.float64).ravel()
        direction = draw(f"direction of {name}", flat.shape)
        values[name] = np.array([np.linalg.norm(flat), flat @ direction / np.linalg.norm(direction)])
    return values

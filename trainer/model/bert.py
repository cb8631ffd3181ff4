"""BERT for pretraining: the encoder with the masked-LM and the next-sentence head, for every size and backend."""

from collections.abc import Mapping

import keras

from trainer.model.attention.kernel import EINSUM, AttentionKernel
from trainer.model.bert_encoder import BertEncoder
from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads, HeadOutputs, Heads, Tensors, build_with_heads
from trainer.model.heads import MaskedLanguageModelHead, NextSentenceHead


def build_pretrainer(
    config: BertConfig,
    *,
    compute_dtype: str = "float32",
    rematerialise: bool = False,
    seed: int | None = 0,
    attention: AttentionKernel = EINSUM,
    outputs: HeadOutputs | None = None,
) -> EncoderWithHeads:
    """A BERT with weights drawn from `seed`, the same on every backend and number of devices.

    Args:
        config: the shape of the network.
        compute_dtype: "float32", or "bfloat16" for activations and matrix products in bf16 (weights stay float32).
        rematerialise: keep only each encoder layer's input for the backward pass and compute the rest again.
        seed: of the initial weights and of dropout; None leaves the weights zeros, where only their shapes matter.
        attention: what computes attention, see `choose_kernel`.
        outputs: computes something else of the same weights than what is described here.

    Returns:
        A model for the inputs of `BertEncoder.sequence_output`, and `masked_lm_positions` int32 [batch, predictions]; for
        packed rows also `cls_positions` int32 [batch, documents], where each document's [CLS] stands. It gives
        `mlm_logits` float32 [batch, predictions, vocab], absent without `masked_lm_positions`, and `nsp_logits` float32
        [batch, labels], or [batch, documents, labels] with `cls_positions`. Given the answers too, `masked_lm_ids` int32
        [batch, predictions], it gives `mlm_loss` and `mlm_correct` instead of logits, float32 [batch, predictions].
    """
    encoder = BertEncoder(config, compute_dtype, rematerialise, attention=attention)
    heads = {
        "masked_lm": MaskedLanguageModelHead(config, dtype=encoder.dtype_policy, name="masked_lm"),
        "next_sentence": NextSentenceHead(config, dtype=encoder.dtype_policy, name="next_sentence"),
    }
    return build_with_heads(encoder, heads, outputs or _logits, seed)


def _logits(
    encoder: BertEncoder, heads: Heads, inputs: Mapping[str, keras.KerasTensor], training: bool = False
) -> Tensors:
    sequence = encoder.sequence_output(inputs, training)
    outputs = {"nsp_logits": heads["next_sentence"](encoder.pooled_output(sequence, inputs.get("cls_positions")))}
    positions = inputs.get("masked_lm_positions")
    if positions is not None and "masked_lm_ids" in inputs:
        outputs["mlm_loss"], outputs["mlm_correct"] = heads["masked_lm"](
            sequence, positions, encoder.embeddings.word_table, inputs["masked_lm_ids"]
        )
    elif positions is not None:
        outputs["mlm_logits"] = heads["masked_lm"](sequence, positions, encoder.embeddings.word_table)
    return outputs

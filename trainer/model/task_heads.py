"""Encoders with the head of a task: dropout and a dense layer, on the pooled output or on every piece.

These are the heads of Devlin et al. (2018, section 4): a sentence, or a pair, is classified by the pooled output of [CLS];
tags and the ends of an answer are predicted for each piece from the last layer. Logits are float32 for any compute dtype.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
from keras import ops

from trainer.model.attention.kernel import EINSUM, AttentionKernel
from trainer.model.bert_encoder import HEAD_SITE, BertEncoder, row_ids
from trainer.model.config import BertConfig
from trainer.model.dropout import dropout, site_key
from trainer.model.encoder_with_heads import EncoderWithHeads, Heads, Tensors, build_with_heads
from trainer.model.size import HeadSize

LOGITS = "logits"
CLASSIFIER, ANSWER = "classifier", "answer"


@dataclass(frozen=True)
class TaskHead:
    """The head of one task."""

    name: str  # with which the names of its weights begin: CLASSIFIER or ANSWER
    outputs: int  # logits of each text, or of each piece
    on_pieces: (
        bool  # logits for every piece from the last layer, without a pooler; otherwise for [CLS] through the pooler
    )
    dropout: float = 0.1  # of what the head reads


def build_with_task_head(
    head: TaskHead,
    config: BertConfig,
    *,
    compute_dtype: str = "float32",
    rematerialise: bool = False,
    seed: int | None = 0,
    attention: AttentionKernel = EINSUM,
) -> EncoderWithHeads:
    """A model with this head; the other arguments are those of `build_pretrainer`.

    It takes the inputs of `BertEncoder.sequence_output` and gives `logits`, float32 [batch, outputs], or
    [batch, length, outputs] of a head on pieces. Weights that pretraining has too have the same names and, from the same
    seed, the same initial values.
    """
    encoder = BertEncoder(config, compute_dtype, rematerialise, pooler=not head.on_pieces, attention=attention)

    def outputs(encoder: BertEncoder, heads: Heads, inputs: Mapping[str, keras.KerasTensor], training: bool) -> Tensors:
        drawn = encoder.dropout_seed() if training else None
        x = encoder.sequence_output(inputs, training, drawn)
        if not head.on_pieces:
            x = encoder.pooled_output(x)
        if drawn is not None:
            x = dropout(x, head.dropout, site_key(drawn, HEAD_SITE), row_ids(inputs))
        return {LOGITS: heads[head.name](ops.cast(x, "float32"))}

    dense = keras.layers.Dense(head.outputs, dtype="float32", name=head.name)
    return build_with_heads(encoder, {head.name: dense}, outputs, seed)


def task_head_size(head: TaskHead, config: BertConfig, sequence_length: int) -> HeadSize:
    """What the head adds to the encoder, for rows of so many pieces."""
    places = sequence_length if head.on_pieces else 1
    return HeadSize(
        parameters=head.outputs * (config.hidden_size + 1),
        flops_per_row=2 * places * head.outputs * config.hidden_size,
        logit_bytes_per_row=4 * places * head.outputs,
    )

"""Networks that give their last hidden states, and masked-LM logits: what a student is compared by with its teacher."""

from collections.abc import Mapping

import keras
from keras import ops

from trainer.model.attention.kernel import EINSUM, AttentionKernel
from trainer.model.bert import build_pretrainer
from trainer.model.bert_encoder import BertEncoder
from trainer.model.config import BertConfig
from trainer.model.encoder_with_heads import EncoderWithHeads, HeadOutputs, Heads, Tensors, build_with_heads
from trainer.model.heads import MaskedLanguageModelHead

STATES, LOGITS = "hidden_states", "mlm_logits"
AT_MASKED, EVERYWHERE, NOWHERE = "masked", "everywhere", "nowhere"
"""Where logits are computed: at `masked_lm_positions`, at every piece, or not at all."""


def build_student(
    config: BertConfig,
    *,
    where: str,
    compute_dtype: str = "float32",
    rematerialise: bool = False,
    seed: int | None = 0,
    attention: AttentionKernel = EINSUM,
) -> EncoderWithHeads:
    """A network with the weights of `build_pretrainer`, whose other arguments it takes, and with other outputs.

    They are `hidden_states` [batch, length, hidden] in the compute dtype and, unless `where` is NOWHERE, `mlm_logits` float32
    [batch, predictions, vocab], or [batch, length, vocab] if they are computed everywhere.
    """
    return build_pretrainer(
        config,
        compute_dtype=compute_dtype,
        rematerialise=rematerialise,
        seed=seed,
        attention=attention,
        outputs=_outputs(where),
    )


def build_teacher(
    config: BertConfig, *, where: str, compute_dtype: str = "float32", attention: AttentionKernel = EINSUM
) -> EncoderWithHeads:
    """A network with the outputs of a student and no weights that they do not need: neither pooler nor next-sentence head,
    and without logits no masked-LM head either. Its weights are zeros; `stateless_call` takes the right ones."""
    encoder = BertEncoder(config, compute_dtype, pooler=False, attention=attention)
    head = MaskedLanguageModelHead(config, dtype=encoder.dtype_policy, name="masked_lm")
    return build_with_heads(encoder, {} if where == NOWHERE else {"masked_lm": head}, _outputs(where), seed=None)


def _outputs(where: str) -> HeadOutputs:
    def outputs(
        encoder: BertEncoder, heads: Heads, inputs: Mapping[str, keras.KerasTensor], training: bool = False
    ) -> Tensors:
        states = encoder.sequence_output(inputs, training)
        if where == NOWHERE:
            return {STATES: states}
        positions = inputs["masked_lm_positions"]
        if where == EVERYWHERE:
            ids = inputs["input_ids"]
            positions = ops.broadcast_to(ops.arange(ids.shape[1], dtype="int32"), ops.shape(ids))
        return {STATES: states, LOGITS: heads["masked_lm"](states, positions, encoder.embeddings.word_table)}

    return outputs

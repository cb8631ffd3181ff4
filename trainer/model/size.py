"""The size of a network and the cost of a step, from its config alone: parameters, FLOPs, bytes of logits."""

from dataclasses import dataclass

from trainer.model.config import BertConfig


@dataclass(frozen=True)
class HeadSize:
    """What the heads of a task add to the encoder."""

    parameters: int
    flops_per_row: int  # of the forward pass
    logit_bytes_per_row: int  # float32, which the compiler holds once: their gradients take their place
    whole_logits: bool = False  # a TPU holds all of them too, and no blocks of the vocabulary
    frozen_parameters: int = 0  # of a network that learns nothing, such as a teacher; float32, whole on every device
    frozen_flops_per_row: int = 0  # of its forward pass; it has no other


def encoder_parameters(config: BertConfig) -> int:
    """The number of trainable parameters of embeddings, encoder layers and pooler."""
    hidden, width, inner = config.hidden_size, config.embedding_width, config.intermediate_size
    tables = (config.vocab_size + config.max_position_embeddings + config.type_vocab_size) * width + 2 * width
    projection = width * hidden + hidden if config.is_factorised else 0
    layer = 4 * (hidden * hidden + hidden) + 2 * hidden * inner + inner + hidden + 4 * hidden
    pooler = hidden * hidden + hidden
    return tables + projection + config.distinct_layers * layer + pooler


def encoder_flops_per_row(config: BertConfig, sequence_length: int) -> int:
    """FLOPs of one forward pass over a row through embeddings, encoder layers and pooler.

    Matrix products only, two FLOPs per multiply-add (PaLM, Chowdhery et al. 2022, appendix B).
    """
    hidden, inner = config.hidden_size, config.intermediate_size
    per_piece = config.num_hidden_layers * (4 * hidden * hidden + 2 * hidden * inner + 2 * sequence_length * hidden)
    per_piece += config.embedding_width * hidden if config.is_factorised else 0
    return 2 * (sequence_length * per_piece + hidden * hidden)


def pretraining_heads(config: BertConfig, predictions: int = 0) -> HeadSize:
    """The masked-LM head, which is computed at `predictions` positions of a row only, and the next-sentence head."""
    hidden, width = config.hidden_size, config.embedding_width
    masked_lm = hidden * width + width + 2 * width + config.vocab_size  # its matrix is the word table
    labels = config.next_sentence_labels
    next_sentence = labels * hidden + labels
    per_prediction = hidden * width + width * config.vocab_size
    return HeadSize(
        parameters=masked_lm + next_sentence,
        flops_per_row=2 * (predictions * per_prediction + labels * hidden),
        logit_bytes_per_row=4 * predictions * config.vocab_size,
    )


def parameter_count(config: BertConfig, heads: HeadSize) -> int:
    """The number of trainable parameters of an encoder with its heads."""
    return encoder_parameters(config) + heads.parameters


def flops_per_step(config: BertConfig, heads: HeadSize, batch: int, sequence_length: int) -> int:
    """FLOPs of one forward and backward pass over a batch, for MFU: the backward pass counts twice the forward pass.

    Recomputation by rematerialisation does not count.
    """
    learning = encoder_flops_per_row(config, sequence_length) + heads.flops_per_row
    return batch * (3 * learning + heads.frozen_flops_per_row)

"""The keys of a BERT's config: those that describe the network, and others that occur in published files.

The names are those of Hugging Face's BertConfig (transformers 4 and 5) and of google-research/bert's
`bert_config.json`.
"""

from collections.abc import Iterable

from beam_jobs.console.nearest import nearest_name

NETWORK_KEYS = (
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "hidden_act",
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "max_position_embeddings",
    "type_vocab_size",
    "initializer_range",
    "layer_norm_eps",
    "embedding_size",
    "share_layers",
    "model_type",
    "num_hidden_groups",
    "inner_group_num",
    "position_embedding_type",
    "is_decoder",
    "add_cross_attention",
    "tie_word_embeddings",
)
"""Keys that describe the network. The trainer uses them, or refuses values that it does not support."""

SIZE_KEYS = (
    "vocab_size",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "intermediate_size",
    "max_position_embeddings",
    "type_vocab_size",
)
"""Those that every network has and whose values are whole numbers above 0."""

DROPOUT_KEYS = ("hidden_dropout_prob", "attention_probs_dropout_prob")
"""Those whose values are numbers from 0 to below 1."""

_SAY_NOTHING = (
    "architectures",
    "bos_token_id",
    "classifier_dropout",
    "classifier_dropout_prob",
    "directionality",
    "down_scale_factor",
    "dtype",
    "eos_token_id",
    "finetuning_task",
    "gap_size",
    "gradient_checkpointing",
    "id2label",
    "label2id",
    "language",
    "name",
    "net_structure_type",
    "num_labels",
    "num_memory_blocks",
    "output_past",
    "pad_token_id",
    "pooler_fc_size",
    "pooler_num_attention_heads",
    "pooler_num_fc_layers",
    "pooler_size_per_head",
    "pooler_type",
    "torch_dtype",
    "transformers_version",
    "use_cache",
)


def unknown_keys(keys: Iterable[str]) -> list[str]:
    """The keys, sorted, that neither describe a BERT network nor occur in the published files of BERTs."""
    return sorted(set(keys) - {*NETWORK_KEYS, *_SAY_NOTHING})


def misspelt_keys(keys: Iterable[str]) -> dict[str, str]:
    """Maps the unknown keys of a config that are probably misspelt to the keys that were meant.

    A config of another tool may hold any other keys. A key counts as misspelt if it resembles a key of the network
    which the file lacks.
    """
    present = set(keys)
    absent = [key for key in _ALWAYS_THERE if key not in present]
    near = {key: nearest_name(key, absent, cutoff=_ALMOST_EQUAL) for key in unknown_keys(present)}
    return {key: meant for key, meant in near.items() if meant}


_ALWAYS_THERE = NETWORK_KEYS[:11]  # a BERT's sizes and rates, which every tool writes
_ALMOST_EQUAL = 0.9  # differs by a letter or two in a name of this length

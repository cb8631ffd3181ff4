"""The families of networks that can be built; `BertConfig.family` says which one a config is of.

Here is what sets a family apart in the network and in its config file. What other tools call its weights and which files of a
tokenizer lie beside them: see `export/hugging_face_names.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from beam_jobs.errors import UserError


@dataclass(frozen=True)
class Family:
    """One family."""

    name: str  # "model_type" in a config.json
    title: str  # for a model card
    read: Callable[[Mapping[str, Any], str], dict[str, Any]]  # settings that its config file has under other names
    first_position: int = 0  # the row of the position table for the first piece of a text
    left_out: tuple[str, ...] = ()  # heads of `HEADS` in `config.py` that its checkpoints do not have


def _read_albert(content: Mapping[str, Any], source: str) -> dict[str, Any]:
    """One group of layers means that all layers share their weights, a group for each that none do."""
    groups, layers = content.get("num_hidden_groups", 1), content.get("num_hidden_layers", 12)
    if groups not in (1, layers):
        raise UserError(
            f"{source}: num_hidden_groups is {groups!r}; only 1 and num_hidden_layers ({layers}) are supported"
        )
    return {"embedding_size": content.get("embedding_size", 128), "share_layers": groups == 1}


def _read_roberta(content: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Positions count from the row behind the padding piece's, as in fairseq; that piece is 1 in every RoBERTa."""
    return {"model_type": "roberta", **{key: content.get(key, value) for key, value in _ROBERTA_TABLES.items()}}


_ROBERTA_TABLES = {"max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
BERT = Family("bert", "A BERT", lambda content, source: {})
ALBERT = Family("albert", "An ALBERT", _read_albert)
ROBERTA = Family("roberta", "A RoBERTa", _read_roberta, first_position=2, left_out=("pooler", "next_sentence"))
FAMILIES = {family.name: family for family in (BERT, ALBERT, ROBERTA)}

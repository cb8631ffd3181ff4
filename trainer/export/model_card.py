"""The model card of an export: what the model is, what it was trained on and how, and how good it is."""

import json
from collections.abc import Mapping
from typing import Any

from trainer.model.config import GELU_TANH, BertConfig


def model_card(
    name: str,
    config: BertConfig,
    *,
    lower_case: bool,
    language: str = "",
    corpus_stats: Mapping[str, Any] | None = None,
    plan: str = "",
    results: Mapping[str, Any] | None = None,
) -> str:
    """The text of README.md, with the metadata block that the Hugging Face hub reads.

    Args:
        name: the model's name, for the title.
        config: its shape.
        lower_case: whether its tokenizer lower-cases.
        language: ISO code for the metadata; left out when empty.
        corpus_stats: the content of the corpus's corpus_stats.json.
        plan: the plan it was trained with, as TOML.
        results: what the last evaluation gave, by metric.
    """
    metadata = ["library_name: transformers", "pipeline_tag: fill-mask", "mask_token: '[MASK]'", "tags:", "- bert"]
    metadata = ([f"language: {language}"] if language else []) + metadata
    kind = "A BERT" if config.embedding_size is None else "An ALBERT"
    act = "tanh form (`gelu_new`)" if config.hidden_act == GELU_TANH else "erf form (`gelu`)"
    parts = [
        "\n".join(["---", *metadata, "---"]),
        f"# {name}",
        f"{kind} for masked-language modelling and next-sentence prediction, trained with beambert: encoder, pooler and "
        "both pretraining heads.",
        "## Model",
        _table(
            {
                "layers": config.num_hidden_layers,
                "hidden size": config.hidden_size,
                "attention heads": config.num_attention_heads,
                "positions": config.max_position_embeddings,
                "vocabulary": f"{config.vocab_size:,} WordPieces, {'lower-cased' if lower_case else 'cased'}",
                "GELU": act,
                "parameters": f"{config.parameter_count():,}",
            }
        ),
        f"```python\nfrom transformers import pipeline\n\npipeline('fill-mask', model='{name}')('a text with one [MASK]')\n```",
    ]
    if results:
        parts += ["## Results on held-out instances", _table({key: _number(value) for key, value in results.items()})]
    if corpus_stats:
        parts += ["## Training data", _table(_corpus_rows(corpus_stats))]
        parts += [_folded("corpus_stats.json", "json", json.dumps(corpus_stats, indent=2, ensure_ascii=False))]
    if plan:
        parts += ["## Training plan", f"```toml\n{plan.strip()}\n```"]
    return "\n\n".join(parts) + "\n"


def _corpus_rows(stats: Mapping[str, Any]) -> dict[str, str]:
    rows = {}
    for split, counts in dict(stats.get("counts", {})).items():
        for key, value in dict(counts).items():
            if isinstance(value, int | float):
                rows[f"{key.removeprefix('num_')} ({split})"] = _number(value)
    settings = (
        "max_seq_length",
        "max_predictions_per_seq",
        "masked_lm_prob",
        "short_seq_prob",
        "dupe_factor",
        "random_seed",
    )
    return rows | {key: _number(stats[key]) for key in settings if key in stats}


def _table(rows: Mapping[str, Any]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows.items())])


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _folded(title: str, kind: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n```{kind}\n{text}\n```\n\n</details>"

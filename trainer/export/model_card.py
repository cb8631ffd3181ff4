"""The model card of an export: what the model is, how and on what it was trained, and how well it does."""

from collections.abc import Mapping, Sequence
from typing import Any

from beam_jobs.records.stats_table import markdown_table, stats_table
from trainer.export.card_metadata import CardMetadata, metadata_block
from trainer.model.config import GELU_TANH, HEADS, BertConfig
from trainer.model.size import parameter_count, pretraining_heads


def model_card(
    name: str,
    config: BertConfig,
    *,
    lower_case: bool,
    told: CardMetadata | None = None,
    corpus_stats: Mapping[str, Any] | None = None,
    plan: str = "",
    results: Mapping[str, Any] | None = None,
    origin: str = "",
    untrained: Sequence[str] = (),
    pieces: int = 0,
    parameters: int = 0,
    mask: str = "[MASK]",
) -> str:
    """The text of README.md, with the metadata block that the Hugging Face hub reads.

    Args:
        name: the model's name, for the title.
        config: its shape.
        lower_case: whether its tokenizer lower-cases.
        told: what the user says of it, for the metadata.
        corpus_stats: the content of the corpus's corpus_stats.json.
        plan: the plan it was trained with, as TOML.
        results: the figures of the last evaluation, of heads that were trained.
        origin: if the model was converted and not trained here, its source, such as "a checkpoint in Hugging Face
        layout".
        untrained: of `HEADS` in `model/config.py`: the heads whose weights are random.
        mask: the piece that stands for a gap.
        pieces: size of the vocabulary; 0: as many as the word table has rows, that is, the table is not padded.
        parameters: their number; 0: those of encoder, pooler and both heads.
    """
    size = pieces or config.vocab_size
    kind_of_pieces = "WordPieces" if mask == "[MASK]" else "pieces"
    padding = f", padded to {config.vocab_size:,} rows" if size != config.vocab_size else ""
    untrained = [head for head in untrained if head not in config.family.left_out]
    fills = "masked_lm" not in untrained
    task = "fill-mask" if fills else "feature-extraction"
    kind = config.family.title
    act = "tanh form (`gelu_new`)" if config.hidden_act == GELU_TANH else "erf form (`gelu`)"
    parts = [
        metadata_block(name, told or CardMetadata(), task=task, mask=mask if fills else "", results=results),
        f"# {name}",
        f"{kind}, {f'converted with beambert from {origin}' if origin else 'trained with beambert'}: {_trained([*untrained, *config.family.left_out])}.",
        *_warning(untrained),
        "## Model",
        _table(
            {
                "layers": config.num_hidden_layers,
                "hidden size": config.hidden_size,
                "attention heads": config.num_attention_heads,
                "positions": config.max_position_embeddings,
                "vocabulary": f"{size:,} {kind_of_pieces}, {'lower-cased' if lower_case else 'cased'}{padding}",
                "GELU": act,
                "parameters": f"{parameters or parameter_count(config, pretraining_heads(config)):,}",
            }
        ),
        _example(name, mask if fills else ""),
    ]
    if results:
        parts += ["## Results on held-out instances", _table({key: _number(value) for key, value in results.items()})]
    if corpus_stats:
        parts += ["## Training data", markdown_table(stats_table(corpus_stats))]
    if plan:
        parts += ["## Training plan", f"```toml\n{plan.strip()}\n```"]
    return "\n\n".join(parts) + "\n"


_HEADS = dict(zip(HEADS, ("pooler", "masked-LM head", "next-sentence head"), strict=True))


def _trained(untrained: Sequence[str]) -> str:
    trained = ["encoder", *(text for head, text in _HEADS.items() if head not in untrained)]
    return f"{', '.join(trained[:-1])} and {trained[-1]}" if len(trained) > 1 else "encoder only"


def _warning(untrained: Sequence[str]) -> list[str]:
    names = [text for head, text in _HEADS.items() if head in untrained]
    if not names:
        return []
    return [f"**Not trained: {', '.join(names)}.** Weights there are random; train them before you use what they give."]


def _example(name: str, mask: str) -> str:
    task, text = ("fill-mask", f"a text with one {mask}") if mask else ("feature-extraction", "a text")
    return f"```python\nfrom transformers import pipeline\n\npipeline('{task}', model='{name}')('{text}')\n```"


def _table(rows: Mapping[str, Any]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in rows.items())])


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"

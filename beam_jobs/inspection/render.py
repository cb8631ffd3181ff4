"""Shows a pretraining instance as words: what the model sees, what it must predict, and where the segments are.

A predicted piece is shown in brackets, after what replaces it: `[MASK→hund]`, `[katt→hund]` (a random piece),
`[hund→hund]` (kept). The pieces of a word are written together, without "##".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from beam_jobs.decoding.decode import Instance
from beam_jobs.settings.objectives import BERT_LABELS
from vocab.vocabulary import CONTINUATION, Vocabulary

if TYPE_CHECKING:
    from rich.text import Text

TEXT, SPECIAL, UNKNOWN, MASKED, RANDOM, KEPT = "text", "special", "unknown", "masked", "random", "kept"
PREDICTED = (MASKED, RANDOM, KEPT)

STYLES = {
    (TEXT, 0): "",
    (TEXT, 1): "blue",
    SPECIAL: "dim",
    UNKNOWN: "black on yellow",
    MASKED: "bold green",
    RANDOM: "bold red",
    KEPT: "bold magenta",
}
"""The styles in a terminal, by rich's names: of text by segment, and of all else by kind."""


@dataclass(frozen=True)
class Span:
    """A piece of an instance, as in the vocabulary: `seen` is what the model is given, `original` the piece of the text.

    They differ only if `kind` is MASKED or RANDOM. `starts_word` is true if white space is written before the piece. The last
    two are the same for a reader: subwords as their text, which of a mere space is empty.
    """

    position: int
    seen: str
    original: str
    kind: str
    segment: int
    starts_word: bool
    seen_text: str
    original_text: str

    @property
    def text(self) -> str:
        """The piece, as it is written in a line of words."""
        if self.kind == MASKED:
            return f"[MASK→{self.original_text or self.original}]"
        if self.kind in PREDICTED:
            return f"[{self.seen_text or self.seen}→{self.original_text or self.original}]"
        return self.seen_text.removeprefix(CONTINUATION) if not self.starts_word else self.seen_text


def spans(instance: Instance, vocabulary: Vocabulary) -> list[Span]:
    """Every piece of an instance in order, without padding. Ids outside of the vocabulary are shown as `<id>`."""
    original = instance.original_ids().tolist()
    seen = instance.input_ids.tolist()
    segments = instance.segment_ids.tolist()
    predicted = set(instance.masked_lm_positions[: instance.predictions].tolist())
    special = {vocabulary.cls_id, vocabulary.sep_id, vocabulary.pad_id}
    result: list[Span] = []
    for position, piece in enumerate(original):
        name = _piece(piece, vocabulary)
        if position in predicted:
            put = seen[position]
            kind = MASKED if put == vocabulary.mask_id else KEPT if put == piece else RANDOM
        else:
            kind = SPECIAL if piece in special else UNKNOWN if piece == vocabulary.unk_id else TEXT
        segment = segments[position] if position < len(segments) else 0
        # A continuation after [CLS] or [SEP] is the rest of a truncated word. It keeps its "##".
        continues = bool(result) and result[-1].kind != SPECIAL and _continues(piece, vocabulary)
        seen_text, original_text = vocabulary.shown(seen[position]), vocabulary.shown(piece)
        result.append(
            Span(
                position,
                _piece(seen[position], vocabulary),
                name,
                kind,
                segment,
                not continues,
                seen_text,
                original_text,
            )
        )
    return result


def segments(instance: Instance, vocabulary: Vocabulary) -> list[list[Span]]:
    """The spans of the first segment, from [CLS] to its [SEP], and those of the second, if there is one."""
    all_spans = spans(instance, vocabulary)
    first = [span for span in all_spans if span.segment == 0]
    second = [span for span in all_spans if span.segment != 0]
    return [first, second] if second else [first]


def title(instance: Instance, vocabulary: Vocabulary, labels: Sequence[str] = BERT_LABELS) -> str:
    """What an instance is, in one line: its pieces, its predictions by kind, its label, for which `labels` has words."""
    kinds = [span.kind for span in spans(instance, vocabulary)]
    parts = [
        f"{len(kinds)} pieces" + (f" of {len(instance.input_ids)}" if len(instance.input_ids) > len(kinds) else "")
    ]
    if instance.is_dynamic:
        parts.append("not masked yet (dynamic)")
    else:
        made = ", ".join(f"{kinds.count(kind)} {kind}" for kind in PREDICTED)
        parts.append(f"{instance.predictions} predictions ({made})")
    parts.append(label(instance, labels))
    return " · ".join(part for part in parts if part)


def label(instance: Instance, labels: Sequence[str] = BERT_LABELS) -> str:
    """The second-segment label, in words; empty when there is none."""
    if instance.next_sentence_labels is None or len(instance.next_sentence_labels) != 1:
        return ""
    if not instance.segment_ids[: instance.pieces].any():
        return "one segment"
    value = int(instance.next_sentence_labels[0])
    return f"label {value}: {labels[value]}" if 0 <= value < len(labels) else f"label {value}"


def render_plain(instance: Instance, vocabulary: Vocabulary) -> str:
    """The instance as one line a segment, without colours: `A [CLS] Han ...`."""
    return "\n".join(f"{name}{_words(part)}" for name, part in zip("AB", segments(instance, vocabulary), strict=False))


def render_rich(instance: Instance, vocabulary: Vocabulary) -> "Text":
    """The same for a terminal, coloured by STYLES."""
    from rich.text import Text

    text = Text()
    for name, part in zip("AB", segments(instance, vocabulary), strict=False):
        text.append("\n" if text else "")
        text.append(name, "bold")  # the first piece of a segment is shown as the start of a word
        for span in part:
            text.append(" " if span.starts_word else "")
            text.append(span.text, STYLES[(TEXT, min(span.segment, 1)) if span.kind == TEXT else span.kind])
    return text


def _words(part: Sequence[Span]) -> str:
    return "".join(f" {span.text}" if span.starts_word else span.text for span in part)


def _continues(piece: int, vocabulary: Vocabulary) -> bool:
    return 0 <= piece < len(vocabulary) and not vocabulary.word_start[piece]


def _piece(piece: int, vocabulary: Vocabulary) -> str:
    return vocabulary.pieces[piece] if 0 <= piece < len(vocabulary) else f"<{piece}>"

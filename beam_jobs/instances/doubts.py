"""Warnings about a corpus that is well-formed but would make a bad model, each with its remedy.

All thresholds are here. Each message names its threshold, so that the reader can judge.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from beam_jobs.console.warnings import Warned
from beam_jobs.settings import InstanceSettings, fitting_predictions

UNKNOWN_PIECES = (
    0.01  # share of the pieces that are [UNK]; published vocabularies have less than 0.1 % in their own languages
)
UNKNOWN_WORDS = 0.01  # share of the words that become [UNK], as in `vocab lint`
PREDICTED = 0.8  # of the share of pieces that were to be predicted
PADDING = 0.5  # share of the positions
LABELS = 0.6, 1.4  # times the expected share of a label: from 30 % to 70 % if a half is expected
PIECES_PER_WORD = 2.5  # as many as multilingual BERT needs in its worst languages
_ENOUGH_INSTANCES = 1000  # for labels; shares of fewer instances may differ by chance


@dataclass(frozen=True)
class Figures:
    """The sums of a corpus that the warnings look at, from its statistics or from its records."""

    instances: int
    labels: tuple[int, ...]  # instances by label
    pieces: int
    padding: int  # positions
    unknown: int  # [UNK] pieces
    predictions: int
    most_predictions: int  # the most predictions that an instance has room for; 0 if instances are not masked yet
    full: int  # instances that use up this room


def doubts_about_predictions(settings: InstanceSettings) -> Iterator[Warned]:
    """A line, before any work, if instances cannot have as many predictions as `masked_lm_prob` asks for."""
    fitting = fitting_predictions(settings.max_seq_length, settings.masked_lm_prob)
    most = settings.max_predictions_per_seq
    if settings.masking != "dynamic" and most < PREDICTED * fitting:
        yield Warned(
            "predictions",
            f"--max_predictions_per_seq {most} is {most / settings.max_seq_length:.1%} of --max_seq_length "
            f"{settings.max_seq_length}, not the {settings.masked_lm_prob:.0%} of --masked_lm_prob; {fitting} fits",
        )


def doubts_about_instances(
    figures: Figures, max_seq_length: int, masked_lm_prob: float, label_shares: Sequence[float], vocabulary: str
) -> Iterator[Warned]:
    """One line for each figure beyond its threshold.

    Args:
        figures: of the corpus.
        max_seq_length: pieces that an instance has room for.
        masked_lm_prob: share of the pieces that was to be predicted.
        label_shares: the share that each label is expected to have; empty where the objective labels nothing.
        vocabulary: its file, for the remedy.
    """
    unknown = figures.unknown / max(figures.pieces, 1)
    if unknown > UNKNOWN_PIECES:
        yield Warned(
            "unknown_pieces",
            f"{unknown:.1%} of the pieces are [UNK], more than {UNKNOWN_PIECES:.0%}: the vocabulary does not fit the text; "
            "an uncased vocabulary needs a --model_class that lower-cases, another language another vocabulary; "
            f"`run.sh vocab lint --vocab_file {vocabulary} --text FILE` names what is missing",
        )
    predicted = figures.predictions / max(figures.pieces, 1)
    fitting = fitting_predictions(max_seq_length, masked_lm_prob)
    if figures.most_predictions and predicted < PREDICTED * masked_lm_prob and figures.most_predictions < fitting:
        yield Warned(
            "predictions",
            f"{predicted:.1%} of the pieces are predicted, not {masked_lm_prob:.0%}: {figures.full:,} of "
            f"{figures.instances:,} instances use up all {figures.most_predictions} predictions; "
            f"--max_predictions_per_seq {fitting} fits --max_seq_length {max_seq_length}",
        )
    padding = figures.padding / max(figures.pieces + figures.padding, 1)
    if padding > PADDING:
        yield Warned(
            "padding",
            f"{padding:.1%} of the positions are padding, more than {PADDING:.0%}: documents are short; train faster with a "
            "smaller --max_seq_length, or fill instances from several documents by --objective=full_sentences",
        )
    yield from _doubts_about_labels(figures.labels, label_shares)


def _doubts_about_labels(labels: Sequence[int], expected: Sequence[float]) -> Iterator[Warned]:
    labelled = sum(labels)
    if labelled < _ENOUGH_INSTANCES:
        return
    for label, usual in list(enumerate(expected))[1:]:  # label 0 has the remaining share
        share = labels[label] / labelled if label < len(labels) else 0.0
        least, most = (factor * usual for factor in LABELS)
        if not least <= share <= most:
            about = "half" if usual == 0.5 else f"{usual:.0%}"
            yield Warned(
                "labels",
                f"{share:.1%} of the instances have label {label}, not about {about} (from {least:.0%} to {most:.0%}): the "
                "second-segment task can be guessed; are documents separated as they should be (one in a shard has no "
                "partner)? else choose another --objective",
            )
            return


def doubts_about_vocabulary(unknown_words: float, pieces_per_word: float) -> Iterator[Warned]:
    """One line for each figure of a learned vocabulary, on its own text, that is beyond its threshold."""
    if unknown_words > UNKNOWN_WORDS:
        yield Warned(
            "unknown_words",
            f"{unknown_words:.1%} of the words become [UNK], more than {UNKNOWN_WORDS:.0%}: "
            "the text has more characters than the vocabulary; raise --alphabet_size, or lower --min_frequency",
        )
    if pieces_per_word > PIECES_PER_WORD:
        yield Warned(
            "pieces_per_word",
            f"{pieces_per_word:.2f} pieces per word, more than {PIECES_PER_WORD}: "
            "the vocabulary is small for this text; raise --vocab_size, or lower --min_frequency",
        )
